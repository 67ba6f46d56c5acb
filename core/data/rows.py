"""`Rows`: samples that stay where they are, in a file or as bytes, and become numbers as they are taken.

A data set that is larger than memory is mapped: what a batch needs is read from the file, and nothing is kept. A file
must not be cut short while it is mapped, or the system ends the program; smaller ones are therefore read at once.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import DTypeLike, NDArray

Array = NDArray[Any]
Step = Callable[[Array], Array]

MAPPED_FROM = 2**28  # bytes from which on a file of plain numbers is mapped
IN_MEMORY = 2**32  # bytes that are read or unpacked into memory at most
CHUNK = 2**22  # bytes that a walk over all rows takes at once


class Rows:
    """Samples (N, ...) of `base`, those at `rows` where they are given, each made of `base` by `steps` as `dtype`.

    Read-only. Taking rows (a slice, or integers) gives a new array of them; nothing else reads numbers but `chunks`
    and `min` and `max`, which go through all of them once.
    """

    def __init__(
        self,
        base: Array,
        rows: NDArray[np.int64] | None = None,
        steps: tuple[Step, ...] = (),
        dtype: DTypeLike | None = None,
        sample: tuple[int, ...] | None = None,
    ) -> None:
        """`sample` is the shape of one, where `steps` make it another than that of `base`."""
        self.base, self.rows, self.steps = base, rows, steps
        self.dtype: np.dtype[Any] = base.dtype if dtype is None else np.dtype(dtype)
        of_one = base.shape[1:] if sample is None else sample
        self.shape: tuple[int, ...] = (len(base) if rows is None else len(rows), *of_one)
        self._extremes: tuple[Any, Any] | None = None

    def __len__(self) -> int:
        return self.shape[0]

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def size(self) -> int:
        return math.prod(self.shape)

    def __getitem__(self, index: Any) -> Array:
        values = self.base[index if self.rows is None else self.rows[index]]
        for step in self.steps:
            values = step(values)
        return np.array(values, self.dtype)  # never a view of the file

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> Array:
        return self[:].astype(self.dtype if dtype is None else dtype, copy=False)

    def setflags(self, *, write: bool) -> None:
        """Nothing can be written; here because arrays have it."""
        if write:
            raise ValueError("rows of a file are read-only")

    def take(self, rows: NDArray[np.int64]) -> Rows:
        """The samples at `rows` (M,), still where they are."""
        return Rows(self.base, rows if self.rows is None else self.rows[rows], self.steps, self.dtype, self.shape[1:])

    def then(self, step: Step, dtype: DTypeLike, sample: tuple[int, ...] | None = None) -> Rows:
        """The same samples with one step more, which keeps their shape or makes it `sample`."""
        return Rows(self.base, self.rows, (*self.steps, step), dtype, self.shape[1:] if sample is None else sample)

    def astype(self, dtype: DTypeLike) -> Rows:
        """The same samples, cast as they are taken."""
        if np.dtype(dtype) == self.dtype:
            return self
        return self.then(lambda values: values, dtype)

    def min(self) -> Any:
        return self._extent()[0]

    def max(self) -> Any:
        return self._extent()[1]

    def _extent(self) -> tuple[Any, Any]:
        """The least and the greatest number, both NaN where one is; found once."""
        if self._extremes is None:
            found = [(values.min(), values.max()) for _, values in chunks(self)]
            lowest, highest = zip(*found, strict=True)
            self._extremes = np.min(lowest), np.max(highest)
        return self._extremes


Samples = Array | Rows


def chunks(values: Samples) -> Iterator[tuple[int, Array]]:
    """All rows, a few megabytes at once, each time with the number of the first. An array comes whole."""
    if not isinstance(values, Rows):
        yield 0, values
        return
    row_bytes = max(1, math.prod(values.shape[1:])) * max(8, values.dtype.itemsize)
    step = max(1, CHUNK // row_bytes)
    for start in range(0, len(values), step):
        yield start, values[start : start + step]


class Found(NamedTuple):
    """Elements of which something holds: where the first stands, what it is, how many there are."""

    place: tuple[int, ...]
    value: Any
    number: int


def first_where(values: Samples, holds: Callable[[Array], NDArray[np.bool_]]) -> Found | None:
    """The elements for which `holds` gives True, None where there are none."""
    first, count = None, 0
    for start, part in chunks(values):
        mask = holds(part)
        here = int(mask.sum())
        if here and first is None:
            row, *rest = (int(each) for each in np.argwhere(mask)[0])
            first = (start + row, *rest), part[row][tuple(rest)]
        count += here
    return None if first is None else Found(*first, count)
