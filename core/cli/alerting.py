"""What diagnoses find while `gradwire train` runs: a line for each alert, and for each what stands in the log."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..diagnosing.over_training.diagnosis import ALERT
from ..diagnosing.over_training.finding import ENDS, RunFinding
from ..diagnosing.over_training.following import Follower
from ..training.engine import Engine, Events
from ..training.trainer import Trainer

FINDING = "FINDING"
LOSS, VALUE = "loss not finite", "not finite"


class Alerts:
    """Follows a trainer. `say` is given the line of an alert, once for each; `log` what begins and ends, as JSON."""

    def __init__(
        self, trainer: Trainer, say: Callable[[str], None], log: Callable[[str, Mapping[str, Any]], None]
    ) -> None:
        self._trainer, self._say, self._log = trainer, say, log
        self._follower = trainer.onlooker = Follower(trainer)
        self._known: set[tuple[str, str]] = set()  # alerts that were said
        self._open: set[tuple[str, str]] = set()  # those of them that have not ended
        trainer.engine.add_event_handler(Events.ITERATION_COMPLETED, self._tell)
        trainer.engine.add_event_handler(Events.EPOCH_COMPLETED, self._epoch_completed)

    def finish(self) -> None:
        """The run has ended, or was stopped: tell what is left."""
        self._follower.finish()
        self._tell(self._trainer.engine)

    @property
    def mend_of_loss(self) -> str:
        """What helps where the loss is not finite; nothing where it is."""
        return next((each.mend for each in self._follower.findings if each.rule in (LOSS, VALUE)), "")

    def _epoch_completed(self, engine: Engine) -> None:
        self._follower.epoch_completed()
        self._tell(engine)

    def _tell(self, engine: Engine) -> None:
        for finding in self._follower.take():
            if finding.key in self._open and finding.state == ENDS:
                self._open.remove(finding.key)
                self._write(finding)
            elif finding.level == ALERT and finding.state != ENDS and finding.key not in self._open:
                self._open.add(finding.key)
                self._write(finding)
                if finding.key not in self._known and not self._is_told(finding):
                    self._say(self._line(finding))
                self._known.add(finding.key)

    def _is_told(self, finding: RunFinding) -> bool:
        """Whether the command says so itself, diagnoses or not: a loss that is not finite, and what it leaves."""
        trainer = self._trainer
        ends = finding.node == trainer.training.loss or trainer.graph.nodes[finding.node].op == "parameter"
        return finding.rule == LOSS or (finding.rule == VALUE and ends)

    def _write(self, finding: RunFinding) -> None:
        self._log(FINDING, {"iteration": finding.number, **finding.to_json()})

    def _line(self, finding: RunFinding) -> str:
        where = f"{self._trainer.graph.path(finding.node)}: " if finding.node else ""
        mend = f" ({finding.mend})" if finding.mend else ""
        return f"alert after iteration {finding.number}: {where}{finding.rule}: {finding.text}{mend}"
