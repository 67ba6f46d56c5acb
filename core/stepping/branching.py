"""Branches of a recording: iterations recorded again with values put in by hand, beside the recording itself."""

from __future__ import annotations

from ..cancelling import Cancelled, never
from ..graph import Source
from .branch import RECORDED, Branch
from .recorder import Iteration, Recorder
from .timeline import Array


class Branches:
    """The iterations of a recording and of all that branches off it, within one budget.

    Belongs to the thread that uses it.
    """

    def __init__(self, recorder: Recorder) -> None:
        self._budget = recorder.keeping.budget
        self._recorders: dict[Branch, Recorder] = {RECORDED: recorder}

    @property
    def trains(self) -> bool:
        """Whether iterations follow one another."""
        return self._recorders[RECORDED].trains

    def replays(self, number: int, branch: Branch = RECORDED) -> bool:
        """Whether this iteration was recorded before, and is to be computed again."""
        known = self._recorders.get(branch.until(number))
        return known is not None and known.recorded(number) and not known.keeps(number)

    def iteration(self, number: int, cancelled: Cancelled = never, branch: Branch = RECORDED) -> Iteration | None:
        """The iteration `number` of a branch: before the first value that was put in, that of the recording.

        None where the work was cancelled.
        """
        return self._recorder(branch.until(number)).iteration(number, cancelled)

    def _recorder(self, branch: Branch) -> Recorder:
        found = self._recorders.get(branch)
        if found is None:
            last = branch.puts[-1].number
            values: dict[int, dict[Source, Array]] = {}
            for put in branch.puts:
                values.setdefault(put.number, {})[put.source] = put.value
            found = self._recorder(branch.until(last - 1)).branch(values, last)
            self._recorders[branch] = found
            for recorder in self._recorders.values():
                recorder.keeping.shrink(self._budget // len(self._recorders))
        return found
