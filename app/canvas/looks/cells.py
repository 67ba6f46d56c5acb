"""A few numbers, each in a cell of its own."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainter

from ...look.theme import Theme
from .look import Array, Look
from .table import Table

MOST = 16
APART = 2.0  # of its cells, which are round: a matrix of one row is another shape


class Cells(Look):
    """A vector of up to sixteen numbers; their texts where they can be read."""

    numbered = True

    @classmethod
    def fits(cls, value: Array) -> bool:
        return value.ndim != 2 and 0 < value.size <= MOST and max(value.shape) == value.size

    def __init__(self, value: Array, theme: Theme, decimals: int) -> None:
        self.table = Table(value.reshape(1, -1), theme, decimals, APART)

    def paint(self, painter: QPainter, place: QRectF, colour: QColor) -> None:
        self.table.paint(painter, place.adjusted(0, 1, APART, -1))
