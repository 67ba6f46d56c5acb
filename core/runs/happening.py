"""What a run tells the one who started it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..diagnosing.over_training.finding import RunFinding
from ..printing import Printed
from ..summary import IterationSummary
from ..training.folder import read_summary
from .printed import NO_LINES, Lines

# Names of what happens, in a run's log and to the one who listens.
STARTED, RESUMED, EPOCH_COMPLETED = "STARTED", "RESUMED", "EPOCH_COMPLETED"
CHANGED, REFUSED, PAUSED, CONTINUED = "CHANGED", "REFUSED", "PAUSED", "CONTINUED"
HELD = "HELD"  # it waits for something of a plugin that does not return
STOPPED, COMPLETED, FAILED, DIED = "STOPPED", "COMPLETED", "FAILED", "DIED"
ITERATIONS, FINDING = "ITERATIONS", "FINDING"
ENDS = (STOPPED, COMPLETED, FAILED, DIED)
LINES = 1_000  # the last printed ones that are kept for one who is slow to ask


@dataclass(frozen=True)
class Happened:
    """Something happened after an iteration (0: before the first). `told` says what else, by name.

    STARTED and RESUMED tell facts: samples, validation_samples, batch, iterations_per_epoch, epochs, parameters; and
    `misfit`, a line that says what of the schedule does not fit the length of the run, empty where all does.
    CHANGED tells the `settings` that were asked for; REFUSED, HELD, FAILED and DIED a `message` of a line; STOPPED and
    COMPLETED `best_epoch` and `stopped_early`, where a run may stop early, and STOPPED whether it was `left`: nobody
    told it to stop, but whoever trained it was gone; both a `message` where numbers are not finite any more. FINDING
    tells what `finding` reads.
    """

    name: str
    iteration: int
    told: Mapping[str, Any]

    @property
    def message(self) -> str:
        """The line for the user, where there is one."""
        return str(self.told.get("message", ""))

    @property
    def finding(self) -> RunFinding:
        """What diagnoses have found, of FINDING; its `state` says whether it begins, goes on, worsens or ends.

        Raises `RunError`.
        """
        return RunFinding.from_json(self.told)


@dataclass(frozen=True)
class Iterations:
    """Iterations that were gone through since the last of these, the epochs that they ended, and the summaries of
    those among them that were looked at. Their numbers are rows of `run.curves` and `run.epochs`. `findings` are those
    that went on, with what was measured last, `printed` what `print` nodes wrote.
    """

    iterations: range
    epochs: range
    summaries: tuple[IterationSummary, ...] = ()
    findings: tuple[RunFinding, ...] = ()
    printed: Lines = NO_LINES

    def and_then(self, more: Iterations, kept: int) -> Iterations:
        """These and those that followed, with the last `kept` summaries."""
        summaries = (*self.summaries, *more.summaries)[-kept:]
        findings = {finding.key: finding for finding in (*self.findings, *more.findings)}
        iterations, epochs = (
            range(before.start, after.stop)
            for before, after in ((self.iterations, more.iterations), (self.epochs, more.epochs))
        )
        printed = self.printed.and_then(more.printed, LINES)
        return Iterations(iterations, epochs, summaries, tuple(findings.values()), printed)


class Findings(dict[tuple[str, str], RunFinding]):
    """What is wrong with a run now, by rule and node."""

    def take(self, event: Happened | Iterations) -> None:
        """More has happened."""
        if isinstance(event, Iterations):
            self.update((each.key, each) for each in event.findings if each.key in self)
        elif event.name == FINDING:
            finding = event.finding
            self[finding.key] = finding
            if finding.ended:
                del self[finding.key]


class Reader:
    """Makes of what the pipe carries what it says. Raises `RunError`, `KeyError`, `TypeError` or `ValueError`."""

    def __init__(self) -> None:
        self._like: IterationSummary | None = None

    def read(self, told: Mapping[str, Any]) -> Happened | Iterations:
        """One message."""
        if told["event"] != ITERATIONS:
            rest = {name: value for name, value in told.items() if name not in ("event", "iteration")}
            happened = Happened(told["event"], told["iteration"], rest)
            if happened.name == FINDING:
                _ = happened.finding  # what is none is refused here, not where it is shown
            return happened
        summaries = []
        for each in told["summaries"]:
            found = read_summary(each, self._like)
            if found is not None:
                summaries.append(found)
                self._like = found
        findings = tuple(map(RunFinding.from_json, told["findings"]))
        printed = Lines(tuple(map(Printed.from_json, told["printed"])), int(told["left_out"]))
        return Iterations(range(*told["iterations"]), range(*told["epochs"]), tuple(summaries), findings, printed)
