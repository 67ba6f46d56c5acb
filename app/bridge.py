"""Where core's callbacks become Qt signals, and the only place where work crosses threads.

A document tells its observers on the thread that owns it; `DocumentSignals` passes that on as a signal. Long work
is given an immutable value and runs on a `Worker`, which keeps the latest request only: what an edit has overtaken
is cancelled, and its answer is dropped.
"""

from __future__ import annotations

import atexit
import sys
import threading
import weakref
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal

from ..core.document import Change, Document
from ..core.errors import GradwireError

# Seconds after which a thread at work lets the window go on. Each call into Qt may let go of the interpreter, and waits
# for it as long: with Python's own 5 ms one frame took 50.
SWITCH = 0.0005


class DocumentSignals(QObject):
    """The one signal of a document: `changed(Change)`, on the window's thread, until `close`."""

    changed = Signal(object)

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._end = document.observe(self._tell)

    def _tell(self, change: Change) -> None:
        self.changed.emit(change)

    def close(self) -> None:
        self._end()


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


_workers: weakref.WeakSet[Worker] = weakref.WeakSet()


@atexit.register
def _end() -> None:
    """A thread at work while the interpreter goes would crash it."""
    for worker in tuple(_workers):
        worker.close()


class Worker(QObject):
    """A thread of its own for one kind of work. The latest request counts: an earlier one is cancelled.

    `finished(result)` and `failed(error)` come on the window's thread, and only for work that is still wanted.
    """

    finished = Signal(object)
    failed = Signal(object)
    _arrived = Signal(object, object, object)

    def __init__(self, name: str, parent: QObject | None = None, patience: float = 0.0) -> None:
        """`patience`: seconds that work waits before it begins, so that what asked for it can be painted first."""
        super().__init__(parent)
        sys.setswitchinterval(SWITCH)
        self._patience = patience
        self._waiting: Request | None = None
        self._current: Request | None = None
        self._wake = threading.Condition()
        self._closed = False
        self._arrived.connect(self._deliver, Qt.ConnectionType.QueuedConnection)
        self._thread = threading.Thread(target=self._serve, name=name, daemon=True)
        self._thread.start()
        _workers.add(self)

    @property
    def busy(self) -> bool:
        """Whether the latest request has not been answered yet."""
        return self._current is not None

    def ask(self, work: Callable[[Request], Any]) -> None:
        """Do `work(request)` on the thread, in place of whatever was asked before."""
        request = Request(work)
        with self._wake:
            if self._current is not None:
                self._current.cancel()
            self._current = self._waiting = request
            self._wake.notify()

    def cancel(self) -> None:
        """Drop the latest request."""
        with self._wake:
            if self._current is not None:
                self._current.cancel()
            self._current = self._waiting = None

    def close(self, seconds: float = 2.0) -> None:
        """End the thread; waits until the work at hand has noticed, at most so long."""
        self.cancel()
        with self._wake:
            self._closed = True
            self._wake.notify()
        self._thread.join(seconds)

    def _serve(self) -> None:
        while True:
            with self._wake:
                while self._waiting is None and not self._closed:
                    self._wake.wait()
                if self._patience and not self._closed:
                    self._wake.wait_for(lambda: self._closed, self._patience)
                    if self._waiting is None:  # cancelled meanwhile
                        continue
                if self._closed:
                    return
                request, self._waiting = self._waiting, None
            assert request is not None
            result, error = None, None
            try:
                result = request.work(request)
            except GradwireError as refused:
                error = refused
            except Exception as unexpected:  # told by the window: a thread that ends in silence helps nobody
                error = unexpected
            if not request.cancelled and not self._closed:
                self._arrived.emit(request, result, error)

    def _deliver(self, request: Request, result: Any, error: Exception | None) -> None:
        if request is not self._current or request.cancelled:
            return
        self._current = None
        if error is not None:
            self.failed.emit(error)
        else:
            self.finished.emit(result)
