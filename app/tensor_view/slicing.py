"""Which plane of an array is shown: one axis down, one across, and a place on each of the others."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Slicing:
    """A plane of an array of `shape`: `rows` and `columns` are axes (None where it has too few)."""

    shape: tuple[int, ...]
    rows: int | None
    columns: int | None
    at: tuple[int, ...]

    @classmethod
    def first(cls, shape: tuple[int, ...]) -> Slicing:
        """The first plane of the last two axes; a vector stands down the page."""
        count = len(shape)
        return cls(shape, max(count - 2, 0) if count else None, count - 1 if count > 1 else None, (0,) * count)

    @property
    def others(self) -> tuple[int, ...]:
        """The axes of which one place is shown."""
        return tuple(axis for axis in range(len(self.shape)) if axis not in (self.rows, self.columns))

    def moved(self, axis: int, place: int) -> Slicing:
        """Another place on an axis that is not spread out."""
        at = list(self.at)
        at[axis] = min(max(place, 0), max(self.shape[axis] - 1, 0))
        return replace(self, at=tuple(at))

    def spread(self, rows: int, columns: int) -> Slicing:
        """Other axes down and across."""
        return replace(self, rows=rows, columns=columns)

    def fitting(self, shape: tuple[int, ...]) -> Slicing:
        """The same plane of an array of another shape, as far as it has one."""
        if len(shape) != len(self.shape):
            return Slicing.first(shape)
        at = tuple(min(place, max(length - 1, 0)) for place, length in zip(self.at, shape, strict=True))
        return replace(self, shape=shape, at=at)

    def plane(self, array: Array) -> Array:
        """The plane as a view of two axes."""
        if any(self.shape[axis] == 0 for axis in self.others):
            return np.zeros((0, 0), array.dtype)
        index = tuple(slice(None) if axis in (self.rows, self.columns) else self.at[axis] for axis in range(array.ndim))
        found = array[index]
        if found.ndim == 2 and self.rows is not None and self.columns is not None and self.rows > self.columns:
            return found.T
        return found.reshape(-1, 1) if found.ndim < 2 else found

    def text(self) -> str:
        """The plane as NumPy spells it: [3, :, :]."""
        parts = [":" if axis in (self.rows, self.columns) else str(self.at[axis]) for axis in range(len(self.shape))]
        return f"[{', '.join(parts)}]"
