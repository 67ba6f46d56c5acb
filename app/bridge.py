"""Where core's callbacks become Qt signals, and the only place where work crosses threads.

A document tells its observers on the thread that owns it; `DocumentSignals` passes that on as a signal. Long work
is given an immutable value and runs on a `Worker`, which keeps the latest request only: what an edit has overtaken
is cancelled, and its answer is dropped.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal

from ..core.cancelling import Stopped
from ..core.document import Change, Document
from ..core.foreign import give_up, working
from ..core.printing import hearing, unheard
from .leaving import HANGS, desks
from .raising import raise_in
from .sweeping import sweeping

# Seconds after which a thread at work lets the window go on. Each call into Qt may let go of the interpreter, and waits
# for it as long: with Python's own 5 ms one frame took 50.
SWITCH = 0.0005


class DocumentSignals(QObject):
    """The one signal of the document that it follows: `changed(Change)`, on the window's thread, until `close`."""

    changed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._end: Callable[[], None] | None = None

    def follow(self, document: Document) -> None:
        """Tell of this document from now on, and no more of another."""
        self.close()
        self._end = document.observe(self._tell)

    def _tell(self, change: Change) -> None:
        self.changed.emit(change)

    def close(self) -> None:
        """Tell of no document."""
        if self._end is not None:
            self._end()
            self._end = None


class Request:
    """One piece of work: what it is for, and whether it is still wanted. Long work asks `cancelled` now and then."""

    def __init__(self, work: Callable[[Request], Any]) -> None:
        self.work = work
        self._cancelled = threading.Event()

    @property
    def cancelled(self) -> bool:
        return self._cancelled.is_set()

    def cancel(self) -> None:
        self._cancelled.set()


class _Desk:
    """What a worker and its thread share. The thread knows nothing else of the window, and may outlive it."""

    def __init__(self, name: str, patience: float, finishes: bool, waits: bool, arrived: Callable[..., None]) -> None:
        self.patience, self.finishes, self.waits = patience, finishes, waits
        self.wake = threading.Condition()
        self.waiting: Request | None = None
        self._doing: Request | None = None
        self._arrived: Callable[..., None] | None = arrived  # None: closed, nobody is to be told of anything
        self.lost: list[threading.Thread] = []  # threads that were given up
        self.thread = self._thread(name)

    def _thread(self, name: str) -> threading.Thread:
        return threading.Thread(target=self._serve, name=name, daemon=True)

    @property
    def closed(self) -> bool:
        return self._arrived is None

    def close(self) -> None:
        """Let the thread end as soon as it can. From here on it tells nobody anything."""
        with self.wake:
            self._arrived = None
            if not self.finishes:
                self.waiting = None
                if self._doing is not None:
                    self._doing.cancel()
            self.wake.notify()

    def look(self) -> None:
        """Go on with another thread where that of now has been in an op of a plugin or at loading one for too long.

        What else there is of a plugin, as its data, may take as long as it likes, until something else is wanted.
        """
        work = working(self.thread.ident) if self.thread.is_alive() else None  # another thread may have its number
        if work is None or self.waits or time.perf_counter() - work.since < HANGS:
            return
        with self.wake:
            request = self._doing
            if not work.ends and (request is None or not request.cancelled):
                return
            error = give_up(work, HANGS) if work.ends else None
            if self._arrived is not None and request is not None and not request.cancelled:
                self._arrived(request, None, error)
            self.lost.append(self.thread)
            raise_in(self.thread.ident or 0, Stopped)  # a loop in Python ends by that, one in C goes on
            self._doing, self.thread = None, self._thread(self.thread.name)
            self.thread.start()

    def _serve(self) -> None:
        with hearing(unheard):  # what is computed so that it can be shown was not run by anybody
            self._work()

    def _work(self) -> None:
        while (request := self._next()) is not None:
            result: Any = None
            error: BaseException | None = None
            try:
                result = request.work(request)
            except BaseException as raised:  # told by the window: a thread that ends in silence helps nobody
                error = raised
            with self.wake:  # so that nothing is closed or dropped between the look and the telling
                if self.thread is not threading.current_thread():
                    return  # it was given up
                if self._arrived is not None and not request.cancelled:
                    with suppress(RuntimeError):  # of Qt: who asked has been deleted, and nobody is there to be told
                        self._arrived(request, result, error)
                self._doing = None
            del request, result, error  # nothing is held while the thread waits

    def _next(self) -> Request | None:
        """What is to be done next, once there is something; None when the thread is to end."""
        with self.wake:
            while True:
                while self.waiting is None and not self.closed:
                    self.wake.wait()
                if self.patience and not self.closed:
                    self.wake.wait_for(lambda: self.closed, self.patience)
                self._doing, self.waiting = self.waiting, None
                if self._doing is not None or self.closed:
                    return self._doing


class Worker(QObject):
    """A thread of its own for one kind of work. The latest request counts: an earlier one is cancelled.

    `finished(result)` and `failed(error)` come on the window's thread, and only for work that is still wanted.
    """

    finished = Signal(object)
    failed = Signal(object)
    _arrived = Signal(object, object, object)

    def __init__(
        self,
        name: str,
        parent: QObject | None = None,
        patience: float = 0.0,
        finishes: bool = False,
        waits: bool = False,
    ) -> None:
        """`patience`: seconds that work waits before it begins, so that what asked for it can be painted first.

        `finishes`: what is asked for when the worker is closed is done to its end, as a file that is to be written.
        `waits`: an op of a plugin may take as long as it likes, as where the user ends it; else it is given up.
        """
        super().__init__(parent)
        sys.setswitchinterval(SWITCH)
        self._current: Request | None = None
        self._arrived.connect(self._deliver, Qt.ConnectionType.QueuedConnection)
        self._desk = desk = _Desk(name, patience, finishes, waits, self._arrived.emit)
        self.destroyed.connect(lambda *_: desk.close())  # with its parent: a method of its own would not be called
        desks.add(desk)
        sweeping().begin()
        desk.thread.start()

    @property
    def busy(self) -> bool:
        """Whether the latest request has not been answered yet."""
        return self._current is not None

    @property
    def held_up(self) -> str:
        """What of a plugin has not returned for long, "" where nothing."""
        desk = self._desk
        work = working(desk.thread.ident) if desk.thread.is_alive() else None
        return "" if work is None or time.perf_counter() - work.since < HANGS / 2 else work.what

    def ask(self, work: Callable[[Request], Any]) -> None:
        """Do `work(request)` on the thread, in place of whatever was asked before."""
        request = Request(work)
        sweeping().asked_at = time.monotonic()
        with self._desk.wake:
            if self._current is not None:
                self._current.cancel()
            self._current = self._desk.waiting = request
            self._desk.wake.notify()

    def cancel(self) -> None:
        """Drop the latest request."""
        with self._desk.wake:
            if self._current is not None:
                self._current.cancel()
            self._current = self._desk.waiting = None

    def close(self) -> None:
        """End the thread, at once where it waits, else by itself when its work is done. Nothing is waited for."""
        if not self._desk.finishes:
            self.cancel()
        self._current = None
        self._desk.close()

    def _deliver(self, request: Request, result: Any, error: BaseException | None) -> None:
        if request is not self._current or request.cancelled:
            return
        self._current = None
        if error is not None:
            request.cancel()  # of what was given up something may still be at work
            self.failed.emit(error)
        else:
            self.finished.emit(result)
