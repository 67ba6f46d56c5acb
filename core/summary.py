"""What is kept of an iteration when its arrays are not: a few numbers of each value, each gradient and each update."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, NamedTuple

import numpy as np

from .graph import Source

Array = np.ndarray[Any, Any]
Kind = Literal["value", "gradient", "update"]
KINDS: tuple[Kind, ...] = ("value", "gradient", "update")
Key = tuple[Kind, Source]
SAMPLE = 241  # elements of an array by which its percentiles are told
_PLACES = (12, 60, 120, 180, 228)  # of these in their order: the 5th, 25th, 50th, 75th and 95th percentile


class Summary(NamedTuple):
    """An array in five numbers: the least and the greatest of its finite elements and the root of the mean of their
    squares (NaN where none is finite), and which shares of all elements are exactly zero and not finite.
    """

    low: float
    high: float
    rms: float
    zeros: float
    broken: float

    @classmethod
    def of(cls, array: Any) -> Summary:
        """Of numbers or truth values of any shape; an empty array has neither zeros nor what is not finite."""
        flat = np.asarray(array).reshape(-1)
        if not flat.size:
            return cls(np.nan, np.nan, np.nan, 0.0, 0.0)
        if flat.dtype.kind != "f":
            flat = flat.astype(np.float64)
        low, high = float(flat.min()), float(flat.max())
        if np.isfinite(low) and np.isfinite(high):  # a NaN would be both
            return cls(low, high, _rms(flat), 1.0 - np.count_nonzero(flat) / flat.size, 0.0)
        finite = flat[np.isfinite(flat)]
        zeros = (finite.size - np.count_nonzero(finite)) / flat.size
        broken = 1.0 - finite.size / flat.size
        if not finite.size:
            return cls(np.nan, np.nan, np.nan, zeros, broken)
        return cls(float(finite.min()), float(finite.max()), _rms(finite), zeros, broken)


def _rms(flat: Array) -> float:
    """The root of the mean of squares."""
    with np.errstate(all="ignore"):
        total = float(np.dot(flat, flat))
        if np.isfinite(total) and total > np.finfo(flat.dtype).smallest_normal:
            return float(np.sqrt(total / flat.size))
        largest = flat.dtype.type(np.max(np.abs(flat)))  # the squares overflow, or vanish: of what is at most 1 not
        return float(largest) * float(np.sqrt(np.mean(np.square(flat / largest, dtype=np.float64)))) if largest else 0.0


class Spread(NamedTuple):
    """How the finite elements of an array are spread: percentiles, of large arrays those of a sample; NaN of none."""

    p5: float
    p25: float
    median: float
    p75: float
    p95: float


COLUMNS = len(Summary._fields) + len(Spread._fields)


def spreads(arrays: Iterable[Any]) -> Array:
    """A row of percentiles for each array of numbers or truth values of any shape."""
    flats = [np.asarray(array).reshape(-1) for array in arrays]
    drawn = np.full((len(flats), SAMPLE), np.nan)
    for row, flat in zip(drawn, flats, strict=True):
        if flat.size:
            row[:] = flat[_drawn(flat.size)]
    drawn.sort(axis=1)
    found = drawn[:, _PLACES]
    for number in np.flatnonzero(~np.isfinite(drawn[:, [0, -1]]).all(axis=1)):  # a NaN is sorted behind all others
        finite = flats[number][np.isfinite(flats[number])]
        found[number] = np.sort(finite[_drawn(finite.size)])[[*_PLACES]] if finite.size else np.nan
    return found


@lru_cache(1024)
def _drawn(size: int) -> Array:
    """Which elements of a flat array are taken: of a small one each about as often, of a large one some at random."""
    if size <= SAMPLE:
        return np.arange(SAMPLE) * size // SAMPLE
    return np.random.default_rng(size).integers(size, size=SAMPLE)  # a stride might fall on the same units each time


@dataclass(frozen=True)
class IterationSummary:
    """The summaries of one iteration of training, and what it made small: its loss, or the sum of its roots.

    They lie in one `table` (entries, 10), a `Summary` and a `Spread` in each row; `rows` says in which row what is,
    and is the same for many iterations.
    """

    number: int
    objective: float
    rows: Mapping[Key, int]
    table: Array

    @classmethod
    def of(
        cls, number: int, objective: float, arrays: Mapping[Key, Any], like: IterationSummary | None = None
    ) -> IterationSummary:
        """Summarise `arrays`. `like` is another iteration, whose index is shared where the same things are there."""
        told = np.array([Summary.of(array) for array in arrays.values()], np.float64).reshape(-1, len(Summary._fields))
        table = np.concatenate([told, spreads(arrays.values())], axis=1)
        if like is not None and list(like.rows) == list(arrays):
            return cls(number, objective, like.rows, table)
        return cls(number, objective, {key: row for row, key in enumerate(arrays)}, table)

    def find(self, kind: Kind, source: Source) -> Summary | None:
        """The numbers of a value, of its gradient, or of the update of a parameter; None where there is no such."""
        row = self.rows.get((kind, source))
        return None if row is None else Summary(*self.table[row, : len(Summary._fields)].tolist())

    def spread(self, kind: Kind, source: Source) -> Spread | None:
        """The percentiles of the same; None where there is no such."""
        row = self.rows.get((kind, source))
        return None if row is None else Spread(*self.table[row, len(Summary._fields) :].tolist())


def length(array: Any) -> float:
    """The Euclidean norm of all elements, also where their squares are beyond the greatest number of their dtype."""
    values = np.asarray(array)
    with np.errstate(over="ignore"):
        found = float(np.linalg.norm(values))
    if found == np.inf and np.isfinite(values).all():
        largest = float(np.abs(values).max())
        return largest * float(np.linalg.norm(values.astype(np.float64) / largest))
    return found
