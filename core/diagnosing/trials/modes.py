"""Whether a network says in evaluation what it learnt in training: the same samples in both modes (TheDeepChecker)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ...running import Holding
from ...stepping.modes import by_mode
from ..finding import told
from ..measures import APART
from ..modes import behave
from .bench import Array, Bench

BATCHES = 20
ALIKE = 0.75  # cosine of what is predicted (TheDeepChecker)


@dataclass(frozen=True)
class ByMode:
    """The mean losses of the batches so far in training and in evaluation, and the mean cosine between what the loss
    was given in each. `size` is the samples of a batch, None without a dataset; `nodes` the paths of those on the way
    to the loss that take the mode.
    """

    batch: int
    train: float
    evaluation: float
    alike: float
    over: bool
    size: int | None = None
    nodes: tuple[str, ...] = ()

    @property
    def differs(self) -> bool:
        """Whether they differ by more than is usual."""
        return abs(self.train - self.evaluation) > APART * abs(self.evaluation) or self.alike < ALIKE

    @property
    def text(self) -> str:
        """What it is and of which samples, with the band."""
        of = "" if self.size is None else f" of {self.size:,}"
        over = f"in the mean over {self.batch:,} batches{of}" if self.batch > 1 else f"over the first batch{of}"
        losses = f"{over} the loss is {told(self.train)} in training and {told(self.evaluation)} in evaluation"
        who = f"; {behave(self.nodes)}" if self.nodes else "; no node behaves differently in evaluation"
        return (
            f"{losses} (usual: at most {APART:.0%} apart), what is predicted has cosine {told(self.alike)}"
            f" (usual: at least {ALIKE:g}){who}"
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
    above = bench.graph.ancestors([loss.node])
    nodes = tuple(bench.graph.path(id) for id in by_mode(bench.graph, bench.registry) if id in above)
    size, sums = bench.size, np.zeros(3)
    for (number, rows), _ in zip(bench.batches(), range(count), strict=False):
        train, evaluation = (bench.values(rows, mode) for mode in ("train", "eval"))
        sums += float(train[loss]), float(evaluation[loss]), _cosine(train[given], evaluation[given])
        losses, evaluated, alike = (float(each) for each in sums / number)
        yield ByMode(number, losses, evaluated, alike, number == count, size, nodes)


def _cosine(one: Array, other: Array) -> float:
    a, b = (np.asarray(each, np.float64).ravel() for each in (one, other))
    size = float(np.linalg.norm(a) * np.linalg.norm(b))
    return float(a @ b) / size if size else 1.0
