"""How a console is loaded: most beside the window, what changes classes of Qt on its thread and in small pieces."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from itertools import chain

from PySide6.QtCore import QObject, QTimer, Signal

from ..bridge import Worker

PAUSE = 4  # milliseconds for the window between two pieces of loading

# What has nothing of Qt's widgets: imported on a worker's thread.
_BESIDE = (
    "gradwire.app.console.engine",
    "gradwire.app.console.host",
    "gradwire.core.scripting",
    "IPython.core.application",
    "IPython.core.completer",
    "IPython.core.completerlib",
    "IPython.core.crashhandler",
    "IPython.core.magics",
    "IPython.core.oinspect",
    "IPython.lib.latextools",
    "ipython_pygments_lexers",
    "packaging.version",
    "pygments.formatters.html",
    "pygments.lexers.python",
    "pygments.styles.default",
)

# qtpy changes classes of Qt as it is imported, which crashes what another thread of it paints: on the window's thread.
_OF_QT = (
    "qtpy.QtGui",
    "qtpy.QtWidgets",
    "qtpy.QtPrintSupport",
    "qtpy.QtSvg",
    "qtconsole.console_widget",
    "qtconsole.frontend_widget",
    "qtconsole.jupyter_widget",
    "qtconsole.rich_jupyter_widget",
    "gradwire.app.console.view",
)


def load_beside() -> None:
    """Import on this thread, any, what has nothing of Qt's widgets."""
    for name in _BESIDE:
        import_module(name)


def load_on_window() -> Iterator[None]:
    """Import the rest on the window's thread; between two pieces the window can be served."""
    # qtconsole takes the names of Qt's modules by a star, which finds only those that somebody has used already.
    for module in ("QtCore", "QtGui", "QtWidgets", "QtOpenGL"):
        qt = import_module(f"PySide6.{module}")
        for name in dir(qt):
            getattr(qt, name)
        yield
    for name in _OF_QT:
        import_module(name)
        yield


class Loading(QObject):
    """Loads a console once. `then` gives the pieces in which it is made when all that it needs is there."""

    failed = Signal(object)  # the error

    def __init__(self, parent: QObject, then: Callable[[], Iterator[None]]) -> None:
        super().__init__(parent)
        self._then = then
        self._worker = Worker("console loading", self)
        self._worker.finished.connect(self._take)
        self._worker.failed.connect(self.failed)

    def begin(self) -> None:
        """Load what can be loaded beside the window, then the rest."""
        self._worker.ask(lambda _: load_beside())

    def _take(self, _: object) -> None:
        self._worker.close()
        self._go_on(chain(load_on_window(), self._then()))

    def _go_on(self, pieces: Iterator[None]) -> None:
        """Do the next piece, and the one after it when the window has been served."""
        try:
            next(pieces)
        except StopIteration:
            return
        except ImportError as error:
            self.failed.emit(error)
            return
        QTimer.singleShot(PAUSE, self, lambda: self._go_on(pieces))
