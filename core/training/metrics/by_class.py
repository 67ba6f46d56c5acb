"""Metrics that count for each class: precision, recall and F1, and the confusion matrix."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass, field
from typing import ClassVar, Literal, NamedTuple, Self

import numpy as np

from ...errors import ShapeError
from ...parameters import Parameter
from ...signature import Limits
from .counting import Array, Metric, Shaped, seen
from .deciding import NONE, SCORES, Decided, Given, check_classes, class_limits, decide, scores

Averages = Literal["macro", "micro", "weighted", "binary"]
AVERAGE = Parameter("average", Averages, "macro")


def _nothing() -> Array:
    return np.zeros(0, np.int64)


@dataclass(frozen=True, eq=False)
class _ByClass(Metric):
    """A share for each class, made one number by `average`: "macro", the mean over the classes that occur among
    targets or predictions; "weighted", that mean with the samples of each class as its weight; "micro", the share of
    the sums over classes; "binary", that of class 1 of two.

    Shapes and `scores` are as for accuracy. A sample whose scores hold NaN is predicted to be of a class of its own,
    which occurs and is never right; for "binary" it is on the wrong side. A share of nothing is 0.
    """

    settings: ClassVar = {"average": AVERAGE, "scores": SCORES}
    average: Averages = "macro"
    scores: Given = "logits"
    # By class, the last one that of samples for which nothing is predicted.
    right: Array = field(default_factory=_nothing)
    predicted: Array = field(default_factory=_nothing)
    actual: Array = field(default_factory=_nothing)

    def __post_init__(self) -> None:
        for name in ("right", "predicted", "actual"):
            object.__setattr__(self, name, np.asarray(getattr(self, name), np.int64))

    def check(self, prediction: Shaped, target: Shaped) -> None:
        check_classes(self.name, prediction, target)
        if self.average == "binary" and scores(prediction.shape) not in (0, 2):
            raise ShapeError(
                f"{self.name} with the average binary needs two classes; found a prediction of {prediction.shape}",
                port="prediction",
                hint="average: macro, weighted or micro",
            )

    def limits(self, prediction: Shaped, target: Shaped) -> Limits | None:
        return class_limits(prediction, target)

    def with_batch(self, prediction: Array, target: Array) -> Self:
        found = decide(self.name, prediction, target, self.scores)
        predicted, expected = found.predicted, found.expected
        none = predicted == NONE
        predicted = np.where(none, 1 - expected if self.average == "binary" else found.classes, predicted)
        length = found.classes + 1
        counted = [np.bincount(each, minlength=length) for each in (expected[predicted == expected], predicted)]
        counted.append(np.bincount(expected, minlength=length))
        if not len(self.actual):
            return type(self)(self.average, self.scores, *counted)
        check_alike(self.name, len(self.actual) - 1, found)
        held = (self.right, self.predicted, self.actual)
        return type(self)(self.average, self.scores, *(old + new for old, new in zip(held, counted, strict=True)))

    @abstractmethod
    def share(self) -> tuple[Array, Array]:
        """By class, how much is right and of how much."""

    def compute(self) -> float:
        """The average so far; RunError before the first sample."""
        seen(self.name, int(self.actual.sum()))
        part, whole = self.share()
        if self.average == "micro":
            part, whole = part.sum(keepdims=True), whole.sum(keepdims=True)
        shares = np.divide(part, whole, out=np.zeros(len(part)), where=whole > 0)
        if self.average == "weighted":
            return float(np.average(shares, weights=self.actual))
        if self.average == "macro":
            shares = shares[(self.predicted + self.actual) > 0]
        return float(shares[1] if self.average == "binary" else shares.mean())


class Precision(_ByClass):
    """Of the samples predicted to be of a class, the share that is."""

    name = "precision"
    title = "Precision"
    formula = "TP / (TP + FP)"
    counts = "of the samples predicted to be of a class, those that are"

    def share(self) -> tuple[Array, Array]:
        return self.right, self.predicted


class Recall(_ByClass):
    """Of the samples of a class, the share that is predicted to be."""

    name = "recall"
    title = "Recall"
    formula = "TP / (TP + FN)"
    counts = "of the samples of a class, those predicted to be"

    def share(self) -> tuple[Array, Array]:
        return self.right, self.actual


class F1(_ByClass):
    """The harmonic mean of precision and recall."""

    name = "f1"
    title = "F1"
    formula = "2·TP / (2·TP + FP + FN)"
    counts = "right samples of a class, beside those of it and those predicted to be (precision and recall in one)"

    def share(self) -> tuple[Array, Array]:
        return 2 * self.right, self.predicted + self.actual


class Confusion(NamedTuple):
    """`counts[i, j]` samples of class i are predicted to be of class j; of `unpredicted[i]` a score is NaN."""

    counts: Array
    unpredicted: Array


@dataclass(frozen=True, eq=False)
class ConfusionMatrix(Metric):
    """How many samples of each class are predicted to be of each; its number is the share on the diagonal."""

    name = "confusion_matrix"
    title = "Confusion matrix"
    counts = "samples of each class by what they are predicted to be; its number is the share on the diagonal"
    settings: ClassVar = {"scores": SCORES}
    scores: Given = "logits"
    # (C, C + 1), the last column that of samples for which nothing is predicted.
    cells: Array = field(default_factory=lambda: np.zeros((0, 0), np.int64))

    def __post_init__(self) -> None:
        cells = np.asarray(self.cells, np.int64)
        object.__setattr__(self, "cells", cells if cells.size else np.zeros((0, 0), np.int64))

    def check(self, prediction: Shaped, target: Shaped) -> None:
        check_classes(self.name, prediction, target)

    def limits(self, prediction: Shaped, target: Shaped) -> Limits | None:
        return class_limits(prediction, target)

    def with_batch(self, prediction: Array, target: Array) -> Self:
        found = decide(self.name, prediction, target, self.scores)
        width = found.classes + 1
        cells = found.expected * width + np.where(found.predicted == NONE, found.classes, found.predicted)
        counted = np.bincount(cells, minlength=found.classes * width).reshape(found.classes, width)
        if not len(self.cells):
            return type(self)(self.scores, counted)
        check_alike(self.name, len(self.cells), found)
        return type(self)(self.scores, self.cells + counted)

    def compute(self) -> Confusion:
        """The matrix so far; RunError before the first sample."""
        seen(self.name, int(self.cells.sum()))
        return Confusion(self.cells[:, :-1], self.cells[:, -1])

    def number(self) -> float:
        """The share of samples on the diagonal: the accuracy."""
        return int(np.trace(self.compute().counts)) / int(self.cells.sum())


def check_alike(name: str, classes: int, found: Decided) -> None:
    """Raise ShapeError for a batch of another number of classes than those before."""
    if classes != found.classes:
        raise ShapeError(f"{name} has counted {classes} classes; found a batch of {found.classes}", port="prediction")
