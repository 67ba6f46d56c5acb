"""Names beside points, of which none lies on another."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF

from .card import Array

NEAR = 5.0  # pixels from a point to its name
MOST = 400  # names that room is looked for


class Labelling:
    """Names keep the side of their point that they had, as long as there is room."""

    def __init__(self) -> None:
        self._sides: dict[int, int] = {}

    def places(self, points: Array, sizes: Array, box: QRectF, first: int | None) -> dict[int, QRectF]:
        """Where the names of points (n, 2), so wide and high (n, 2) pixels, stand within the box.

        The point `first` chooses before all others, which go by their order; a name without room has no place.
        """
        inside = (points[:, 0] >= box.left()) & (points[:, 0] <= box.right())
        inside &= (points[:, 1] >= box.top()) & (points[:, 1] <= box.bottom())
        seen = np.flatnonzero(inside)
        order = [row for row in seen[:MOST].tolist() if row != first]
        if first is not None and inside[first]:
            order.insert(0, first)
        taken = np.full((4, len(seen) + len(order)), np.nan)  # first the dots, then the names as they are placed
        taken[:2, : len(seen)], taken[2:, : len(seen)] = points[seen].T - 2.5, points[seen].T + 2.5
        found: dict[int, QRectF] = {}
        for row in order:
            choices = _around(points[row], sizes[row])
            free = _within(choices, box) & ~_touching(choices, taken[:, : len(seen) + len(found)])
            side = self._sides.get(row, 0)
            if not free.any():
                continue
            side = side if free[side] else int(np.argmax(free))
            taken[:, len(seen) + len(found)] = choices[side]
            left, top, right, bottom = choices[side].tolist()
            found[row] = QRectF(left, top, right - left, bottom - top)
            self._sides[row] = side
        return found


def _around(point: Array, size: Array) -> Array:
    """At the right of a point, at its left, above and beneath: left, top, right and bottom edges (4, 4)."""
    (x, y), (wide, high) = point.tolist(), size.tolist()
    corners = (
        (x + NEAR, y - high / 2),
        (x - NEAR - wide, y - high / 2),
        (x - wide / 2, y - NEAR - high + 2),
        (x - wide / 2, y + NEAR - 2),
    )
    return np.array([(left, top, left + wide, top + high) for left, top in corners])


def _within(choices: Array, box: QRectF) -> Array:
    left, top, right, bottom = choices.T
    return (left >= box.left()) & (top >= box.top()) & (right <= box.right()) & (bottom <= box.bottom())


def _touching(choices: Array, taken: Array) -> Array:
    """Which of the places (4, 4) lie on anything of (4, n)."""
    left, top, right, bottom = choices.T[..., None]
    return ((left < taken[2]) & (right > taken[0]) & (top < taken[3]) & (bottom > taken[1])).any(1)
