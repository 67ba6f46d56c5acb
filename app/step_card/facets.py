"""Which planes of an array of three axes or more are drawn, and where: samples down, channels across, say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from PySide6.QtCore import QRectF

from .elements import Index

DOWN, ACROSS = 3, 6  # planes that are drawn
GAP = 0.12  # between two planes, of the side of one
MORE = 0.5  # room for "…", of that side
BOTH = "both"  # axis 0 down and axis 1 across; else the number of the one axis that is laid out in rows


class Facets(NamedTuple):
    """Planes (leading places) in rows. `right` and `below`: whether there are more than are drawn."""

    shape: Index
    rows: tuple[tuple[Index, ...], ...]
    right: bool
    below: bool

    @classmethod
    def of(cls, shape: Index, index: Index, way: str = BOTH) -> Facets:
        """Those around the one in which the element `index` lies; of axes beyond the two that are laid out, its own."""
        lead, at = shape[:-2], index[:-2]
        long = [axis for axis, length in enumerate(lead) if length > 1]
        if way != BOTH and int(way) in long:
            long = [int(way)]
        if len(long) > 1:
            first, second = long[-2:] if way == BOTH else long[:2]
            down, across = _around(at[first], lead[first], DOWN), _around(at[second], lead[second], ACROSS)
            rows = tuple(tuple(_put(_put(at, first, i), second, j) for j in across) for i in down)
            return cls(shape, rows, len(across) < lead[second], len(down) < lead[first])
        axis = long[0] if long else 0
        length = lead[axis] if lead else 1
        places = _around(at[axis] if at else 0, length, DOWN * ACROSS)
        told = [_put(at, axis, i) if at else () for i in places]
        rows = tuple(tuple(told[i : i + ACROSS]) for i in range(0, len(told), ACROSS))
        return cls(shape, rows, False, len(places) < length)

    @property
    def size(self) -> tuple[float, float]:
        """How many planes wide and high it is, gaps and marks included."""
        columns, rows = max(map(len, self.rows)), len(self.rows)
        return columns + GAP * (columns - 1) + MORE * self.right, rows + GAP * (rows - 1) + MORE * self.below

    def planes(self) -> Iterator[tuple[Index, QRectF]]:
        """Each plane, with where it lies in a box of side 1."""
        wide, high = self.size
        for i, row in enumerate(self.rows):
            for j, place in enumerate(row):
                yield place, QRectF(j * (1 + GAP) / wide, i * (1 + GAP) / high, 1 / wide, 1 / high)

    def cell(self, index: Index) -> QRectF | None:
        """Where an element lies in a box of side 1; None where its plane is not drawn."""
        rows, columns = self.shape[-2:]
        for place, box in self.planes():
            if place == index[:-2]:
                wide, high = box.width() / columns, box.height() / rows
                return QRectF(box.left() + index[-1] * wide, box.top() + index[-2] * high, wide, high)
        return None

    def at(self, x: float, y: float) -> Index | None:
        """The element at a place in a box of side 1."""
        rows, columns = self.shape[-2:]
        for place, box in self.planes():
            if box.contains(x, y):
                row, column = (y - box.top()) / box.height() * rows, (x - box.left()) / box.width() * columns
                return (*place, min(int(row), rows - 1), min(int(column), columns - 1))
        return None


def ways(shape: Index) -> tuple[str, ...]:
    """The ways in which planes of an array can be laid out; one where there is no choice."""
    long = [axis for axis, length in enumerate(shape[:-2]) if length > 1]
    return (BOTH, *map(str, reversed(long))) if len(long) > 1 else (BOTH,)


def _around(at: int, length: int, most: int) -> range:
    """As many places as are drawn, with `at` among them."""
    first = min(max(at - most // 2, 0), max(length - most, 0))
    return range(first, min(first + most, length))


def _put(place: Index, axis: int, value: int) -> Index:
    return (*place[:axis], value, *place[axis + 1 :])
