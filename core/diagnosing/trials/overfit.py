"""Whether a network can learn one batch by heart: one that cannot has a mistake, or is too small (Karpathy, CS231n)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ...running import Holding
from ..finding import told
from .bench import Array, Bench

SAMPLES, ITERATIONS = 16, 1000  # TheDeepChecker
WRONG, LEFT = 0.05, 1e-3  # of the samples of classes; of the loss at the start otherwise (TheDeepChecker)
REST = 100  # iterations in which a loss that goes below 0 has come to rest: it has no floor from which to measure
EVERY = 10  # iterations from one report to the next


@dataclass(frozen=True)
class Overfit:
    """How far it has come: the loss of the batch now and at the start, and the share of its samples that are taken for
    another class (None where there are no classes). `learnt`: it knows them; `over`: that, or all iterations are done.

    `fell` is told of a loss that goes below 0, whose size says nothing: the share of its whole fall that came in the
    last `REST` iterations (infinite before there are so many).
    """

    iteration: int
    iterations: int
    samples: int
    loss: float
    start: float
    wrong: float | None
    learnt: bool
    over: bool
    fell: float | None = None

    @property
    def text(self) -> str:
        """What it is, with the band that is required."""
        if self.wrong is None and self.fell is not None:
            lately = f"{self.fell:.2%} of its fall" if np.isfinite(self.fell) else "all of its fall"
            known = f"the loss goes below 0, so that its size says nothing; {lately} came in the last {REST} iterations"
            known += f" (required: at most {LEFT:.1%}, then it has come to rest)"
        elif self.wrong is None:
            share = self.loss / self.start if self.start else 0.0
            known = f"{share:.2%} of the loss of {told(self.start)} is left (required: at most {LEFT:.1%})"
        else:
            known = f"{self.wrong:.0%} of {self.samples} samples are wrong (required: at most {WRONG:.0%})"
        verdict = "it has learnt one batch by heart" if self.learnt else "it has not learnt one batch by heart"
        so = f"{verdict} in {self.iteration:,} iterations: " if self.over else f"iteration {self.iteration:,}: "
        return f"{so}{known}"


def overfit_batch(
    held: Holding, samples: int = SAMPLES, iterations: int = ITERATIONS, rate: float | None = None
) -> Iterator[Overfit]:
    """Train on one small batch, from initial values, with the optimiser of the document and without penalties.

    Raises `GradwireError` for what cannot be trained.
    """
    bench = Bench(held, fresh=True, batch=samples, l1=0.0, l2=0.0, penalised=None)
    rows, losses = bench.first(), dict[int, float]()
    for number in range(1, iterations + 1):
        looks = number % EVERY == 1 or number == iterations
        seen = bench.step(number, rows, bench.rate if rate is None else rate)
        if not looks:
            continue
        loss = float(seen.made["loss"])
        losses[number] = loss
        start = losses[1]
        wrong, fell = _wrong(bench, seen.arrays), _fell(losses, number)
        left = fell if fell is not None else loss / start if start else 0.0
        learnt = wrong <= WRONG if wrong is not None else left <= LEFT
        over = learnt or number == iterations or not np.isfinite(loss)
        yield Overfit(number, iterations, 0 if rows is None else len(rows), loss, start, wrong, learnt, over, fell)
        if over:
            return


def _fell(losses: dict[int, float], number: int) -> float | None:
    """Which share of the whole fall of a loss came in its last iterations; None of one that was never below 0."""
    if min(losses.values()) >= 0:
        return None
    fall = losses[1] - min(losses.values())
    lately = abs(losses.get(number - REST, np.inf) - losses[number])
    return lately / fall if fall > 0 else np.inf


def _wrong(bench: Bench, arrays: object) -> float | None:
    """The share of samples whose greatest logit is not that of their class."""
    pair = bench.logits()
    if pair is None or not isinstance(arrays, dict):
        return None
    logits, target = (arrays.get(("value", source)) for source in pair)
    return None if logits is None or target is None else wrong(logits, target)


def wrong(logits: Array, target: Array) -> float | None:
    """The same of arrays; None where the target is no label for each sample."""
    if target.dtype.kind not in "iu" or logits.ndim != target.ndim + 1:
        return None
    return float(np.mean(logits.argmax(axis=-1) != target))
