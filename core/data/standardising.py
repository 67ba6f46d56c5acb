"""`Standardiser`: features shifted and scaled to mean 0 and standard deviation 1 of the training part."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import DataError
from .datasets import Array
from .rows import Rows, Samples, chunks


@dataclass(frozen=True, slots=True, eq=False)
class Standardiser:
    """(x - mean) / scale; both float64 of one sample's shape. `scale` is 1 where a feature never varies."""

    mean: NDArray[np.float64]
    scale: NDArray[np.float64]

    @classmethod
    def fit(cls, x: Samples) -> Standardiser:
        """Measure the training part x (N, ...). Fitted on more, it would leak the validation part."""
        with np.errstate(over="ignore", invalid="ignore"):
            if isinstance(x, Rows):
                mean, scale, constant = _measured(x)
            else:
                mean = x.mean(axis=0, dtype=np.float64)
                scale = x.std(axis=0, dtype=np.float64)
                constant = x.max(axis=0) == x.min(axis=0)
        if not (np.isfinite(mean).all() and np.isfinite(scale).all()):
            raise DataError(
                f"standardising needs features whose squares fit in float64; found a value of"
                f" {max(abs(float(x.min())), abs(float(x.max()))):g}",
                hint="give that feature in a larger unit",
            )
        # The rounded deviation of a constant column may be 1e-17: dividing by it would blow up the noise.
        return cls(np.where(constant, x[0], mean), np.where(constant | (scale == 0), 1.0, scale))

    def apply(self, x: Array) -> NDArray[np.float64]:
        """Standardise x (N, ...), into a new float64 array; infinite where a value is too far off to tell."""
        with np.errstate(over="ignore"):
            result: NDArray[np.float64] = x - self.mean
            result /= self.scale
        return result

    def undo(self, x: Array) -> NDArray[np.float64]:
        """From standardised x (N, ...) back to the feature's own units."""
        result: NDArray[np.float64] = x * self.scale + self.mean
        return result

    def to_json(self) -> dict[str, Any]:
        """{"mean": nested lists, "scale": nested lists}: Python writes each float so that it reads back."""
        return {"mean": self.mean.tolist(), "scale": self.scale.tolist()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Standardiser:
        """The standardiser that `to_json` wrote, to the bit; DataError where it is not one."""
        try:
            mean = np.array(data["mean"], dtype=np.float64)
            scale = np.array(data["scale"], dtype=np.float64)
        except (KeyError, TypeError, ValueError) as error:
            raise DataError(f"a standardiser must hold numbers as mean and scale; found {error}") from error
        if mean.shape != scale.shape or not (np.isfinite(mean).all() and (np.abs(scale) > 0).all()):
            raise DataError(
                "a standardiser must hold finite means and, of the same shape, scales other than 0;"
                f" found shapes {mean.shape} and {scale.shape}"
            )
        return cls(mean, scale)


def _measured(x: Rows) -> tuple[Array, Array, Array]:
    """Mean and deviation of each feature, and whether it never varies, in two walks over what is in no memory."""
    total, low, high = np.zeros(x.shape[1:]), x[0], x[0]
    for _, part in chunks(x):
        total += part.sum(axis=0, dtype=np.float64)
        low, high = np.minimum(low, part.min(axis=0)), np.maximum(high, part.max(axis=0))
    mean, squares = total / len(x), np.zeros(x.shape[1:])
    for _, part in chunks(x):
        squares += ((part - mean) ** 2).sum(axis=0)
    return mean, np.sqrt(squares / len(x)), low == high
