"""Metrics that are the share of samples that are predicted rightly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from ...errors import ShapeError
from ...parameters import Parameter, Range
from ...signature import Limits
from .counting import Array, Metric, Shaped, seen
from .deciding import SCORES, Given, check_classes, class_limits, decide, expected_classes, rows, scores


@dataclass(frozen=True, eq=False)
class Accuracy(Metric):
    """Share of samples predicted rightly, from 0 to 1.

    prediction (N, …, C) scores, C at least 2, with target (N, …) labels 0 … C - 1 or (N, …, C) probabilities: the
    largest score is the prediction, the first of equal ones, and each place of a text counts as a sample. prediction
    (N,) or (N, 1) with target (N,) or (N, 1) of 0 and 1: 1 is predicted above 0, and where `scores` are "probabilities"
    above one half. A sample whose scores hold NaN counts as wrong.
    """

    name = "accuracy"
    title = "Accuracy"
    formula = "right / N"
    counts = (
        "samples whose largest score is at the target's class;"
        " with one score a sample, those whose logit is above 0, or probability above one half, exactly where the"
        " target is 1"
    )
    settings: ClassVar = {"scores": SCORES}
    scores: Given = "logits"
    correct: int = 0
    samples: int = 0

    def check(self, prediction: Shaped, target: Shaped) -> None:
        check_classes(self.name, prediction, target)

    def limits(self, prediction: Shaped, target: Shaped) -> Limits | None:
        return class_limits(prediction, target)

    def with_batch(self, prediction: Array, target: Array) -> Self:
        found = decide(self.name, prediction, target, self.scores)
        right = int(np.count_nonzero(found.predicted == found.expected))
        return type(self)(self.scores, self.correct + right, self.samples + found.expected.size)

    def compute(self) -> float:
        """The share so far; RunError before the first sample."""
        return self.correct / seen(self.name, self.samples)


@dataclass(frozen=True, eq=False)
class TopK(Metric):
    """Share of samples whose class is among the `k` largest scores, of equal ones the first.

    prediction (N, …, C) scores with target (N, …) labels or (N, …, C) probabilities. A sample whose scores hold NaN
    counts as wrong. With k of 1 it is the accuracy; from k of C on every sample would be right.
    """

    name = "top_k"
    title = "Top k"
    formula = "right / N"
    counts = "samples whose class is among the k largest scores"
    settings: ClassVar = {"k": Parameter("k", int, 2, range=Range(1, unit="scores"))}
    k: int = 2
    correct: int = 0
    samples: int = 0

    def check(self, prediction: Shaped, target: Shaped) -> None:
        shape = prediction.shape
        if not scores(shape):
            raise ShapeError(f"top_k needs a prediction of shape (N, …, C); found {shape}", port="prediction")
        if self.k >= shape[-1]:
            raise ShapeError(
                f"top_k needs more scores a sample than its k of {self.k}; found a prediction of {shape}",
                port="prediction",
                hint=f"k: 1 to {shape[-1] - 1}",
            )
        check_classes(self.name, prediction, target)

    def limits(self, prediction: Shaped, target: Shaped) -> Limits | None:
        return class_limits(prediction, target)

    def with_batch(self, prediction: Array, target: Array) -> Self:
        expected = expected_classes(self.name, prediction, target)[:, None]
        each = rows(prediction)
        own = np.take_along_axis(each, expected, axis=1)
        earlier = np.arange(each.shape[1]) < expected
        ahead = np.count_nonzero((each > own) | ((each == own) & earlier), axis=1)
        right = (ahead < self.k) & ~np.isnan(each).any(axis=1)
        return type(self)(self.k, self.correct + int(np.count_nonzero(right)), self.samples + len(each))

    def compute(self) -> float:
        """The share so far; RunError before the first sample."""
        return self.correct / seen(self.name, self.samples)
