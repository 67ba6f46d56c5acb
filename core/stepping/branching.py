"""Branches of a recording: iterations recorded again with values put in by hand, beside the recording itself."""

from __future__ import annotations

from ..cancelling import Cancelled, never
from ..graph import Source
from ..summary import IterationSummary
from .branch import RECORDED, Branch
from .recorder import Iteration, Recorder
from .storage import storage
from .timeline import Array


class Branches:
    """The iterations of a recording and of all that branches off it, within one budget.

    A branch of which nothing is kept any more is recorded anew when it is wanted. Belongs to the thread that uses it.
    """

    def __init__(self, recorder: Recorder) -> None:
        self._recorders: dict[Branch, Recorder] = {RECORDED: recorder}
        self._reached: dict[Branch, int] = {}  # up to which iteration each was recorded, kept or not

    @property
    def trains(self) -> bool:
        """Whether iterations follow one another."""
        return self._recorders[RECORDED].trains

    @property
    def bytes(self) -> int:
        """What is kept now."""
        return self._recorders[RECORDED].shelf.keeping.bytes

    @property
    def newest(self) -> int:
        """The last iteration of the run whose iterations these are; without such a run the first."""
        origin = self._recorders[RECORDED].origin
        return 1 if origin is None else max(origin.last - 1, origin.first)

    def replays(self, number: int, branch: Branch = RECORDED) -> bool:
        """Whether this iteration was recorded before, and is to be computed again."""
        branch = branch.until(number)
        known = self._recorders.get(branch)
        return number <= self._reached.get(branch, 0) and (known is None or not known.keeps(number))

    def iteration(self, number: int, cancelled: Cancelled = never, branch: Branch = RECORDED) -> Iteration | None:
        """The iteration `number` of a branch: before the first value that was put in, that of the recording.

        None where the work was cancelled.
        """
        branch = branch.until(number)
        found = self._recorder(branch).iteration(number, cancelled)
        if found is not None:
            self._reached[branch] = max(number, self._reached.get(branch, 0))
        self._recorders = {b: known for b, known in self._recorders.items() if b == RECORDED or known.shelf.states}
        return found

    def summaries(self, branch: Branch = RECORDED) -> tuple[IterationSummary, ...]:
        """Of the iterations of a branch that were recorded, kept or not, in order."""
        return self._recorder(branch).summaries()

    def _recorder(self, branch: Branch) -> Recorder:
        found = self._recorders.get(branch)
        if found is None:
            last = branch.puts[-1].number
            values: dict[int, dict[Source, Array]] = {}
            for put in branch.puts:
                values.setdefault(put.number, {})[put.source] = put.value
            found = self._recorder(branch.until(last - 1)).branch(values, last)
            self._recorders[branch] = found
            found.shelf.keeping.hold(storage(put.value for put in branch.puts))
        return found
