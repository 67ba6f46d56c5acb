"""`Standardiser`: features shifted and scaled to mean 0 and standard deviation 1 of the training part."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..errors import DataError
from .datasets import Array
from .rows import Samples, chunks

Reduce = Callable[[np.ufunc, Array], Array]


class Extent(NamedTuple):
    """Where numbers lie: their mean, the least and the greatest, of each feature.

    `numbers` is how many each was found among, `samples` in how many samples they were.
    """

    mean: Array
    low: Array
    high: Array
    numbers: int
    samples: int


def over_samples(reduce: np.ufunc, part: Array) -> Array:
    """`part` (n, ...) reduced over its samples, in float64."""
    return np.asarray(reduce.reduce(part, axis=0, dtype=np.float64))


def extent(parts: Iterable[Array], reduced: Reduce = over_samples) -> Extent:
    """Where the numbers of one or more `parts` lie, each reduced to the shape of the features."""
    reduces, found = (np.add, np.minimum, np.maximum), tuple[Array, ...]()
    numbers = samples = 0
    for part in parts:
        own = tuple(reduced(reduce, part) for reduce in reduces)
        found = tuple(reduce(a, b) for reduce, a, b in zip(reduces, found, own, strict=True)) if found else own
        numbers, samples = numbers + part.size // max(1, own[0].size), samples + len(part)
    total, low, high = found
    return Extent(total / numbers, low, high, numbers, samples)


def deviation(parts: Iterable[Array], found: Extent, reduced: Reduce = over_samples) -> Array:
    """The standard deviation of each feature, by a second walk over the same parts."""
    squares = sum(reduced(np.add, (part - found.mean) ** 2) for part in parts)
    return np.asarray(np.sqrt(squares / found.numbers))


@dataclass(frozen=True, slots=True, eq=False)
class Standardiser:
    """(x - mean) / scale; both float64 of one sample's shape. `scale` is 1 where a feature never varies."""

    mean: NDArray[np.float64]
    scale: NDArray[np.float64]

    @classmethod
    def fit(cls, x: Samples) -> Standardiser:
        """Measure the training part x (N, ...). Fitted on more, it would leak the validation part."""
        with np.errstate(over="ignore", invalid="ignore"):
            found = extent(part for _, part in chunks(x))
            mean, scale = found.mean, deviation((part for _, part in chunks(x)), found)
            constant = found.low == found.high
        if not (np.isfinite(mean).all() and np.isfinite(scale).all()):
            raise DataError(
                f"standardising needs features whose squares fit in float64; found a value of"
                f" {max(abs(float(x.min())), abs(float(x.max()))):g}",
                hint="give that feature in a larger unit",
            )
        # The rounded deviation of a constant column may be 1e-17: dividing by it would blow up the noise.
        return cls(np.where(constant, x[0], mean), np.where(constant | (scale == 0), 1.0, scale))

    def leaving(self, columns: Sequence[int]) -> Standardiser:
        """The same, but for columns that it leaves as they are."""
        mean, scale = self.mean.copy(), self.scale.copy()
        mean[[*columns]], scale[[*columns]] = 0.0, 1.0
        return Standardiser(mean, scale)

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
