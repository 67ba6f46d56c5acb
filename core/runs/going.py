"""Where a run is: a trainer at the newest checkpoint of its folder, the batches that are left, the changes to come."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from ..ops import installed
from ..training.folder import begin_summaries
from ..training.settings import Settings
from ..training.steps import LOSS
from ..training.stopping import course
from ..training.trainer import Trainer
from .keeping import Checkpoints
from .record import RunRecord
from .restoring import restore

Array = np.ndarray[Any, Any]


class Going:
    """A run as its folder says it: from its newest checkpoint, or from its start where there is none.

    `pending` are the changes that are still to be made. Raises `GradwireError`.
    """

    def __init__(self, record: RunRecord) -> None:
        self.settings = settings = record.written.settings
        newest, changes = record.newest(), record.changes()
        at = 0 if newest is None else newest[0]
        self.resumed = newest is not None
        self.pending = [change for change in changes if change.iteration > at]
        how = Settings(
            settings.mode, dtype=settings.dtype, device=settings.device, overfit_batch=settings.overfit_batch
        )
        self.trainer = Trainer(record.graph_at(at), installed(), record.values, record.written.data, how)
        self._behind = 0 if newest is None else restore(self.trainer, newest[1])
        self._checkpoints = Checkpoints(record.path, settings, [change.iteration for change in changes])
        self._checkpoints.cut(at)
        begin_summaries(record.path, at)
        self.losses: Iterable[float] = record.curves().get(LOSS, ())[:at]  # of the iterations behind it

    def batches(self, epoch: int) -> Iterator[Array | None]:
        """The batches of an epoch, of one that goes on those that are left; its mean loss then goes on."""
        trainer = self.trainer
        behind, self._behind = self._behind, 0
        if not behind:
            trainer.telling.begin_epoch()
        if not trainer.data.samples:
            return iter([None][behind:])
        return iter(trainer.data.order(trainer.training, epoch, self.settings.overfit_batch)[behind:])

    @property
    def over(self) -> bool:
        """Whether nothing is left to train."""
        epoch, trainer = self.trainer.engine.state.epoch, self.trainer
        if self._behind or len(trainer.history) < epoch:
            return False  # within an epoch
        watched = trainer.stopping
        stops = watched is not None and course(watched, [row[watched["metric"]] for row in trainer.history]).ended
        return stops or epoch >= trainer.training.epochs

    def due(self, now: float) -> bool:
        """Whether it is time for a checkpoint, `now` by the monotonic clock."""
        return self._checkpoints.due(now)

    def rested(self, seconds: float) -> None:
        """Nothing was trained for so long."""
        self._checkpoints.rested(seconds)

    def save(self, marked: bool = False) -> None:
        """Write a checkpoint; `marked`: settings are changed here. Raises `FileError`."""
        state, within = self.trainer.engine.state, self._behind > 0
        state.epoch += within  # an epoch that the engine is still to enter is the one that it is in
        self._checkpoints.save(self.trainer, marked)
        state.epoch -= within
