"""How a cell has the window's thread do something: it waits for that, and the window never waits for it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from threading import Event
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Qt, QThread, Signal

from ...core.errors import GradwireError
from .cell import current

T = TypeVar("T")


class _Errand:
    """One thing to do, and what came of it."""

    def __init__(self, work: Callable[[], Any]) -> None:
        self.work = work
        self.done = Event()  # nobody needs to wait any more
        self.finished = False  # it was done, or it raised
        self.dropped = False  # nobody waits for it any more
        self.result: Any = None
        self.error: BaseException | None = None

    def do(self) -> None:
        if not self.dropped:
            try:
                self.result = self.work()
            except BaseException as error:  # raised where it was asked for: who waits must be told of anything
                self.error = error
            self.finished = True
        self.done.set()

    def drop(self) -> None:
        """Leave it undone, unless it is done already; on the window's thread, so that this takes effect at once."""
        self.dropped = not self.finished
        self.done.set()


class Owner(QObject):
    """Does on the window's thread what others ask for, one after the other."""

    _asked = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._asked.connect(self._do, Qt.ConnectionType.QueuedConnection)
        self._waiting: set[_Errand] = set()
        self._open = [True]  # a list, since it is asked when the rest of this object may be gone
        waiting, is_open = self._waiting, self._open
        self.destroyed.connect(lambda *_: _give_up(waiting, is_open))

    def do(self, work: Callable[[], T]) -> T:
        """Do `work` on the window's thread; what it returns, or raises. A cell that is told to stop waits no more."""
        if self._open[0] and QThread.currentThread() is self.thread():
            return work()
        errand = _Errand(work)
        self._waiting.add(errand)
        try:
            if self._open[0]:
                self._asked.emit(errand)
                cell = current()
                with nullcontext() if cell is None else cell.woken_by(errand.drop):
                    errand.done.wait()
            else:
                errand.dropped = True
        finally:
            self._waiting.discard(errand)
            errand.dropped = errand.dropped or not errand.finished
        if errand.error is not None:
            raise errand.error
        if errand.dropped:
            raise GradwireError("this console was closed or restarted: its code reaches the window no more")
        return errand.result

    def close(self) -> None:
        """Nothing is done any more, and nobody waits."""
        _give_up(self._waiting, self._open)

    def _do(self, errand: _Errand) -> None:
        errand.do()


def _give_up(waiting: set[_Errand], is_open: list[bool]) -> None:
    is_open[0] = False
    for errand in tuple(waiting):
        errand.dropped = True
        errand.done.set()
