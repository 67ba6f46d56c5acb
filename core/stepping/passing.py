"""Iterations of a recording that nobody looks at: compiled, with the bits of those that are recorded."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

import numpy as np

from ..cancelling import Cancelled
from ..data import batches
from ..evaluating import Asked
from ..ops import Registry
from ..summary import IterationSummary
from ..training.run_data import run_data
from ..training.steps import LOSS, TrainingStep
from ..training.watching import Watching, is_watched
from .keeping import Slots
from .pacing import Pace
from .timeline import Array


class Passed(NamedTuple):
    """An iteration that was gone through: what it made small, and, of some, the state that it left and a summary."""

    number: int
    loss: float
    after: Slots | None
    summary: IterationSummary | None


class Passing:
    """Of the recording of `asked`, whose iterations `step` makes.

    Raises `GradwireError` where training cannot read what recording can, such as an input of the size of a batch.
    """

    def __init__(self, asked: Asked, registry: Registry, step: TrainingStep) -> None:
        self.training = step.training
        self._data = run_data(asked.graph, registry, step.training, asked.folder, asked.dtype)
        self._step = TrainingStep(asked.graph, registry, step.training, asked.dtype, "static", step.describe)
        self._watching = Watching(self._step)
        self._epoch: tuple[int, list[Array]] = 0, []

    @cached_property
    def _per_epoch(self) -> int:
        return -(-self._data.samples // self.training.batch) if self._data.samples else 1

    def run(self, numbers: range, state: Slots, pace: Pace, cancelled: Cancelled) -> Iterator[Passed]:
        """These iterations one after the other, the first of which begins with `state`; fewer where it is cancelled.

        `pace` says where they stand, and is told of them. The state is told of those of which a run keeps a summary,
        and of the last.
        """
        held = {slot: np.array(array) for slot, array in state.items()}
        for number in numbers:
            if cancelled():
                return
            loss, summary = self._pass(number, held, pace)
            pace.note(number, loss, held)
            told = summary is not None or number == numbers[-1]
            yield Passed(number, loss, {s: np.array(a) for s, a in held.items()} if told else None, summary)

    def _pass(self, number: int, held: dict[str, Array], pace: Pace) -> tuple[float, IterationSummary | None]:
        rows = self._rows(number)
        size = None if rows is None else len(rows)
        batch, acts = self._data.feeds("train", rows), pace.acts(number)
        feeds = self._step.fed(batch, number, pace.rates(number), pace.share(number))
        if is_watched(number):
            made, summary, _ = self._watching.run(size, feeds, held, acts, number)
            return float(made[LOSS]), summary
        return float(self._step.run(size, feeds, held, acts)[LOSS]), None

    def _rows(self, number: int) -> Array | None:
        """Which rows the batch of an iteration has, None without batches."""
        if not self._data.samples:
            return None
        epoch, index = divmod(number - 1, self._per_epoch)
        if self._epoch[0] != epoch + 1:
            order = batches(self._data.samples, self.training.batch, self.training.seed, epoch + 1)
            self._epoch = epoch + 1, order
        return self._epoch[1][index]
