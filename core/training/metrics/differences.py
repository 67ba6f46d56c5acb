"""Metrics of how far predictions lie from their targets: mean squared and absolute error, R²."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from ...errors import ShapeError
from ...signature import Limits
from .counting import Array, Metric, Shaped, seen


@dataclass(frozen=True, eq=False)
class _MeanError(Metric):
    """Mean over every element of how large prediction - target is; both (N, ...) of one shape."""

    better = "min"
    size: ClassVar[np.ufunc]  # how large each difference counts
    total: float = 0.0
    elements: int = 0

    def check(self, prediction: Shaped, target: Shaped) -> None:
        _check_same(prediction, target)

    def limits(self, prediction: Shaped, target: Shaped) -> Limits | None:
        return None

    def with_batch(self, prediction: Array, target: Array) -> Self:
        difference = _difference(prediction, target)
        total = float(np.sum(self.size(difference)))
        return type(self)(self.total + total, self.elements + difference.size)

    def compute(self) -> float:
        """The mean so far; RunError before the first sample."""
        return self.total / seen(self.name, self.elements)


class MeanSquaredError(_MeanError):
    """Mean of (prediction - target)² over every element; both (N, ...) of one shape."""

    name = "mse"
    title = "MSE"
    formula = "(1/n) Σ (p − t)²"
    counts = "squared differences, over every element"
    size = np.square


class MeanAbsoluteError(_MeanError):
    """Mean of |prediction - target| over every element; both (N, ...) of one shape."""

    name = "mae"
    title = "MAE"
    formula = "(1/n) Σ |p − t|"
    counts = "absolute differences, over every element"
    size = np.abs


def _nothing() -> NDArray[np.float64]:
    return np.zeros(0)


@dataclass(frozen=True, eq=False)
class R2(Metric):
    """1 - Σ(prediction - target)² / Σ(target - its mean)², the mean of that over what a sample consists of.

    Both (N, ...) of one shape. 1 is exact, 0 no better than the mean of all targets. Where the targets do not differ
    it is 1 if they are met and otherwise 0; of a single sample NaN.
    """

    name = "r2"
    title = "R²"
    formula = "1 − Σ (t − p)² / Σ (t − t̄)²"
    counts = "how much smaller squared differences are than those from the mean of all targets"
    samples: int = 0
    # One number for each element of a sample. All are measured from the first target: far from 0, sums would round.
    shift: NDArray[np.float64] = field(default_factory=_nothing)
    mean: NDArray[np.float64] = field(default_factory=_nothing)  # of target - shift
    spread: NDArray[np.float64] = field(default_factory=_nothing)  # Σ(target - mean)²
    residual: NDArray[np.float64] = field(default_factory=_nothing)

    def __post_init__(self) -> None:
        for name in ("shift", "mean", "spread", "residual"):
            object.__setattr__(self, name, np.asarray(getattr(self, name), np.float64))

    def check(self, prediction: Shaped, target: Shaped) -> None:
        _check_same(prediction, target)

    def limits(self, prediction: Shaped, target: Shaped) -> Limits | None:
        return None

    def with_batch(self, prediction: Array, target: Array) -> Self:
        count = len(prediction)
        residual = np.square(_difference(prediction, target).reshape(count, -1)).sum(axis=0) if count else _nothing()
        if not count:
            return self
        wide = target.astype(np.float64).reshape(count, -1)
        shift = self.shift if self.samples else wide[0]
        if wide.shape[1:] != shift.shape:
            raise ShapeError(f"r2 has seen samples of {len(shift)} elements; found {wide.shape[1]}", port="target")
        wide = wide - shift
        mean = wide.mean(axis=0)
        spread = np.square(wide - mean).sum(axis=0)
        if not self.samples:
            return type(self)(count, shift, mean, spread, residual)
        # Two spreads about two means become one about the mean of all: nothing large is subtracted.
        total, apart = self.samples + count, mean - self.mean
        spread = self.spread + spread + np.square(apart) * (self.samples * count / total)
        return type(self)(total, shift, self.mean + apart * (count / total), spread, self.residual + residual)

    def compute(self) -> float:
        """R² so far; RunError before the first sample."""
        if seen(self.name, self.samples) == 1:
            return float("nan")
        missed = np.divide(self.residual, self.spread, out=np.sign(self.residual), where=self.spread != 0)
        return float(np.mean(1 - missed))


def _check_same(prediction: Shaped, target: Shaped) -> None:
    """Refuse shapes that differ, but for (N, 1) and (N,)."""
    rows = prediction.shape[:1]
    if prediction.shape != target.shape and {prediction.shape, target.shape} != {rows, (*rows, 1)}:
        found, hint = f"{prediction.shape} and {target.shape}", f"target: {prediction.shape}"
        if target.shape == rows and len(prediction.shape) == 2 and target.dtype.kind in "iu":  # class labels
            found += " of integers"
            hint = f"of class labels accuracy, f1 or nll; of numbers {hint}"
        raise ShapeError(f"prediction and target must have one shape; found {found}", port="target", hint=hint)


def _difference(prediction: Array, target: Array) -> NDArray[np.float64]:
    """prediction - target in float64. (N, 1) and (N,) meet sample by sample; nothing else is broadcast."""
    _check_same(prediction, target)
    return np.subtract(prediction, target.reshape(prediction.shape), dtype=np.float64)
