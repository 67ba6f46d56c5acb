"""What a run tells the one who started it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..summary import IterationSummary
from ..training.folder import read_summary

# Names of what happens, in a run's log and to the one who listens.
STARTED, RESUMED, EPOCH_COMPLETED = "STARTED", "RESUMED", "EPOCH_COMPLETED"
CHANGED, REFUSED, PAUSED, CONTINUED = "CHANGED", "REFUSED", "PAUSED", "CONTINUED"
STOPPED, COMPLETED, FAILED, DIED = "STOPPED", "COMPLETED", "FAILED", "DIED"
ITERATIONS = "ITERATIONS"
ENDS = (STOPPED, COMPLETED, FAILED, DIED)


@dataclass(frozen=True)
class Happened:
    """Something happened after an iteration (0: before the first). `told` says what else, by name.

    STARTED and RESUMED tell facts: samples, validation_samples, batch, iterations_per_epoch, epochs, parameters.
    CHANGED tells the `settings` as they were asked for; REFUSED, FAILED and DIED a `message` of one line; STOPPED and
    COMPLETED `best_epoch` and `stopped_early`, where a run may stop early.
    """

    name: str
    iteration: int
    told: Mapping[str, Any]

    @property
    def message(self) -> str:
        """The line for the user, where there is one."""
        return str(self.told.get("message", ""))


@dataclass(frozen=True)
class Iterations:
    """Iterations that were gone through since the last of these, the epochs that they ended, and the summaries of
    those among them that were looked at. Their numbers are rows of `run.curves` and `run.epochs`.
    """

    iterations: range
    epochs: range
    summaries: tuple[IterationSummary, ...] = ()

    def and_then(self, more: Iterations, kept: int) -> Iterations:
        """These and those that followed, with the last `kept` summaries."""
        summaries = (*self.summaries, *more.summaries)[-kept:]
        return Iterations(
            range(self.iterations.start, more.iterations.stop), range(self.epochs.start, more.epochs.stop), summaries
        )


class Reader:
    """Makes of what the pipe carries what it says."""

    def __init__(self) -> None:
        self._like: IterationSummary | None = None

    def read(self, told: Mapping[str, Any]) -> Happened | Iterations:
        """One message."""
        if told["event"] != ITERATIONS:
            rest = {name: value for name, value in told.items() if name not in ("event", "iteration")}
            return Happened(told["event"], told["iteration"], rest)
        summaries = []
        for each in told["summaries"]:
            found = read_summary(each, self._like)
            if found is not None:
                summaries.append(found)
                self._like = found
        return Iterations(range(*told["iterations"]), range(*told["epochs"]), tuple(summaries))
