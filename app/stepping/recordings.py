"""Iterations recorded beside the window, one at a time: the latest that was asked for counts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QObject, Signal

from ...core.evaluating import Asked, Root
from ...core.session import Session
from ...core.stepping import Cursor, Timeline
from ...core.stepping.breakpoints import Breakpoint, Halt, run_on
from ..bridge import Request, Worker
from ..results.staleness import Staleness

if TYPE_CHECKING:
    from ...core.stepping.branch import Branch
    from ...core.stepping.branching import Branches
    from ...core.stepping.recorder import Iteration

Start = Callable[[Timeline], Cursor]
MOST = 10_000  # iterations through which a breakpoint is looked for


class Arrival(NamedTuple):
    """An iteration of a branch, the moment of it that was asked for, and whether it was recorded before and computed
    again.

    `stale` says what of it no longer holds. Where breakpoints were asked for, `halt` is what came of them.
    """

    iteration: Iteration
    branch: Branch
    start: Start
    replayed: bool
    stale: Staleness
    halt: Halt | None = None


class Recordings(QObject):
    """The iterations of one graph, from the values that it had at `begin` on, and of what was forked off them."""

    arrived = Signal(object)  # an Arrival
    runs = Signal(bool)  # whether iterations are gone through for the next breakpoint
    failed = Signal(str)  # why nothing was recorded

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._branches: Branches | None = None
        self._session: Session | None = None
        self._begun: Staleness | None = None  # of what is recorded from now on
        self._stale: Staleness | None = None  # of what is shown
        self._worker: Worker | None = None  # begun when something is recorded
        self._looked_at: tuple[object, ...] = (None, None, None)
        self._outdated = False  # when that was looked at
        self.running = False  # through iterations, for the next breakpoint

    @property
    def busy(self) -> bool:
        """Whether an iteration is on its way."""
        return self._worker is not None and self._worker.busy

    @property
    def trains(self) -> bool:
        """Whether iterations of what is recorded now follow one another."""
        return self._branches is not None and self._branches.trains

    def begin(self, session: Session | None, roots: Sequence[Root]) -> bool:
        """Record the graph of a session as it is, with the gradients of roots, from now on; whether there is one."""
        if session is None:
            return False
        from ...core.stepping.branching import Branches  # with all of training, which nothing needs before
        from ...core.stepping.recorder import Recorder

        asked = Asked.of(session, *roots)
        self._session, self._begun = session, Staleness(asked)
        self._branches = Branches(Recorder(asked, session.registry))
        if self._worker is None:
            self._worker = Worker("stepper", self)
            self._worker.finished.connect(self._take)
            self._worker.failed.connect(self._fail)
        return True

    def is_stale(self, id: str) -> bool:
        """Whether a node was recorded in another graph, or with other values, than are there now."""
        return self._session is not None and self._stale is not None and self._stale.is_stale(self._session, id)

    @property
    def outdated(self) -> bool:
        """Whether what is shown was recorded of another graph, or with other values, than are there now."""
        session, stale = self._session, self._stale
        if session is None or stale is None:
            return False
        looked_at = stale, session.graph, session.document.versions
        if any(old is not new for old, new in zip(self._looked_at, looked_at, strict=True)):
            recorded = stale.asked.graph.nodes
            others = recorded.keys() != session.graph.nodes.keys()
            self._looked_at = looked_at
            self._outdated = others or any(stale.is_stale(session, id) for id in recorded)
        return self._outdated

    def want(self, number: int, branch: Branch, start: Start) -> None:
        """Have an iteration of a branch recorded, unless it is kept, and told with the moment `start` of it."""
        branches, stale = self._branches, self._begun
        assert branches is not None
        assert stale is not None

        def work(request: Request) -> Arrival | None:
            replayed = branches.replays(number, branch)
            iteration = branches.iteration(number, lambda: request.cancelled, branch)
            return None if iteration is None else Arrival(iteration, branch, start, replayed, stale)

        self._ask(work)

    def run_on(self, number: int, branch: Branch, cursor: Cursor, points: Sequence[Breakpoint]) -> None:
        """Have iterations recorded until a breakpoint halts, without any to the end of this one."""
        branches, stale = self._branches, self._begun
        assert branches is not None
        assert stale is not None

        def work(request: Request) -> Arrival | None:
            current, at = number, cursor
            while (iteration := branches.iteration(current, lambda: request.cancelled, branch)) is not None:
                halt = run_on(iteration.timeline, at, points, lambda: request.cancelled)
                if halt is None:
                    return None
                last = not branches.trains or not any(point.enabled and not point.logged for point in points)
                if halt.breakpoint is not None or last or current - number >= MOST:
                    return Arrival(iteration, branch, _to(halt.cursor), replayed=False, stale=stale, halt=halt)
                current, at = current + 1, Cursor()
            return None

        self._ask(work)
        self._run(True)

    def _ask(self, work: Callable[[Request], Arrival | None]) -> None:
        assert self._worker is not None
        self._run(False)  # what runs is overtaken
        self._worker.ask(work)

    def cancel(self) -> None:
        """Drop what was asked for."""
        if self._worker is not None:
            self._worker.cancel()
        self._run(False)

    def stop(self) -> None:
        """Drop what was asked for, and all that was recorded."""
        self.cancel()
        self._branches = self._session = self._begun = self._stale = None

    def close(self) -> None:
        """End the thread."""
        if self._worker is not None:
            self._worker.close()

    def _run(self, runs: bool) -> None:
        if runs != self.running:
            self.running = runs
            self.runs.emit(runs)

    def _take(self, arrival: Arrival | None) -> None:
        self._run(False)
        if arrival is not None:
            self._stale = arrival.stale
            self.arrived.emit(arrival)

    def _fail(self, error: Exception) -> None:
        self._run(False)
        self.failed.emit(str(error))


def _to(cursor: Cursor) -> Start:
    return lambda timeline: cursor
