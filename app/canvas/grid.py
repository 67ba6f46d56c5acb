"""A grid over the items of a scene: what lies near a point or in a small window is found without looking at all."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .batch import Floats

CELL = 512.0


class Grid:
    """Each item lies in the cell of its top left corner; a query reaches left and up by the largest item."""

    def __init__(self) -> None:
        self._cells: dict[tuple[int, int], set[int]] = {}
        self._cell_of: dict[int, tuple[int, int]] = {}
        self._widest = self._highest = 0.0

    def build(self, slots: NDArray[np.intp], boxes: Floats) -> None:
        """Take these items, with their boxes (n, 4), in place of all."""
        self._cells, self._widest, self._highest = {}, 0.0, 0.0
        self._cell_of = {}
        if not len(slots):
            return
        self._widest, self._highest = float(boxes[:, 2].max()), float(boxes[:, 3].max())
        corners = np.floor(boxes[:, :2] / CELL).tolist()
        for slot, (column, row) in zip(slots.tolist(), corners, strict=True):
            cell = int(column), int(row)  # Python's, which hold any place that a file may name
            self._cell_of[slot] = cell
            self._cells.setdefault(cell, set()).add(slot)

    def put(self, slot: int, x: float, y: float, width: float, height: float) -> None:
        """Add an item, or move it."""
        cell = int(x // CELL), int(y // CELL)
        self._widest, self._highest = max(self._widest, width), max(self._highest, height)
        if self._cell_of.get(slot) != cell:
            self.remove(slot)
            self._cell_of[slot] = cell
            self._cells.setdefault(cell, set()).add(slot)

    def remove(self, slot: int) -> None:
        """Forget an item, if it is there."""
        cell = self._cell_of.pop(slot, None)
        if cell is not None:
            self._cells[cell].discard(slot)

    def near(self, x0: float, y0: float, x1: float, y1: float) -> NDArray[np.intp] | None:
        """The items that may touch a window, in ascending order; None where looking at all of them is cheaper."""
        first, last = int((x0 - self._widest) // CELL), int(x1 // CELL)
        top, bottom = int((y0 - self._highest) // CELL), int(y1 // CELL)
        if (last - first + 1) * (bottom - top + 1) > 200:
            return None
        found: list[int] = []
        for column in range(first, last + 1):
            for row in range(top, bottom + 1):
                found.extend(self._cells.get((column, row), ()))
        return np.array(sorted(found), np.intp)
