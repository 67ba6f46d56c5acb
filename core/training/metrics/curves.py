"""Curves over thresholds: above each the samples are predicted to be of one class."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, NamedTuple, Self

import numpy as np

from ...errors import ShapeError
from ...parameters import Parameter, Range
from ...signature import Limits
from .counting import Array, Metric, Shaped, seen
from .deciding import SCORES, Given, check_classes, class_limits, expected_classes, rows, scores
from .likelihood import log_softmax

Averages = Literal["macro", "weighted"]
Parts = tuple[Array, ...]


class RocCurve(NamedTuple):
    """From (0, 0) to (1, 1): the share of the others and that of the class that lie at or above each threshold."""

    false_positive_rate: Array
    true_positive_rate: Array
    thresholds: Array
    area: float


class PrecisionRecallCurve(NamedTuple):
    """By rising thresholds, to the point (recall 0, precision 1) that has none.

    `area` is the one under it in steps: the mean of precisions, weighted by how much recall each adds.
    """

    precision: Array
    recall: Array
    thresholds: Array
    area: float


class Above(NamedTuple):
    """By falling thresholds (each score that occurs), how many of the class and of the others lie at or above."""

    hits: Array
    alarms: Array
    thresholds: Array


class OneVersusRest(NamedTuple):
    """A curve for each class against all others; `area` is the mean of theirs over the classes that have one."""

    curves: tuple[RocCurve | PrecisionRecallCurve, ...]
    area: float


@dataclass(frozen=True, eq=False)
class _Curve(Metric):
    """All scores are kept, so it is exact. Of class `positive` against the rest; without it of class 1 of two, and of
    more classes a curve for each against the rest, whose areas are made one number by `average`: "macro", their mean
    over the classes that have an area; "weighted", that mean with the samples of each class as its weight.

    prediction (N,) or (N, 1) of scores for class 1, logits or probabilities, or (N, …, C) with a score for each class;
    of two their difference counts, of more the score of the class, of logits after log-softmax. Target as for accuracy.
    A sample whose scores hold NaN is on the wrong side of every threshold.
    """

    settings: ClassVar = {
        "positive": Parameter("positive", int | None, None, range=Range(0, unit="class")),
        "average": Parameter("average", Averages, "macro"),
        "scores": SCORES,
    }
    positive: int | None = None
    average: Averages = "macro"
    scores: Given = "logits"
    # A row a sample: the scores, of one class or of each, and the class expected (of one, whether it is that). They lie
    # in parts of which each is longer than the next: appending copies little.
    parts: Parts = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "parts", tuple(np.asarray(part, np.float64) for part in self.parts))

    def plain(self) -> dict[str, object]:
        rows = [row for part in self.parts for row in part.tolist()]
        return {**self.chosen, "parts": [rows] if rows else []}

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return False
        mine, theirs = (each._rows() if each.parts else np.empty((0, 2)) for each in (self, other))
        return self.chosen == other.chosen and np.array_equal(mine, theirs, equal_nan=True)

    __hash__ = None

    def check(self, prediction: Shaped, target: Shaped) -> None:
        check_classes(self.name, prediction, target)
        classes = scores(prediction.shape) or 2
        if self.positive is not None and self.positive >= classes:
            raise ShapeError(
                f"{self.name} needs a class from 0 to {classes - 1} as positive; found {self.positive}",
                port="prediction",
                hint=f"positive: 0 to {classes - 1}",
            )

    def limits(self, prediction: Shaped, target: Shaped) -> Limits | None:
        return class_limits(prediction, target)

    def with_batch(self, prediction: Array, target: Array) -> Self:
        expected = expected_classes(self.name, prediction, target)
        with np.errstate(invalid="ignore"):  # of two infinite scores none is larger: NaN says so
            found = self._scores_of(prediction.astype(np.float64))
        if found.shape[1] == 1:
            expected = expected == (1 if self.positive is None else self.positive)
        elif self.parts and self.parts[0].shape[1] != found.shape[1] + 1:
            known = self.parts[0].shape[1] - 1
            raise ShapeError(f"{self.name} has seen {known} classes; found a prediction of {prediction.shape}")
        new = np.column_stack([found, expected])
        return type(self)(**self.chosen, parts=_appended(self.parts, new) if len(new) else self.parts)

    def _scores_of(self, prediction: Array) -> Array:
        """How much speaks for the class, (M, 1), or for each, (M, C): NaN where a score is."""
        classes = scores(prediction.shape)
        prediction = rows(prediction) if classes else prediction.reshape(-1)
        if classes < 3:
            one = prediction[:, 1] - prediction[:, 0] if classes else prediction
            return (-one if self.positive == 0 else one)[:, None]
        if self.scores == "logits":
            prediction = log_softmax(prediction)
        broken = np.isnan(prediction).any(axis=1, keepdims=True)
        every = np.where(broken, np.nan, prediction)
        return every if self.positive is None else every[:, self.positive, None]

    def _rows(self) -> Array:
        seen(self.name, sum(map(len, self.parts)))
        return np.concatenate(self.parts)

    def compute(self) -> Any:
        """The curve so far, with every threshold, or one for each class; RunError before the first sample."""
        rows = self._rows()
        if rows.shape[1] == 2:
            return self.curve(_above(rows))
        labels = rows[:, -1]
        hits = [labels == c for c in range(rows.shape[1] - 1)]
        curves = tuple(self.curve(_above(np.stack([rows[:, c], hit], axis=1))) for c, hit in enumerate(hits))
        areas = np.array([each.area for each in curves])
        weights = np.array([1 if self.average == "macro" else hit.sum() for hit in hits]) * ~np.isnan(areas)
        area = float(np.average(np.nan_to_num(areas), weights=weights)) if weights.any() else np.nan
        return OneVersusRest(curves, area)

    def number(self) -> float:
        """The area under the curve, of several classes the average of theirs."""
        return float(self.compute().area)

    @abstractmethod
    def curve(self, above: Above) -> Any:
        """The curve of one class."""


def _above(rows: Array) -> Above:
    """Of rows of a score and whether it is of the class."""
    broken = np.isnan(rows[:, 0])
    known, positive = rows[~broken], rows[:, 1] == 1
    thresholds, place = np.unique(-known[:, 0], return_inverse=True)
    hits = np.bincount(place, known[:, 1] == 1, len(thresholds))
    alarms = np.bincount(place, known[:, 1] == 0, len(thresholds))
    falling = 0.0 - thresholds
    if wrong := np.count_nonzero(broken & ~positive):  # above whatever threshold
        hits, alarms, falling = np.r_[0, hits], np.r_[wrong, alarms], np.r_[np.nan, falling]
    if missed := np.count_nonzero(broken & positive):  # below whatever threshold
        hits, alarms, falling = np.r_[hits, missed], np.r_[alarms, 0], np.r_[falling, np.nan]
    return Above(np.cumsum(hits), np.cumsum(alarms), falling)


class Roc(_Curve):
    """The receiver operating characteristic; its number is the area under it, of several classes the mean of theirs.

    An area is the chance that a sample of the class has a larger score than another; NaN where there are not both.
    """

    name = "roc_auc"
    title = "ROC area"
    formula = "∫ TPR dFPR, TPR = TP / (TP + FN), FPR = FP / (FP + TN)"
    counts = "the shares of a class and of the others above each threshold; its number is the area under the curve"

    def curve(self, above: Above) -> RocCurve:
        hits, alarms = np.r_[0, above.hits], np.r_[0, above.alarms]
        thresholds = np.r_[np.inf, above.thresholds]
        # Sums of whole numbers are exact: only the last division rounds.
        twice = float(np.sum(np.diff(alarms) * (hits[1:] + hits[:-1])))
        area = twice / (2 * hits[-1] * alarms[-1]) if hits[-1] and alarms[-1] else np.nan
        return RocCurve(_part(alarms, alarms[-1]), _part(hits, hits[-1]), thresholds, float(area))


class PrecisionRecall(_Curve):
    """Precision over recall; its number is the area under it in steps, of several classes the mean of theirs.

    This average precision is NaN where there is no sample of the class.
    """

    name = "average_precision"
    title = "Precision-recall area"
    formula = "Σ (Rₖ − Rₖ₋₁)·Pₖ"
    counts = "precision and recall above each threshold; its number is the area under the curve, in steps"

    def curve(self, above: Above) -> PrecisionRecallCurve:
        precision = above.hits / (above.hits + above.alarms)
        recall = _part(above.hits, above.hits[-1])
        area = float(np.sum(np.diff(recall, prepend=0.0) * precision))
        return PrecisionRecallCurve(np.r_[precision[::-1], 1.0], np.r_[recall[::-1], 0.0], above.thresholds[::-1], area)


def _appended(parts: Parts, new: Array) -> Parts:
    while parts and len(parts[-1]) <= len(new):
        new, parts = np.concatenate([parts[-1], new]), parts[:-1]
    return (*parts, new)


def _part(counts: Array, whole: float) -> Array:
    return counts / whole if whole else np.full(len(counts), np.nan)
