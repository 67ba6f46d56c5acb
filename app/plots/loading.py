"""Loading pyqtgraph, which is as long on its way as forty frames: on a thread that begins a run, beside the window.

PySide makes a class of Qt when it is first asked for, and pyqtgraph asks for all there are. Asked on two threads at
once that ends the process, so the window's own thread makes them first, a few milliseconds at a time.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from time import perf_counter

from PySide6.QtCore import QObject, QTimer, Signal

from ..bridge import Request

SLICE = 0.004  # seconds at once
LOOK = 0.05  # seconds after which a thread that waits looks whether anybody still wants it
MODULES = ("QtCore", "QtGui", "QtWidgets")  # all of whose classes pyqtgraph takes


class QtClasses(QObject):
    """Makes all classes of Qt on the thread that it belongs to, for others that ask."""

    _wanted = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._made = threading.Event()
        self._left: Iterator[None] | None = None
        self._timer = QTimer(self, interval=0)
        self._timer.timeout.connect(self._make)
        self._wanted.connect(self._timer.start)

    def wait(self, request: Request) -> bool:
        """On another thread: whether they are there, at the latest when nobody wants any more what they are for."""
        if not self._made.is_set():
            self._wanted.emit()
        while not self._made.wait(LOOK) and not request.cancelled:
            pass
        return self._made.is_set()

    def _make(self) -> None:
        self._left = self._left or _each()
        end = perf_counter() + SLICE
        for _ in self._left:
            if perf_counter() > end:
                return
        self._timer.stop()
        self._made.set()


def _each() -> Iterator[None]:
    """Make one class after the other."""
    for name in MODULES:
        module = sys.modules[f"PySide6.{name}"]
        for each in dir(module):
            getattr(module, each)
            yield


_classes: QtClasses | None = None


def prepare() -> None:
    """On the window's thread, before any other one asks for plots."""
    global _classes
    _classes = _classes or QtClasses()


def load_plots(request: Request) -> None:
    """On another thread: load what draws plots, unless nobody wants that any more."""
    assert _classes is not None, "prepare() comes first"
    if _classes.wait(request):
        from . import page  # noqa: F401
