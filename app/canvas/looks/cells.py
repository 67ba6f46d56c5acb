"""A few numbers, each in a cell of its own."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainter

from ...look.theme import Theme
from .look import Array, Look
from .table import Table

MOST, IN_A_ROW = 16, 8
APART = 2.0  # of its cells, which are round: a matrix of one row is another shape


class Cells(Look):
    """A vector of up to sixteen numbers; their texts where they can be read."""

    numbered = True

    @classmethod
    def fits(cls, value: Array) -> bool:
        return value.ndim != 2 and 0 < value.size <= MOST and max(value.shape) == value.size

    def __init__(self, value: Array, theme: Theme, decimals: int) -> None:
        down, across = folded(value.size)
        missing = down * across - value.size
        filled = np.concatenate([value.reshape(-1), np.zeros(missing, value.dtype)])
        self.table = Table(filled.reshape(down, across), theme, decimals, APART, missing)

    def paint(self, painter: QPainter, place: QRectF, colour: QColor) -> None:
        self.table.paint(painter, place.adjusted(0, 1, APART, -1))


def folded(size: int) -> tuple[int, int]:
    """The rows and columns in which so many numbers stand: more than eight in two rows, so that they can be read."""
    down = -(-size // IN_A_ROW)
    return down, -(-size // down)
