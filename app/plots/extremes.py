"""Least and greatest of many numbers in each column of pixels: a pyramid of blocks, to which growing only adds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

Array = np.ndarray[Any, Any]
BLOCK = 64  # elements of a block, and blocks of one that is a level higher
CHUNK = 2**14
_REDUCE = (np.minimum, np.maximum, np.minimum, np.add, np.add)
_NONE = np.array([np.inf, -np.inf, np.inf, 0, 0])[:, None]


class Spans(NamedTuple):
    """What lies in spans of elements, `first` to `last`, both included; `low` is above `high` where nothing is finite.

    `positive` is the least that is above zero, `broken` how many are not finite, `flat` how many are at zero or below.
    """

    first: Array
    last: Array
    low: Array
    high: Array
    positive: Array
    broken: Array
    flat: Array


class Extremes:
    """Of elements that are read where they stand, `read(start, stop)`, and of which only summaries are kept."""

    def __init__(self, read: Callable[[int, int], Array]) -> None:
        self.size = 0
        self._read = read
        self._levels: list[Array] = []

    def grow(self, size: int) -> None:
        """There are so many elements by now."""
        start = self.size // BLOCK * BLOCK  # of the last block, which may have been begun only
        for at in range(start, size, CHUNK):
            self._write(0, at // BLOCK, _summed(self._read(at, min(at + CHUNK, size))))
        self.size = max(size, self.size)

    def _write(self, level: int, at: int, found: Array) -> None:
        """Put blocks in from `at` on, and what they change further up."""
        if level == len(self._levels):
            self._levels.append(np.tile(_NONE, BLOCK))
        end = at + found.shape[1]
        while end > self._levels[level].shape[1]:
            self._levels[level] = np.hstack([self._levels[level], np.tile(_NONE, self._levels[level].shape[1])])
        blocks = self._levels[level]
        blocks[:, at:end] = found
        if end > BLOCK or level + 1 < len(self._levels):
            first = at // BLOCK if level + 1 < len(self._levels) else 0
            self._write(level + 1, first, _reduced(blocks[:, first * BLOCK : end], BLOCK))

    def spans(self, edges: Array) -> Spans:
        """What lies between neighbours of `edges`, positions of elements in order; spans without one are left out.

        Where columns are wider than blocks, whole blocks are told of: their edges are then less than a column off.
        """
        start, stop = int(edges[0]), int(edges[-1])
        wide = (stop - start) / max(len(edges) - 1, 1)
        level, block = 0, 1
        while level < len(self._levels) and block * BLOCK <= wide:
            level, block = level + 1, block * BLOCK
        if level == 0:
            rows = _elements(self._read(start, stop))
            begin, total = edges - start, stop - start
        else:
            low, high = start // block, -(-stop // block)
            rows = self._levels[level - 1][:, low:high]
            begin, total = edges // block - low, high - low
        first = begin[:-1]
        first = first[(first < total) & np.append(True, first[1:] > first[:-1])]
        if not first.size:
            return Spans(*np.zeros((7, 0)))
        found = [reduce.reduceat(row, first) for reduce, row in zip(_REDUCE, rows, strict=True)]
        offset = start if level == 0 else start // block * block
        firsts = np.maximum(first * block + offset, start)
        lasts = np.minimum(np.append(first[1:], total) * block + offset, stop) - 1
        return Spans(firsts, lasts, *found)


def _elements(values: Array) -> Array:
    """The five rows of elements that stand for themselves, (5, n)."""
    numbers = np.asarray(values, np.float64)
    finite = np.isfinite(numbers)
    if finite.all():
        low = high = numbers
        broken = np.zeros(len(numbers))
    else:
        low, high = np.where(finite, numbers, np.inf), np.where(finite, numbers, -np.inf)
        broken = (~finite).astype(np.float64)
    below = high <= 0
    flat = (below & finite).astype(np.float64)
    return np.stack([low, high, np.where(below, np.inf, low), broken, flat])


def _summed(values: Array) -> Array:
    return _reduced(_elements(values), BLOCK)


def _reduced(rows: Array, block: int) -> Array:
    """Each row by its blocks, of which the last may be shorter."""
    starts = np.arange(0, rows.shape[1], block)
    return np.stack([reduce.reduceat(row, starts) for reduce, row in zip(_REDUCE, rows, strict=True)])
