"""Iterations recorded beside the window, one at a time: the latest that was asked for counts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QObject, Signal

from ...core.errors import GradwireError
from ...core.evaluating import Asked
from ...core.feeding import iterations_per_epoch
from ...core.session import Session
from ...core.stepping import Cursor, Timeline
from ...core.stepping.breakpoints import Breakpoint, Halt, run_on
from ..bridge import Request, Worker
from ..results.live import Live
from ..results.staleness import Staleness
from .budget import USUAL

if TYPE_CHECKING:
    from ...core.stepping.branch import Branch
    from ...core.stepping.branching import Branches
    from ...core.stepping.recorder import Iteration
    from ...core.summary import IterationSummary
    from ...core.training.folder import RunFolder

Start = Callable[[Timeline], Cursor]
NEXT_BREAKPOINT = "running to the next breakpoint"
MOST = 10_000  # iterations through which a breakpoint is looked for


class Span(NamedTuple):
    """The iterations that there are to go to."""

    first: int
    last: int


class Recording:
    """A graph with the values that it had at one time, and what of these no longer holds."""

    def __init__(self, session: Session, asked: Asked, budget: int, run: Path | None = None, since: int = 1) -> None:
        """`budget` is how many bytes of iterations are kept. `run` is the folder of a run of training whose iterations
        are to be gone through, those from `since` on with the settings that its graph has here.
        """
        self.session, self.budget, self.run, self.since = session, budget, run, since
        self.stale = Staleness(asked)
        self._looked_at: tuple[object, ...] = (None, None)
        self._outdated = False  # when that was looked at
        self.asked, self._registry = asked, session.registry

    @property
    def outdated(self) -> bool:
        """Whether it is of another graph, or of other values, than are there now."""
        session, stale = self.session, self.stale
        looked_at = session.graph, session.document.versions
        if any(old is not new for old, new in zip(self._looked_at, looked_at, strict=True)):
            recorded = stale.asked.graph.nodes
            others = recorded.keys() != session.graph.nodes.keys()
            self._looked_at = looked_at
            self._outdated = others or any(stale.is_stale(session, id) for id in recorded)
        return self._outdated

    @cached_property
    def branches(self) -> Branches:
        """Its iterations; for the thread that records. Raises `GradwireError` where it cannot be trained."""
        from ...core.stepping.branching import Branches  # with all of training, which nothing needs before
        from ...core.stepping.recorder import Recorder

        return Branches(Recorder(self.asked, self._registry, self.budget, origin=self._origin))

    def span(self, number: int) -> Span | None:
        """Those of a run that it has left, else those that training takes, in any case up to `number`; None where no
        iteration follows another. For the thread that records: data are looked at.
        """
        return None if self._span is None else self._span._replace(last=max(self._span.last, number, self._told))

    def ends_with(self, number: int) -> bool:
        """Whether training ends with this iteration; of a run the last one that it has left."""
        return self._span is not None and number == max(self._span.last, self._told)

    @property
    def _told(self) -> int:
        """How many iterations the run has told of by now, also behind its last checkpoint; 0 where it tells of none."""
        if self.run is None:
            return 0
        from ...core.runs.columns import Columns
        from ...core.runs.record import CURVES

        return Columns(self.run / CURVES).rows

    @cached_property
    def _span(self) -> Span | None:
        training = self.asked.graph.training
        if training is None or not self.branches.trains:
            return None
        if self._origin is not None:
            return Span(1 if self.since > 1 else self._origin.first, self.branches.newest)
        return Span(1, max(1, iterations_per_epoch(self.asked.graph, self.asked.folder) * training.epochs))

    @cached_property
    def _origin(self) -> RunFolder | None:
        """What the run has left. Raises `GradwireError` where that is of another graph, or nothing."""
        if self.run is None:
            return None
        from ...core.training import Settings, Trainer
        from ...core.training.folder import RunFolder
        from ...core.training.resuming import identity

        asked = self.asked
        settings = Settings(dtype=asked.dtype)
        trainer = Trainer(asked.graph, self._registry, asked.values, asked.folder, settings)
        return RunFolder(self.run, identity(trainer), self.since)


class Arrival(NamedTuple):
    """An iteration of a branch of a recording, the moment of it that was asked for, and whether it was recorded before
    and computed again.

    `history` is what is known of all iterations of the branch, `span` which there are to go to. Where breakpoints were
    asked for, `halt` is what came of them.
    """

    recording: Recording
    iteration: Iteration
    branch: Branch
    start: Start
    replayed: bool
    history: tuple[IterationSummary, ...]
    span: Span | None
    halt: Halt | None = None


class Recordings(QObject):
    """What is recorded, and what was forked off it. Another recording takes its place once it has an iteration."""

    replaced = Signal()  # by a recording of what is there now: no branch of the one before can be shown any more
    arrived = Signal(object)  # an Arrival
    asked = Signal()  # for an iteration, which arrives later
    runs = Signal(str)  # for what iterations are gone through, as "running to the next breakpoint"; "": for nothing
    failed = Signal(str)  # why nothing was recorded

    def __init__(self, live: Live, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.session: Session | None = None  # whose graph is recorded next
        self._live = live
        self._shown: Recording | None = None
        self._worker: Worker | None = None  # begun when something is recorded
        self.budget = USUAL * 1_000_000  # bytes that a recording keeps, from the next one on
        self.running, self.arriving = "", False  # for what iterations are gone through; whether one is being told
        # Whether somebody else goes to an iteration of the run that is shown, as its graph is another one there.
        self.leads_elsewhere: Callable[[int, Start], bool] = lambda number, start: False
        # With the values that it has by now, where these are not those of its document.
        self.by_now: Callable[[Session], Session] = lambda session: session

    @property
    def busy(self) -> bool:
        """Whether an iteration is on its way."""
        return self._worker is not None and self._worker.busy

    def begin(self, run: Path | None = None, since: int = 1) -> Recording | None:
        """A recording of the graph as it is now, with the gradients that Live shows; None where there cannot be one.

        With the folder of a `run` its iterations are those of that run from `since` on, with the gradients of the loss.
        """
        roots = self._live.chosen if run is None else ()
        try:
            session = None if self.session is None else self.by_now(self.session)
            return None if session is None else Recording(session, Asked.of(session, *roots), self.budget, run, since)
        except GradwireError as error:
            self.failed.emit(str(error))
            return None

    @property
    def run(self) -> Path | None:
        """The folder of the run whose iterations are shown."""
        return None if self._shown is None else self._shown.run

    def is_stale(self, id: str) -> bool:
        """Whether a node was recorded in another graph, or with other values, than are there now."""
        return self._shown is not None and self._shown.stale.is_stale(self._shown.session, id)

    @property
    def outdated(self) -> bool:
        """Whether what is shown was recorded of another graph, other values or other roots than are there now."""
        shown = self._shown
        return shown is not None and (shown.outdated or (shown.run is None and shown.asked.roots != self._live.chosen))

    def want(
        self, number: int | None, branch: Branch, start: Start, new: Recording | None = None, running: str = ""
    ) -> None:
        """Have an iteration of a branch recorded, unless it is kept, and told with the moment `start` of it.

        None is the last one of a run that has left its folder. Of a `new` recording, or of that which is shown; the
        first iteration where that has no other. `running`: what that is called where it goes through many others.
        """
        if new is None and self.run is not None and number is not None and self.leads_elsewhere(number, start):
            return
        recording = self._of(new)

        def work(request: Request) -> Arrival | None:
            branches = recording.branches
            wanted = (branches.newest if number is None else number) if branches.trains else 1
            replayed = branches.replays(wanted, branch)
            iteration = branches.iteration(wanted, lambda: request.cancelled, branch)
            if iteration is None:
                return None
            known = branches.summaries(branch), recording.span(iteration.number)
            return Arrival(recording, iteration, branch, start, replayed, *known)

        self._ask(work)
        self._run(running)

    def run_on(
        self, number: int, branch: Branch, cursor: Cursor, points: Sequence[Breakpoint], new: Recording | None = None
    ) -> None:
        """Have iterations recorded until a breakpoint halts, without any to the end of this one."""
        recording = self._of(new)

        def work(request: Request) -> Arrival | None:
            branches, current, at, halt = recording.branches, number, cursor, None
            while (iteration := branches.iteration(current, lambda: request.cancelled, branch)) is not None:
                if (found := run_on(iteration.timeline, at, points, lambda: request.cancelled)) is None:
                    return None
                halt = found.after(halt)
                last = not (branches.trains and _halt(points)) or recording.ends_with(current)
                if halt.breakpoint is not None or last or current - number >= MOST:
                    known = branches.summaries(branch), recording.span(iteration.number)
                    return Arrival(recording, iteration, branch, _to(halt.cursor), False, *known, halt)
                current, at = current + 1, Cursor()
            return None

        self._ask(work)
        self._run(NEXT_BREAKPOINT)

    def _of(self, new: Recording | None) -> Recording:
        recording = new or self._shown
        assert recording is not None, "nothing is recorded"
        return recording

    def _ask(self, work: Callable[[Request], Arrival | None]) -> None:
        if self._worker is None:
            self._worker = Worker("stepper", self)
            self._worker.finished.connect(self._take)
            self._worker.failed.connect(self._fail)
        self._run()  # what runs is overtaken
        self._worker.ask(work)
        self.asked.emit()

    def cancel(self) -> None:
        """Drop what was asked for."""
        if self._worker is not None:
            self._worker.cancel()
        self._run()

    def stop(self) -> None:
        """Drop what was asked for, and what was recorded."""
        self.cancel()
        self._shown = None

    def close(self) -> None:
        """End the thread."""
        if self._worker is not None:
            self._worker.close()

    def _run(self, running: str = "") -> None:
        if running != self.running:
            self.running = running
            self.runs.emit(running)

    def _take(self, arrival: Arrival | None) -> None:
        self._run()
        if arrival is not None:
            if arrival.recording is not self._shown:
                self._shown = arrival.recording
                self.replaced.emit()
            self.arriving = True
            self.arrived.emit(arrival)
            self.arriving = False

    def _fail(self, error: Exception) -> None:
        self._run()
        self.failed.emit(str(error))


def _to(cursor: Cursor) -> Start:
    return lambda timeline: cursor


def _halt(points: Sequence[Breakpoint]) -> bool:
    """Whether any of them may."""
    return any(point.enabled and not point.logged for point in points)
