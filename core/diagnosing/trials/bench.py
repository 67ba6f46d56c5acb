"""Where trials run: the training of a document, with a state of its own that nobody else sees."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from ...data import batches
from ...eager import EagerBuilder
from ...errors import RunError
from ...graph import Source
from ...infer import batch_axes
from ...running import Holding
from ...training.checking import both_sizes
from ...training.rhythm import Place
from ...training.settings import Settings
from ...training.trainer import Trainer
from ...training.watching import Seen
from ..measures import scores_and_target

Array = np.ndarray[Any, Any]
SIMPLE: Mapping[str, Any] = {  # one batch is one step, of a rate that the trial says
    "accumulate": 1,
    "zero_gradients": True,
    "schedule": None,
    "early_stopping": None,
    "average": None,
}
PLACE = Place(1, 0, True, True, 1.0, False, 0, 1)  # any iteration that updates


class Bench:
    """The training of a document on the CPU, from its values or (`fresh`) from initial ones; `training` sets fields of
    its settings otherwise. Raises `GradwireError` for what cannot be trained.
    """

    def __init__(self, held: Holding, fresh: bool = False, **training: Any) -> None:
        graph, values = held.graph, held.document.values
        if graph.training is None:
            raise RunError("the graph has no training settings", hint="they name the loss, the optimiser and the batch")
        draft = graph.draft()
        draft.training = replace(graph.training, **{**SIMPLE, **training})
        settings = Settings(dtype=held.dtype)
        self.trainer = Trainer(draft.freeze(), held.registry, values, held.folder, settings)
        if fresh:  # what is not trained, as fitted statistics, stays
            kept = {id: value for id, value in values.items() if id not in set(self.trainer.step.trained)}
            self.trainer = Trainer(self.trainer.graph, held.registry, kept, held.folder, settings)
        self.graph, self.registry = self.trainer.graph, held.registry
        self.rate = self.trainer.step.rate

    def batches(self) -> Iterator[tuple[int, Array | None]]:
        """The number of each iteration and the rows of its batch, epoch after epoch without end."""
        number = 0
        while True:
            for rows in self._epoch(number // self.trainer.iterations_per_epoch + 1):
                number += 1
                yield number, rows

    def refuse_alike(self, trial: str) -> None:
        """Raise `RunError` where no two batches differ, which the trial needs."""
        samples, batch = self.trainer.data.samples, self.trainer.training.batch
        if not samples:
            raise RunError(f"{trial} needs batches, and the graph reads no dataset")
        if batch >= samples:
            hint = f"a batch of at most {samples // 2 or 1}"
            raise RunError(f"{trial} needs batches that differ, and one holds all {samples} samples", hint=hint)

    @property
    def size(self) -> int | None:
        """The samples of a batch, None where no dataset is read."""
        samples = self.trainer.data.samples
        return min(self.trainer.training.batch, samples) if samples else None

    def first(self) -> Array | None:
        """The rows of the first batch."""
        return next(self.batches())[1]

    def step(self, number: int, rows: Array | None, rate: float) -> Seen:
        """One iteration of training, with all that is seen on its way."""
        trainer = self.trainer
        acts = trainer.step.acts(PLACE)
        return trainer.watching.look(_size(rows), self._feeds(number, rows, rate), trainer.state, acts)

    def seen(self, number: int, rows: Array | None) -> Seen:
        """The same, that changes nothing."""
        trainer = self.trainer
        state = {slot: np.array(value) for slot, value in trainer.state.items()}
        return trainer.watching.look(_size(rows), self._feeds(number, rows, self.rate), state, trainer.step.acts(PLACE))

    def values(self, rows: Array | None, mode: str, feeds: Mapping[str, Any] | None = None) -> dict[Source, Array]:
        """The values on the way to the loss in a mode, "train" or "eval", in order; `feeds` go first."""
        trainer = self.trainer
        fed = {**self._feeds(1, rows, self.rate), **(feeds or {})}
        with np.errstate(all="ignore"):
            lowering = trainer.step.lowering(_size(rows), mode, EagerBuilder(fed, trainer.state))
            lowering.lower([trainer.step.loss])
        return {source: np.asarray(getattr(value, "value", value)) for source, value in lowering.values.items()}

    def data(self, rows: Array | None) -> dict[str, Any]:
        """What a batch of these rows is fed."""
        return self.trainer.data.feeds("train", rows)

    def batch_axes(self) -> dict[Source, int]:
        """The batch axis of each value that has one; −1 where no axis is the batch and nothing else."""
        trainer = self.trainer
        shapes = both_sizes(self.graph, self.registry, trainer.training, trainer.dtype, trainer.data.describe)
        return batch_axes(*shapes)

    def logits(self) -> tuple[Source, Source] | None:
        """What the loss compares where it is of classes: logits, or their logarithms, and target."""
        return scores_and_target(self.graph, self.trainer.step.loss.node)

    def _feeds(self, number: int, rows: Array | None, rate: float) -> dict[str, Any]:
        step = self.trainer.step  # the rates of groups keep their proportion to the common one
        rates = {lr: rate / self.rate * lr if self.rate else rate for lr in step.rates}
        return step.fed(self.data(rows), number, rates)

    def _epoch(self, epoch: int) -> list[Array | None]:
        trainer = self.trainer
        if not trainer.data.samples:
            return [None]
        return list(batches(trainer.data.samples, trainer.training.batch, trainer.training.seed, epoch))


def _size(rows: Array | None) -> int | None:
    return None if rows is None else len(rows)
