"""Metrics that grow batch by batch and are exact however the samples are cut into batches.

A metric is an immutable value: `update` gives the next one, `compute` the number so far. Its fields are sums
(Python ints and float64), never means of means, so a smaller last batch weighs what it should; a checkpoint
holds them as plain numbers.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from ..errors import DataError, ParameterError, RunError, ShapeError
from ..signature import Aval, Limits

Array = NDArray[Any]
Shaped = Array | Aval


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Share of samples predicted rightly, from 0 to 1.

    prediction (N, C) scores, C at least 2, with target (N,) labels 0 … C - 1 or (N, C) probabilities: the
    largest score is the prediction, the first of equal ones. prediction (N,) or (N, 1) logits with target
    (N,) or (N, 1) of 0 and 1: 1 is predicted above 0 (a probability above one half). A sample whose scores
    hold NaN counts as wrong.
    """

    name: ClassVar[str] = "accuracy"
    counts: ClassVar[str] = (
        "samples whose largest score is at the target's class;"
        " with one score a sample, those whose logit is above 0 exactly where the target is 1"
    )
    correct: int = 0
    samples: int = 0

    def reset(self) -> Self:
        """One that has seen nothing."""
        return type(self)()

    def check(self, prediction: Shaped, target: Shaped) -> None:
        """Raise ShapeError where the shapes do not fit."""
        shape = prediction.shape
        if len(shape) != 1 and (len(shape) != 2 or not shape[1]):
            raise ShapeError(
                f"accuracy needs a prediction of shape (N, C), (N, 1) or (N,); found {shape}", port="prediction"
            )
        other = shape if _scores(shape) else (shape[0], 1)
        if target.shape not in (shape[:1], other):
            raise ShapeError(
                f"accuracy of prediction {shape} needs a target of shape {shape[:1]} or {other}; found {target.shape}",
                port="target",
                hint="one integer label a sample" if _scores(shape) else "0 or 1 a sample",
            )

    def limits(self, prediction: Shaped, target: Shaped) -> Limits | None:
        """What labels must lie between; None for probabilities."""
        if _scores(prediction.shape) and target.shape == prediction.shape:
            return None
        classes = _scores(prediction.shape) or 2
        return Limits(0, classes - 1, f"labels of {classes} classes", "mend the labels, or let there be more classes")

    def update(self, prediction: Array, target: Array) -> Self:
        """With one more batch counted. Raises ShapeError for shapes, DataError for labels that do not fit."""
        self.check(prediction, target)
        chosen, expected = (_classes if _scores(prediction.shape) else _sides)(prediction, target)
        right = int(np.count_nonzero(chosen == expected))
        return type(self)(self.correct + right, self.samples + len(prediction))

    def compute(self) -> float:
        """The share so far; RunError before the first sample."""
        return self.correct / _seen(self.name, self.samples)


@dataclass(frozen=True, slots=True)
class MeanLoss:
    """Mean of a loss over samples, where each batch's loss is itself a mean over that batch."""

    name: ClassVar[str] = "loss"
    counts: ClassVar[str] = "the mean loss of each batch, weighted by its samples"
    total: float = 0.0
    samples: int = 0

    def reset(self) -> Self:
        """One that has seen nothing."""
        return type(self)()

    def update(self, loss: Array | float, samples: int) -> Self:
        """With the loss, one number, of a batch of `samples`; ShapeError if it is not one number."""
        value = np.asarray(loss)
        if value.size != 1:
            raise ShapeError(
                f"a loss must be one number; found shape {value.shape}", hint="take its mean over the batch"
            )
        return type(self)(self.total + float(value.item()) * samples, self.samples + samples)

    def compute(self) -> float:
        """The mean so far; RunError before the first sample."""
        return self.total / _seen(self.name, self.samples)


@dataclass(frozen=True, slots=True)
class _MeanError:
    """Mean over every element of how large prediction - target is; both (N, ...) of one shape."""

    name: ClassVar[str]
    counts: ClassVar[str]
    size: ClassVar[np.ufunc]  # how large each difference counts
    total: float = 0.0
    elements: int = 0

    def reset(self) -> Self:
        """One that has seen nothing."""
        return type(self)()

    def check(self, prediction: Shaped, target: Shaped) -> None:
        """Raise ShapeError where the shapes differ."""
        _check_same(prediction, target)

    def limits(self, prediction: Shaped, target: Shaped) -> Limits | None:
        """None: any target fits."""
        return None

    def update(self, prediction: Array, target: Array) -> Self:
        """With one more batch. Raises ShapeError where the shapes differ."""
        difference = _difference(prediction, target)
        total = float(np.sum(self.size(difference)))
        return type(self)(self.total + total, self.elements + difference.size)

    def compute(self) -> float:
        """The mean so far; RunError before the first sample."""
        return self.total / _seen(self.name, self.elements)


class MeanSquaredError(_MeanError):
    """Mean of (prediction - target)² over every element; both (N, ...) of one shape."""

    __slots__ = ()
    name = "mse"
    counts = "squared differences, over every element"
    size = np.square


class MeanAbsoluteError(_MeanError):
    """Mean of |prediction - target| over every element; both (N, ...) of one shape."""

    __slots__ = ()
    name = "mae"
    counts = "absolute differences, over every element"
    size = np.abs


Metric = Accuracy | MeanSquaredError | MeanAbsoluteError

# Those that compare a prediction with a target, as `Training.metrics` names them.
METRICS: tuple[type[Metric], ...] = (Accuracy, MeanSquaredError, MeanAbsoluteError)


def metric(name: str) -> Metric:
    """A metric of METRICS that has seen nothing; ParameterError for an unknown name."""
    known = {each.name: each for each in METRICS}
    if name not in known:
        near = difflib.get_close_matches(str(name), known, 1) or list(known)
        raise ParameterError(f"there is no metric {name!r}", hint=f"known: {', '.join(near)}")
    return known[name]()


def _seen(name: str, count: int) -> int:
    if count == 0:
        raise RunError(f"{name} needs at least one sample; found none", hint="update it with a batch first")
    return count


def _scores(shape: tuple[int, ...]) -> int:
    """How many scores each sample of a prediction of `shape` has, 0 where it has one logit."""
    return shape[1] if len(shape) == 2 and shape[1] > 1 else 0


def _classes(prediction: Array, target: Array) -> tuple[Array, Array]:
    """(predicted, expected) labels, each (N,), from scores (N, C); -1 is predicted where a score is NaN."""
    probabilities = target.shape == prediction.shape
    expected = np.argmax(target, axis=1) if probabilities else _labels(target, prediction.shape[1])
    # NumPy's argmax stops at a NaN, so a broken network would sometimes seem right.
    broken = np.isnan(prediction).any(axis=1)
    return np.where(broken, -1, np.argmax(prediction, axis=1)), expected


def _sides(prediction: Array, target: Array) -> tuple[Array, Array]:
    """(predicted, expected) 0 or 1, each (N,), from one logit a sample."""
    rows = len(prediction)
    logits = prediction.reshape(rows)
    predicted = np.where(np.isnan(logits), -1, (logits > 0).astype(np.int64))
    return predicted, _labels(target.reshape(rows), 2)


def _labels(target: Array, classes: int) -> Array:
    """Labels (N,) as they are; DataError at the first that is not a whole number from 0 to classes - 1."""
    valid = (target >= 0) & (target < classes) & (target == np.floor(target))
    if not valid.all():
        row = int(np.argmin(valid))
        raise DataError(
            f"accuracy needs labels from 0 to {classes - 1} for {classes} classes;"
            f" found {target[row]} at row {row} (from 0) of the batch"
        )
    return target


def _check_same(prediction: Shaped, target: Shaped) -> None:
    """Refuse shapes that differ, but for (N, 1) and (N,)."""
    rows = prediction.shape[:1]
    if prediction.shape != target.shape and {prediction.shape, target.shape} != {rows, (*rows, 1)}:
        raise ShapeError(
            f"prediction and target must have one shape; found {prediction.shape} and {target.shape}",
            port="target",
            hint=f"target: {prediction.shape}",
        )


def _difference(prediction: Array, target: Array) -> NDArray[np.float64]:
    """prediction - target in float64. (N, 1) and (N,) meet sample by sample; nothing else is broadcast."""
    _check_same(prediction, target)
    return np.subtract(prediction, target.reshape(prediction.shape), dtype=np.float64)
