"""Where in which iteration a window is. The canvas and the panels show that moment instead of what Live computes."""

from __future__ import annotations

from functools import partialmethod
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from ...core.document import Change
from ...core.session import Session
from ...core.stepping import Cursor, Moment, Timeline
from ...core.stepping.branch import RECORDED
from ...core.stepping.walking import OP
from ..bridge import DocumentSignals
from ..results.live import Live
from .going_over import Going
from .recordings import Arrival, Recordings, Span, Start

if TYPE_CHECKING:
    from ...core.stepping.recorder import Iteration
    from ...core.summary import IterationSummary


class Stepper(QObject):
    """A cursor in recorded iterations. `changed` whenever the moment is another one.

    It rests until the first step. What it shows is of the graph and the values as they were when that was recorded.
    """

    changed = Signal()
    told = Signal(str, str)  # a line for the status bar, and "note" or "refusal"
    halted = Signal(object)  # a Halt: where a run to the next breakpoint has ended
    began = Signal()  # it shows a moment, and has rested before
    left = Signal()  # it rests
    reached = Signal()  # there are more iterations to go to

    def __init__(self, live: Live, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.live = live
        self.grain, self.going = OP, Going()  # how far a step goes, and the last one went
        self.moment: Moment | None = None  # None at rest
        self.branch, self.replayed = RECORDED, False  # of the iteration; whether it has been computed again
        self.history: tuple[IterationSummary, ...] = ()  # of all iterations that were recorded, in order
        self.span: Span | None = None  # the iterations that one can go to; None where none follows another
        self._iteration: Iteration | None = None
        self._signals, self.recordings = DocumentSignals(self), Recordings(live, self)
        self._signals.changed.connect(self._follow)
        self.recordings.arrived.connect(self._take)
        self.recordings.failed.connect(lambda reason: self.told.emit(f"Nothing was recorded: {reason}", "refusal"))

    def follow(self, session: Session) -> None:
        """Step through this session's graph from now on."""
        self.leave()
        self.recordings.session = session
        self._signals.follow(session.document)

    def close(self) -> None:
        """End the thread."""
        self.leave()
        self.recordings.close()

    @property
    def active(self) -> bool:
        """Whether a moment is shown, not what Live computes."""
        return self.moment is not None

    @property
    def timeline(self) -> Timeline | None:
        """The iteration that is shown, None at rest."""
        return None if self._iteration is None else self._iteration.timeline

    @property
    def cursor(self) -> Cursor:
        return Cursor() if self.moment is None else self.moment.cursor

    @property
    def at_end(self) -> bool:
        """Whether the iteration that is shown is done."""
        return self.timeline is not None and self.cursor == self.timeline.end

    @property
    def number(self) -> int:
        """The number of the iteration, from 1."""
        return 1 if self._iteration is None else self._iteration.number

    @property
    def trains(self) -> bool:
        """Whether iterations follow one another: the graph says how it is trained, and gradients are of its loss."""
        return self._iteration is not None and self._iteration.trains

    def step(self, grain: str | None = None) -> None:
        """One step on; from rest the first one, from the end of an iteration into the next."""
        timeline, (on, _) = self.timeline, self.going.ways(grain or self.grain)
        if timeline is None:
            self.begin(lambda timeline: on(timeline, Cursor()))
        elif not self.at_end:
            self._stand(timeline, on(timeline, self.cursor))
        elif self.trains:
            self.recordings.want(self.number + 1, self.branch, lambda timeline: on(timeline, Cursor()))
        else:
            self.told.emit(OUTDATED if self.recordings.outdated else _end(timeline), "note")

    def back(self, grain: str | None = None) -> None:
        """One step back, as `step` went on; from the first step of an iteration to the end of the one before."""
        timeline, (_, back) = self.timeline, self.going.ways(grain or self.grain)
        if timeline is None:
            self.begin(lambda timeline: back(timeline, timeline.end))
        elif (before := back(timeline, self.cursor)) == Cursor() and self.number > 1:
            self.recordings.want(self.number - 1, self.branch, lambda timeline: timeline.end)
        else:
            self._stand(timeline, before)

    def begin(self, start: Start = lambda timeline: Cursor(), run: Path | None = None) -> None:
        """Record the graph as it is, or take the last iteration of a `run` in its folder; stand where `start` says."""
        # A second tap on Space while the first is recorded must not begin it again: it would never arrive.
        if not self.recordings.busy and (new := self.recordings.begin(run)) is not None:
            self.recordings.want(1 if run is None else None, RECORDED, start, new)

    def go(self, find: Start) -> None:
        """To the moment that `find` finds in the iteration that is shown, or in the first one."""
        self.going.by = self.grain
        self.begin(find) if self.timeline is None else self._stand(self.timeline, find(self.timeline))

    to_start = partialmethod(go, lambda timeline: Cursor())  # before the first step of the iteration
    to_end = partialmethod(go, lambda timeline: timeline.end)  # after its last one

    def seek(self, cursor: Cursor) -> None:
        """To any moment of the iteration that is shown."""
        if self.timeline is not None:
            self.go(lambda timeline: max(Cursor(), min(cursor, timeline.end)))

    def visit(self, number: int) -> None:
        """To the same place in another iteration that was recorded, whose arrays may have to be computed again."""
        cursor, steps = self.cursor, abs(number - self.number)
        if self.trains and steps:
            running = f"recording iterations up to {number:,}" if steps > 1 else ""
            self.recordings.want(number, self.branch, lambda timeline: min(cursor, timeline.end), running=running)

    def choose_grain(self, grain: str) -> None:
        """Go by these steps from now on."""
        self.grain = grain
        self.changed.emit()

    def leave(self) -> None:
        """Rest: what Live computes is shown again."""
        self.recordings.stop()
        shown, self.moment = self.active, None
        self._iteration, self.history, self.span, self.branch = None, (), None, RECORDED
        self.left.emit()
        if shown:
            self.changed.emit()

    def _stand(self, timeline: Timeline, cursor: Cursor) -> None:
        """Show a moment of the iteration that is shown, with the group that the last step has gone over."""
        self.moment = Moment(timeline, cursor, self.going.over(timeline, cursor))
        self.changed.emit()

    def _take(self, arrival: Arrival) -> None:
        if not arrival.iteration.timeline.steps:
            self.leave()
            self.told.emit("There is nothing to step through: no node has a value", "refusal")
            return
        rested = not self.active
        self._iteration, self.branch, self.replayed = arrival.iteration, arrival.branch, arrival.replayed
        self.history, self.span = arrival.history, arrival.span
        self.going.by = self.grain if arrival.halt is not None else self.going.by  # it halts at any step
        self._stand(arrival.iteration.timeline, arrival.start(arrival.iteration.timeline))
        _announce(self, arrival, rested)

    def _follow(self, change: Change) -> None:
        if change.semantic and self.active:
            self.changed.emit()


def _announce(stepper: Stepper, arrival: Arrival, rested: bool) -> None:
    """Tell what else has come about than another moment."""
    if rested:
        stepper.began.emit()
    if arrival.halt is not None:
        stepper.halted.emit(arrival.halt)
    if (error := arrival.iteration.timeline.run.gradients.error) is not None:
        stepper.told.emit(f"No gradients: {error}", "refusal")


OUTDATED = "This is the end of what was recorded, and there is another now: Record again (Ctrl+F5) takes that"


def _end(timeline: Timeline) -> str:
    """Why no iteration follows, and where one can go."""
    return f"{_why_no_more(timeline)}. ← on the timeline steps back, Home goes to its start"


def _why_no_more(timeline: Timeline) -> str:
    if timeline.run.gradients.error is not None:
        return f"This is the end: there are no gradients, since {timeline.run.gradients.error}"
    if timeline.cuts.no_start:
        return f"This is the end: there are no gradients: {timeline.cuts.no_start}"
    training = timeline.run.asked.graph.training
    why = "without training settings" if training is None else "with other gradients than those of the loss"
    return f"This is the end: {why} there is one iteration"


def reach(stepper: Stepper, run: Path, last: int) -> None:
    """Tell a stepper how far a run has come by now: of the one that is shown there is more to go to."""
    if stepper.span is not None and stepper.recordings.run == run and last > stepper.span.last:
        stepper.span = stepper.span._replace(last=last)
        stepper.reached.emit()
