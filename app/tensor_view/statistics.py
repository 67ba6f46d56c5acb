"""What is said of all elements of an array, in one pass over blocks, so that it can be given up between two."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ...core.cancelling import Cancelled, never
from ..look.numbers import significant

Array = np.ndarray[Any, Any]
BLOCK = 2**20  # elements looked at together


class Statistics(NamedTuple):
    """Counts over all elements; least, most, mean and deviation over the finite ones (None where there are none)."""

    size: int
    low: float | None
    high: float | None
    mean: float | None
    std: float | None
    zeros: int
    nan: int
    positive_infinity: int
    negative_infinity: int

    def line(self) -> str:
        """The statistics as one line for people."""
        parts = [f"{self.size:,} element{'s' * (self.size != 1)}"]
        for name, value in (("min", self.low), ("max", self.high), ("mean", self.mean), ("std", self.std)):
            parts.append(f"{name} {'–' if value is None else significant(value, 5)}")
        counts = (
            ("zeros", self.zeros),
            ("NaN", self.nan),
            ("∞", self.positive_infinity),
            ("−∞", self.negative_infinity),
        )
        return " · ".join(parts + [f"{name} {count:,}" for name, count in counts])


def statistics(array: Array, cancelled: Cancelled = never) -> Statistics | None:
    """The statistics of an array of numbers or truth values; None where it was cancelled on the way."""
    flat = array.reshape(-1)
    floating = flat.dtype.kind == "f"
    low, high = np.inf, -np.inf
    count, mean, squares = 0, 0.0, 0.0
    zeros = nan = above = below = 0
    for start in range(0, flat.size, BLOCK):
        if cancelled():
            return None
        block = flat[start : start + BLOCK]
        zeros += block.size - int(np.count_nonzero(block))
        if floating and not (finite := np.isfinite(block)).all():
            nan += int(np.count_nonzero(np.isnan(block)))
            above += int(np.count_nonzero(block == np.inf))
            below += int(np.count_nonzero(block == -np.inf))
            block = block[finite]
        if not block.size:
            continue
        low, high = min(low, float(block.min())), max(high, float(block.max()))
        with np.errstate(over="ignore", invalid="ignore"):
            wide = block.astype(np.float64)
            there = float(wide.mean())
            # Chan et al. 1979: means and squares of two parts joined without cancellation.
            apart, total = there - mean, count + block.size
            squares += float(np.square(wide - there).sum()) + apart * apart * count * block.size / total
            mean += apart * block.size / total
            count = total
    if not count:
        return Statistics(flat.size, None, None, None, None, zeros, nan, above, below)
    return Statistics(flat.size, low, high, mean, float(np.sqrt(squares / count)), zeros, nan, above, below)
