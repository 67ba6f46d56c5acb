"""Curves over thresholds: above each the samples are predicted to be of one class."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple, Self

import numpy as np

from ...errors import ShapeError
from ...parameters import Parameter, Range
from ...signature import Limits
from .counting import Array, Metric, Shaped, seen
from .deciding import check_classes, class_limits, expected_classes, scores

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


class _Above(NamedTuple):
    """By falling thresholds (each score that occurs), how many of the class and of the others lie at or above."""

    hits: Array
    alarms: Array
    thresholds: Array


@dataclass(frozen=True, eq=False)
class _Curve(Metric):
    """All scores are kept, so it is exact. Of class `positive` against the rest.

    prediction (N,) or (N, 1) of scores for class 1, logits or probabilities, or (N, C) with a score for each class;
    of two their difference counts, of more the score of the class as it is, so take softmax first. Target as for
    accuracy. A sample whose scores hold NaN is on the wrong side of every threshold.
    """

    settings: ClassVar = {"positive": Parameter("positive", int, 1, range=Range(0, unit="class"))}
    positive: int = 1
    # Columns score and whether of the class, in parts of which each is longer than the next: appending copies little.
    parts: Parts = ()

    def __post_init__(self) -> None:
        parts = tuple(np.asarray(part, np.float64).reshape(-1, 2) for part in self.parts)
        object.__setattr__(self, "parts", parts)

    def plain(self) -> dict[str, object]:
        rows = [row for part in self.parts for row in part.tolist()]
        return {"positive": self.positive, "parts": [rows] if rows else []}

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return False
        mine, theirs = (np.concatenate([np.empty((0, 2)), *each.parts]) for each in (self, other))
        return self.positive == other.positive and np.array_equal(mine, theirs, equal_nan=True)

    __hash__ = None

    def check(self, prediction: Shaped, target: Shaped) -> None:
        check_classes(self.name, prediction, target)
        classes = scores(prediction.shape) or 2
        if self.positive >= classes:
            raise ShapeError(
                f"{self.name} needs a class from 0 to {classes - 1} as positive; found {self.positive}",
                port="prediction",
                hint=f"positive: 0 to {classes - 1}",
            )

    def limits(self, prediction: Shaped, target: Shaped) -> Limits | None:
        return class_limits(prediction, target)

    def update(self, prediction: Array, target: Array) -> Self:
        self.check(prediction, target)
        expected = expected_classes(self.name, prediction, target)
        with np.errstate(invalid="ignore"):  # of two infinite scores none is larger: NaN says so
            score = _scores_of(prediction.astype(np.float64), self.positive)
        new = np.stack([score, expected == self.positive], axis=1)
        return type(self)(self.positive, _appended(self.parts, new) if len(new) else self.parts)

    def _above(self) -> _Above:
        rows = np.concatenate([np.empty((0, 2)), *self.parts])
        seen(self.name, len(rows))
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
        return _Above(np.cumsum(hits), np.cumsum(alarms), falling)


class Roc(_Curve):
    """The receiver operating characteristic; its number is the area under it.

    It is the chance that a sample of the class has a larger score than another; NaN where there are not both.
    """

    name = "roc_auc"
    title = "ROC area"
    counts = "the shares of a class and of the others above each threshold; its number is the area under the curve"

    def compute(self) -> RocCurve:
        """The curve so far, with every threshold; RunError before the first sample."""
        above = self._above()
        hits, alarms = np.r_[0, above.hits], np.r_[0, above.alarms]
        thresholds = np.r_[np.inf, above.thresholds]
        # Sums of whole numbers are exact: only the last division rounds.
        twice = float(np.sum(np.diff(alarms) * (hits[1:] + hits[:-1])))
        area = twice / (2 * hits[-1] * alarms[-1]) if hits[-1] and alarms[-1] else np.nan
        return RocCurve(_part(alarms, alarms[-1]), _part(hits, hits[-1]), thresholds, float(area))

    def number(self) -> float:
        """The area under the curve."""
        return self.compute().area


class PrecisionRecall(_Curve):
    """Precision over recall; its number is the area under it in steps, the average precision.

    NaN where there is no sample of the class.
    """

    name = "average_precision"
    title = "Precision-recall area"
    counts = "precision and recall above each threshold; its number is the area under the curve, in steps"

    def compute(self) -> PrecisionRecallCurve:
        """The curve so far, with every threshold; RunError before the first sample."""
        above = self._above()
        precision = above.hits / (above.hits + above.alarms)
        recall = _part(above.hits, above.hits[-1])
        area = float(np.sum(np.diff(recall, prepend=0.0) * precision))
        return PrecisionRecallCurve(np.r_[precision[::-1], 1.0], np.r_[recall[::-1], 0.0], above.thresholds[::-1], area)

    def number(self) -> float:
        """The average precision."""
        return self.compute().area


def _scores_of(prediction: Array, positive: int) -> Array:
    """How much speaks for class `positive` in each sample: NaN where a score is."""
    classes = scores(prediction.shape)
    if not classes:
        logits = prediction.reshape(len(prediction))
        return logits if positive == 1 else -logits
    own = prediction[:, positive]
    if classes == 2:
        return own - prediction[:, 1 - positive]
    return np.where(np.isnan(prediction).any(axis=1), np.nan, own)


def _appended(parts: Parts, new: Array) -> Parts:
    while parts and len(parts[-1]) <= len(new):
        new, parts = np.concatenate([parts[-1], new]), parts[:-1]
    return (*parts, new)


def _part(counts: Array, whole: float) -> Array:
    return counts / whole if whole else np.full(len(counts), np.nan)
