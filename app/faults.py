"""What becomes of an error that nobody expected: a bar that tells it, and the program goes on."""

from __future__ import annotations

import sys
import threading
import traceback
from types import TracebackType

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication

from .application import Application


class Faults(QObject):
    """Takes the place of Python's own hook, which prints where no user of a window looks."""

    _happened = Signal(str, str)  # from any thread

    def __init__(self, application: Application) -> None:
        super().__init__(application)
        self._application = application
        self._happened.connect(self._show)

    def install(self) -> None:
        """From now on."""
        sys.excepthook = self.take
        threading.excepthook = lambda args: self.take(
            args.exc_type, args.exc_value or args.exc_type(), args.exc_traceback
        )

    def take(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        """Tell of an error: in a bar, and on the terminal for those who started from one."""
        if issubclass(kind, KeyboardInterrupt):
            self._application.qt.quit()
            return
        if "plugins" in vars(self._application) and self._application.plugins.takes(error, trace):
            return  # it is told of the plugin, whose fault it is
        details = "".join(traceback.format_exception(kind, error, trace))
        if sys.stderr is not None:
            sys.stderr.write(details)
        traceback.clear_frames(trace)  # a painter that is held there is one too many for the next frame
        reason = " ".join(f"{kind.__name__}: {error}".split())
        self._happened.emit(reason[:300], details)

    def _show(self, reason: str, details: str) -> None:
        window = self._application.active_window()
        if window is None:
            return
        window.bars.show_bar(
            "fault",
            f"A fault of this program: {reason}. The graph is as it was before; please report it.",
            "error",
            {"Copy details": lambda: QGuiApplication.clipboard().setText(details)},
        )
