"""Metrics of the probability that predictions give to what is: negative log-likelihood and perplexity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from ...errors import ShapeError
from ...signature import Limits
from .counting import Array, Metric, Shaped, seen
from .deciding import SCORES, Given, check_probabilities, label_limits, labels


@dataclass(frozen=True, eq=False)
class NegativeLogLikelihood(Metric):
    """Mean over samples of -log of the probability that the prediction gives to the class of the sample.

    prediction (N, …, C) with target (N, …) labels or (N, …, C) probabilities; or one score a sample for class 1,
    (N,) or (N, 1), with target of 0 and 1. `scores` says what the prediction holds: "logits", as which
    log-probabilities serve too, or "probabilities". NaN anywhere makes it NaN.
    """

    name = "nll"
    title = "Negative log-likelihood"
    formula = "−(1/N) Σ ln p(target)"
    counts = "-log of the probability given to each sample's class"
    better = "min"
    settings: ClassVar = {"scores": SCORES}
    scores: Given = "logits"
    total: float = 0.0
    samples: int = 0

    def check(self, prediction: Shaped, target: Shaped) -> None:
        shape = prediction.shape
        if not shape or shape[-1] < 1 or (len(shape) > 2 and shape[-1] == 1):
            raise ShapeError(
                f"{self.name} needs a prediction of shape (N, …, C), (N, 1) or (N,); found {shape}", port="prediction"
            )
        fits = (shape[:-1], shape) if _several(shape) else (shape[:1], (shape[0], 1))
        if target.shape not in fits:
            raise ShapeError(
                f"{self.name} of prediction {shape} needs a target of shape {fits[0]} or {fits[1]};"
                f" found {target.shape}",
                port="target",
                hint="one integer label a sample" if _several(shape) else "0 or 1 a sample",
            )

    def limits(self, prediction: Shaped, target: Shaped) -> Limits | None:
        several = _several(prediction.shape)
        if several and target.shape == prediction.shape:
            return None
        return label_limits(prediction.shape[-1] if several else 2)

    def with_batch(self, prediction: Array, target: Array) -> Self:
        check_probabilities(self.name, prediction, self.scores)
        wide = prediction.astype(np.float64)
        if not _several(prediction.shape):
            wide, target = self._both_sides(wide.reshape(-1)), target.reshape(-1)
        with np.errstate(all="ignore"):
            logs = np.log(wide) if self.scores == "probabilities" else log_softmax(wide)
            if target.shape == wide.shape:
                # What has no probability may have log-probability -∞: it does not count.
                found = -np.sum(np.where(target == 0, np.where(np.isnan(logs), logs, 0), target * logs), axis=-1)
            else:
                flat = labels(self.name, target, wide.shape[-1])
                rows = logs.reshape(-1, wide.shape[-1])
                found = -np.take_along_axis(rows, flat[:, None], axis=1)
                found = np.where(np.isnan(rows).any(axis=1, keepdims=True), np.nan, found)
        return type(self)(self.scores, self.total + float(found.sum()), self.samples + found.size)

    def _both_sides(self, one: Array) -> Array:
        """Scores (N, 2) from one a sample."""
        return np.stack([1 - one if self.scores == "probabilities" else np.zeros_like(one), one], axis=1)

    def compute(self) -> float:
        """The mean so far; RunError before the first sample."""
        return self.total / seen(self.name, self.samples)


class Perplexity(NegativeLogLikelihood):
    """e to the mean negative log-likelihood: among how many equally likely classes the prediction is undecided.

    Shapes and settings are as for nll.
    """

    name = "perplexity"
    title = "Perplexity"
    formula = "exp(−(1/N) Σ ln p(target))"
    counts = "among how many equally likely classes predictions are undecided: e to the negative log-likelihood"

    def compute(self) -> float:
        """The perplexity so far; RunError before the first sample."""
        with np.errstate(over="ignore"):
            return float(np.exp(super().compute()))


def _several(shape: tuple[int, ...]) -> bool:
    """Whether there is a score for each class."""
    return len(shape) > 1 and shape[-1] > 1


def log_softmax(logits: Array) -> Array:
    """The logarithms of the probabilities that logits stand for."""
    largest = logits.max(axis=-1, keepdims=True)
    shifted = logits - np.where(np.isfinite(largest), largest, 0)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
