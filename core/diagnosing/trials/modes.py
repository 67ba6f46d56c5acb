"""Whether a network says in evaluation what it learnt in training: the same samples in both modes (TheDeepChecker)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ...running import Holding
from ..finding import told
from ..measures import APART
from .bench import Array, Bench

BATCHES = 20
ALIKE = 0.75  # cosine of what is predicted (TheDeepChecker)


@dataclass(frozen=True)
class ByMode:
    """The mean losses of the batches so far in training and in evaluation, and the mean cosine between what the loss
    was given in each.
    """

    batch: int
    train: float
    evaluation: float
    alike: float
    over: bool

    @property
    def differs(self) -> bool:
        """Whether they differ by more than is usual."""
        return abs(self.train - self.evaluation) > APART * abs(self.evaluation) or self.alike < ALIKE

    @property
    def text(self) -> str:
        """What it is, with the band."""
        losses = f"the loss is {told(self.train)} in training and {told(self.evaluation)} in evaluation"
        return (
            f"{losses} (usual: at most {APART:.0%} apart), what is predicted has cosine {told(self.alike)}"
            f" (usual: at least {ALIKE:g})"
        )


def train_and_eval(held: Holding, batches: int = BATCHES) -> Iterator[ByMode]:
    """The first batches of training, each in both modes, with the values of the document.

    Raises `GradwireError` for what cannot be trained.
    """
    bench = Bench(held)
    count = min(batches, bench.trainer.iterations_per_epoch)
    pair = bench.logits()
    loss = bench.trainer.step.loss
    given = pair[0] if pair is not None else next(iter(bench.graph.inputs(loss.node).values()), loss)
    sums = np.zeros(3)
    for (number, rows), _ in zip(bench.batches(), range(count), strict=False):
        train, evaluation = (bench.values(rows, mode) for mode in ("train", "eval"))
        sums += float(train[loss]), float(evaluation[loss]), _cosine(train[given], evaluation[given])
        losses, evaluated, alike = (float(each) for each in sums / number)
        yield ByMode(number, losses, evaluated, alike, number == count)


def _cosine(one: Array, other: Array) -> float:
    a, b = (np.asarray(each, np.float64).ravel() for each in (one, other))
    size = float(np.linalg.norm(a) * np.linalg.norm(b))
    return float(a @ b) / size if size else 1.0
