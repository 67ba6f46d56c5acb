"""A mean that forgets: each number counts `factor` times as much as the one behind it, from the first number on.

Divided by the weights that have come together by then, so that the first numbers are not drawn towards zero. What is
not finite has no weight, and no time stands still for it. Only what stands at the edges of blocks is kept; what is
asked for is computed again from there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .extremes import BLOCK, Extremes

Array = np.ndarray[Any, Any]
LEAST = 0.01  # a smaller factor changes nothing that is seen, and its powers are no numbers any more


class Smoothed:
    """Of elements that are read where they stand, `read(start, stop)`; `factor` is from 0.01 on, and below 1."""

    def __init__(self, read: Callable[[int, int], Array], factor: float) -> None:
        self.factor = factor
        self._read_raw = read
        self._decay = factor ** np.arange(1.0, BLOCK + 1)  # of what stood before a block, at each of its elements
        self._growth = (1 - factor) / self._decay
        self._edges = np.zeros((2, BLOCK))  # sum and weight before each block
        self.extremes = Extremes(self.read)

    def grow(self, size: int) -> None:
        """There are so many elements by now."""
        self.extremes.grow(size)

    def read(self, start: int, stop: int) -> Array:
        """The smoothed elements from `start` on; those before have been read at least once, in order."""
        if stop <= start:
            return np.zeros(0)
        first = start // BLOCK
        raw = np.asarray(self._read_raw(first * BLOCK, stop), np.float64)
        short = -len(raw) % BLOCK
        raw = np.pad(raw, (0, short), constant_values=0.0).reshape(-1, BLOCK)
        finite = np.isfinite(raw)
        whole = stop // BLOCK - first  # what comes after a block is known once it is full
        if finite.all():
            sums, weights = self._through(raw, first, whole, 0), self._filled(len(raw), first, whole)
        else:
            sums = self._through(np.where(finite, raw, 0.0), first, whole, 0)
            weights = self._through(finite.astype(np.float64), first, whole, 1)
        with np.errstate(invalid="ignore", divide="ignore"):
            found = sums / weights
            found[~finite] = np.nan
        return found.reshape(-1)[start - first * BLOCK : stop - first * BLOCK]

    def _through(self, blocks: Array, first: int, whole: int, row: int) -> Array:
        """What has come together at each element of blocks, of which the first is block `first`, and `whole` full."""
        found = np.cumsum(blocks * self._growth, axis=1) * self._decay
        edges = self._room(first + len(blocks) + 1)[row]
        before = float(edges[first])
        carried = []
        for end in found[:, -1].tolist():
            carried.append(before)
            before = before * float(self._decay[-1]) + end
        edges[first + 1 : first + whole + 1] = [*carried, before][1 : whole + 1]
        return found + np.array(carried)[:, None] * self._decay

    def _filled(self, count: int, first: int, whole: int) -> Array:
        """The weights that have come together at each element of blocks in which all are finite."""
        edges = self._room(first + count + 1)[1]
        lacking = (1 - edges[first]) * self._decay[-1] ** np.arange(count + 1)
        edges[first + 1 : first + whole + 1] = 1 - lacking[1 : whole + 1]
        return 1 - lacking[:-1, None] * self._decay

    def _room(self, size: int) -> Array:
        while size > self._edges.shape[1]:
            self._edges = np.hstack([self._edges, np.zeros_like(self._edges)])
        return self._edges
