"""How a cell has the window's thread do something: it waits for that, and the window never waits for it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from queue import Empty, SimpleQueue
from threading import Event
from time import perf_counter
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Qt, QThread, QTimer, Signal

from ...core.errors import GradwireError
from .cell import current

T = TypeVar("T")

# A loop of a cell asks again as soon as it has been answered. The window then does for a while what is asked, before it
# draws: one drawing after each answer would have a loop wait for a frame each time.
TOGETHER = 0.02  # seconds for which it does so at most
NEXT = 0.002  # seconds that it waits for what is asked next
CLOSE = 0.05  # seconds after an answer within which another question is one of a loop


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

    _asked = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._asked.connect(self._do, Qt.ConnectionType.QueuedConnection)
        self._waiting: set[_Errand] = set()
        self._next: SimpleQueue[_Errand] = SimpleQueue()
        self._depth = 0  # of errands that are being done: one may open a dialog, within which another is asked for
        self._answered = 0.0  # when something was last done, by the clock
        self._later = QTimer(self, singleShot=True, interval=0)
        self._later.timeout.connect(self._do)
        self._open = [True]  # a list, since it is asked when the rest of this object may be gone
        waiting, is_open = self._waiting, self._open
        self.destroyed.connect(lambda *_: _give_up(waiting, is_open))

    @property
    def serves(self) -> bool:
        """Whether what is done on the window's thread now is what was asked for here."""
        return self._depth > 0

    def do(self, work: Callable[[], T]) -> T:
        """Do `work` on the window's thread; what it returns, or raises. A cell that is told to stop waits no more."""
        if self._open[0] and QThread.currentThread() is self.thread():
            return self._served(work)
        errand = _Errand(lambda: self._served(work))
        self._waiting.add(errand)
        try:
            if self._open[0]:
                self._next.put(errand)
                self._asked.emit()
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

    def _served(self, work: Callable[[], T]) -> T:
        self._depth += 1
        try:
            return work()
        finally:
            self._depth -= 1

    def _do(self) -> None:
        """Do what is asked, and where that is a loop of a cell what it asks next; then let the window draw."""
        if self._later.isActive():
            return
        loops = perf_counter() - self._answered < CLOSE
        until = perf_counter() + TOGETHER * loops
        errand = self._taken(waits=False)
        while errand is not None:
            errand.do()
            self._answered = perf_counter()
            if self._answered >= until:
                break
            errand = self._taken(waits=True)
        if errand is not None and (loops or not self._next.empty()):
            self._later.start()  # a signal would come at once, before anything is drawn

    def _taken(self, waits: bool) -> _Errand | None:
        """The next one, which is waited for a moment where it is likely to come."""
        try:
            return self._next.get(timeout=NEXT) if waits else self._next.get_nowait()
        except Empty:
            return None


def _give_up(waiting: set[_Errand], is_open: list[bool]) -> None:
    is_open[0] = False
    for errand in tuple(waiting):
        errand.dropped = True
        errand.done.set()
