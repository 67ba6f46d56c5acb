"""Iterations recorded beside the window, one at a time: the latest that was asked for counts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QObject, Signal

from ...core.evaluating import Asked
from ...core.graph import Source
from ...core.session import Session
from ...core.stepping import Cursor, Timeline
from ...core.stepping.breakpoints import Breakpoint, Halt, run_on
from ..bridge import Request, Worker
from ..results.staleness import Staleness

if TYPE_CHECKING:
    from ...core.stepping.recorder import Iteration, Recorder

Start = Callable[[Timeline], Cursor]
MOST = 10_000  # iterations through which a breakpoint is looked for


class Arrival(NamedTuple):
    """An iteration, the moment of it that was asked for, and whether it was recorded before and computed again.

    Where breakpoints were asked for, `halt` is what came of them.
    """

    iteration: Iteration
    start: Start
    replayed: bool
    halt: Halt | None = None


class Recordings(QObject):
    """The iterations of one graph, from the values that it had at `begin` on."""

    arrived = Signal(object)  # an Arrival
    failed = Signal(str)  # why nothing was recorded

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._recorder: Recorder | None = None
        self._session: Session | None = None
        self._stale: Staleness | None = None
        self._worker: Worker | None = None  # begun when something is recorded

    @property
    def busy(self) -> bool:
        """Whether an iteration is on its way."""
        return self._worker is not None and self._worker.busy

    def begin(self, session: Session | None, root: Source | None) -> bool:
        """Record the graph of a session as it is, with the gradients of a root, from now on; whether there is one."""
        if session is None:
            return False
        from ...core.stepping.recorder import Recorder  # with all of training, which nothing needs before

        asked = Asked.of(session, root)
        self._session, self._stale = session, Staleness(asked)
        self._recorder = Recorder(asked, session.registry)
        if self._worker is None:
            self._worker = Worker("stepper", self)
            self._worker.finished.connect(self._take)
            self._worker.failed.connect(lambda error: self.failed.emit(str(error)))
        return True

    def is_stale(self, id: str) -> bool:
        """Whether a node was recorded in another graph, or with other values, than are there now."""
        return self._session is not None and self._stale is not None and self._stale.is_stale(self._session, id)

    def want(self, number: int, start: Start) -> None:
        """Have an iteration recorded, unless it is kept, and told with the moment `start` of it."""
        recorder = self._recorder
        assert recorder is not None
        assert self._worker is not None

        def work(request: Request) -> Arrival | None:
            replayed = recorder.recorded(number) and not recorder.keeps(number)
            iteration = recorder.iteration(number, lambda: request.cancelled)
            return None if iteration is None else Arrival(iteration, start, replayed)

        self._worker.ask(work)

    def run_on(self, number: int, cursor: Cursor, points: Sequence[Breakpoint]) -> None:
        """Have iterations recorded until a breakpoint halts, without any to the end of this one."""
        recorder = self._recorder
        assert recorder is not None
        assert self._worker is not None

        def work(request: Request) -> Arrival | None:
            current, at = number, cursor
            while (iteration := recorder.iteration(current, lambda: request.cancelled)) is not None:
                halt = run_on(iteration.timeline, at, points)
                last = not recorder.trains or not any(point.enabled and not point.logged for point in points)
                if halt.breakpoint is not None or last or current - number >= MOST:
                    return Arrival(iteration, _to(halt.cursor), replayed=False, halt=halt)
                current, at = current + 1, Cursor()
            return None

        self._worker.ask(work)

    def stop(self) -> None:
        """Drop what was asked for, and all that was recorded."""
        if self._worker is not None:
            self._worker.cancel()
        self._recorder = self._session = self._stale = None

    def close(self) -> None:
        """End the thread."""
        if self._worker is not None:
            self._worker.close()

    def _take(self, arrival: Arrival | None) -> None:
        if arrival is not None:
            self.arrived.emit(arrival)


def _to(cursor: Cursor) -> Start:
    return lambda timeline: cursor
