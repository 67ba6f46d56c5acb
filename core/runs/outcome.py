"""What a run comes to: the values that a document is given."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from ..backends import on_device
from ..training.averaging import averaged, kept_slots
from ..training.sources import loss_source, trained
from ..training.stopping import course
from ..training.trainer import Trainer
from .changing import changed
from .record import RunRecord

Array = np.ndarray[Any, Any]


class Outcome:
    """The values of all parameters that a run has trained at any time, also of those that it froze on its way."""

    def __init__(self, trainer: Trainer, record: RunRecord) -> None:
        self.trainer, self.record = trainer, record
        self._best = trainer.best
        self._ids: dict[str, None] = {}
        graph, at = record.loaded.graph, trainer.engine.state.iteration
        for change in record.changes():
            loss = loss_source(graph, trainer.registry, trainer.training)
            self._add(trained(graph, trainer.registry, loss))
            if change.iteration > at:
                break
            graph = changed(graph, change.settings)
        self.changed()

    def changed(self) -> None:
        """Other parameters may be trained from here on."""
        self._add((*self.trainer.step.trained, *self.trainer.step.assigned))

    def epoch_completed(self) -> None:
        """Where this epoch is the best, it is so with all that was trained: a trainer keeps what it trains now."""
        best = self.trainer.best
        if best and best is not self._best:
            slots = kept_slots(self._ids) - best.keys()
            state = self._state()
            self._best = self.trainer.best = {**best, **{slot: state[slot] for slot in slots if slot in state}}

    def facts(self) -> dict[str, Any]:
        """Which epoch was the best, where that is watched, and whether the run ended early for it; a `message` where
        numbers are not finite any more.
        """
        trainer, watched = self.trainer, self.trainer.stopping
        broken = trainer.telling.not_finite
        told: dict[str, Any] = {} if broken is None else {"message": str(broken)}
        if watched is None:
            return told
        found = course(watched, [row[watched["metric"]] for row in trainer.history])
        return {**told, "best_epoch": found.best or None, "stopped_early": found.ended}

    def write(self, stopped: bool) -> None:
        """Write the values: the averages of the weights, where there are any, and those of the best epoch, where these
        are to be restored and the run was not `stopped`. Raises `FileError`.
        """
        state = self._state()
        if self.trainer.best and not stopped:
            state.update(self.trainer.best)
        means = averaged(state)
        self.record.write_trained({id: means.get(id, state[id]) for id in self._ids})

    def _state(self) -> dict[str, Array]:
        return dict(on_device(self.trainer.device).fetch(self.trainer.state))

    def _add(self, ids: Iterable[str]) -> None:
        self._ids.update(dict.fromkeys(ids))
