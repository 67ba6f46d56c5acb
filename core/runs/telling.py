"""What a run tells on its way: numbers into its curves, lines into its log, and both to whoever listens."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from math import nan
from pathlib import Path
from typing import Any

from ..diagnosing.over_training.finding import GOES_ON, RunFinding
from ..training.length import misfits
from ..training.steps import TOLD_RATE
from ..training.trainer import Trainer
from .columns import ColumnWriter
from .happening import EPOCH_COMPLETED, FINDING, ITERATIONS
from .printed import Printing
from .record import CURVES, EPOCHS, Log
from .rests import RESTING
from .watched import Watch

OFTEN = 1 / 20  # seconds
TIME = "time"  # when an iteration or an epoch ended, in seconds since 1970


class Teller:
    """Tells of a trainer's run. Its curves go on behind the iterations and epochs that the trainer has behind it."""

    def __init__(
        self, folder: Path, trainer: Trainer, watch: Watch, log: Log, tell: Callable[[Mapping[str, Any]], None]
    ) -> None:
        self.trainer, self.watch, self.log, self.tell = trainer, watch, log, tell
        self.curves = ColumnWriter(folder / CURVES)
        self.curves.cut(trainer.engine.state.iteration)
        self.epochs = ColumnWriter(folder / CURVES / EPOCHS)
        self.epochs.cut(len(trainer.history))
        self.printing = Printing(folder, trainer.graph.called)
        self._rows: list[Mapping[str, Any]] = []  # of epochs, since the last flush
        self._going_on: dict[tuple[str, str], RunFinding] = {}  # since the last flush
        self._told_at = 0.0

    def facts(self) -> dict[str, Any]:
        """What a run is, in numbers, and in a line what of its schedule does not fit its length."""
        trainer = self.trainer
        return {
            "samples": trainer.data.samples,
            "validation_samples": trainer.data.held_out,
            "batch": trainer.training.batch,
            "iterations_per_epoch": trainer.iterations_per_epoch,
            "epochs": trainer.training.epochs,
            "parameters": sum(int(trainer.state[id].size) for id in trainer.step.trained),
            "misfit": "; ".join(misfits(trainer.schedule, trainer.rhythm, trainer.training)),
        }

    def say(self, name: str, told: Mapping[str, Any] | None = None, logged: bool = False) -> None:
        """Tell that something happened, after all that was before it."""
        self.flush()
        event = {"event": name, "iteration": self.trainer.engine.state.iteration, **(told or {})}
        if name in RESTING:
            event[TIME] = time.time()
        if logged:
            self.log.add(event)
        self.tell(event)

    def close(self) -> None:
        """Let go of the files."""
        self.log.close()
        self.curves.close()
        self.epochs.close()
        self.printing.close()

    def epoch_completed(self) -> None:
        """An epoch has ended, whose row is in the history."""
        self._rows.append({TIME: time.time(), **self.trainer.history[-1]})

    def found(self, finding: RunFinding) -> None:
        """Diagnoses have found this: what goes on is told with the iterations, else at once and into the log."""
        if finding.state == GOES_ON:
            self._going_on[finding.key] = finding
        else:
            self.say(FINDING, finding.to_json(), logged=True)

    def last_found(self, findings: Iterable[RunFinding]) -> None:
        """The run ends with these findings: the log has them as they are measured last."""
        self.flush()
        at = self.trainer.engine.state.iteration
        self.log.add(*({"event": FINDING, "iteration": at, **each.to_json(), "state": GOES_ON} for each in findings))

    def maybe_flush(self, now: float) -> None:
        """Tell of the iterations since the last time, where that is long enough ago (`now` by the monotonic clock)."""
        if now - self._told_at >= OFTEN:
            self.flush(printed=False)

    def flush(self, printed: bool = True) -> None:
        """Tell of the iterations since the last time, and of all that was `printed`; else of that less often."""
        self._told_at = now = time.monotonic()
        lines = self.printing.take(now, printed)
        rows, summaries = self.watch.take()
        ended, self._rows = self._rows, []
        going_on, self._going_on = self._going_on, {}
        if not rows and not ended and not going_on and not lines.lines:
            return
        first, epoch = self.curves.rows + 1, self.epochs.rows + 1
        columns = {TIME: [row.time for row in rows], TOLD_RATE: [float(row.rate) for row in rows]}
        for name in dict.fromkeys(name for row in rows for name in row.made):
            columns[name] = [float(row.made[name]) if name in row.made else nan for row in rows]
        self.curves.append(columns)
        if ended:
            names = dict.fromkeys(name for row in ended for name in row)
            self.epochs.append({name: [float(row.get(name, "nan")) for row in ended] for name in names})
            self.log.add(*({"event": EPOCH_COMPLETED, **row} for row in ended))
        self.tell(
            {
                "event": ITERATIONS,
                "iterations": [first, self.curves.rows + 1],
                "epochs": [epoch, self.epochs.rows + 1],
                "summaries": summaries,
                "findings": [finding.to_json() for finding in going_on.values()],
                "printed": [line.to_json() for line in lines.lines],
                "left_out": lines.left_out,
            }
        )
