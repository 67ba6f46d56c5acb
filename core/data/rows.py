"""`Rows`: samples that stay where they are, in a file or as bytes, and become numbers as they are taken.

A data set that is larger than memory is mapped: what a batch needs is read from the file, and nothing is kept. Where a
file is cut short while it is mapped the system ends the program (SIGBUS) that reads beyond its end: smaller ones are
therefore read at once, and of others it is looked each time whether they are as they were.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np
from numpy.typing import DTypeLike, NDArray

from ..errors import DataError

Array = NDArray[Any]
Step = Callable[[Array], Array]

MAPPED_FROM = 2**28  # bytes from which on a file of plain numbers is mapped
IN_MEMORY = 2**32  # bytes that are read or unpacked into memory at most
CHUNK = 2**22  # bytes that a walk over all rows takes at once


class MappedFile:
    """The file, open as `file`, that an array is mapped from: whether it is as it was. Messages call it `shown`."""

    def __init__(self, path: Path, file: IO[bytes], shown: str) -> None:
        self._path, self._shown = path, shown
        self._was = os.fstat(file.fileno())

    def check(self) -> None:
        """Raise `DataError` where something was written into it. Another file of its name leaves this one whole."""
        try:
            found = os.stat(self._path)
        except FileNotFoundError:
            return  # removed: what is mapped stays until it is let go
        was = self._was
        if os.path.samestat(found, was) and (found.st_size, found.st_mtime_ns) != (was.st_size, was.st_mtime_ns):
            raise DataError(
                f"{self._shown} changed while it was read",
                hint="begin again; to change a file in use, save to another and rename that",
            )


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
        file: MappedFile | None = None,
    ) -> None:
        """`sample` is the shape of one, where `steps` make it another than that of `base`, which is mapped from `file`.

        Taking rows raises `DataError` where that file has changed.
        """
        self.base, self.rows, self.steps, self.file = base, rows, steps, file
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
        if self.file is not None:
            self.file.check()
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
        taken = rows if self.rows is None else self.rows[rows]
        return Rows(self.base, taken, self.steps, self.dtype, self.shape[1:], self.file)

    def then(self, step: Step, dtype: DTypeLike, sample: tuple[int, ...] | None = None) -> Rows:
        """The same samples with one step more, which keeps their shape or makes it `sample`."""
        of_one = self.shape[1:] if sample is None else sample
        return Rows(self.base, self.rows, (*self.steps, step), dtype, of_one, self.file)

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
