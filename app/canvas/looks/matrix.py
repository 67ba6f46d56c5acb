"""A small matrix: its numbers, each in a cell of its own, from the zoom at which they can be read."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainter

from ...look.theme import Theme
from .look import Array, Look
from .table import Table

MOST = 8  # rows, and columns


class Matrix(Look):
    """Up to eight rows and columns; colours alone where there is no room for all numbers."""

    numbered = True

    @classmethod
    def fits(cls, value: Array) -> bool:
        return value.ndim == 2 and min(value.shape) > 0 and max(value.shape) <= MOST

    def __init__(self, value: Array, theme: Theme, decimals: int) -> None:
        self.table = Table(value, theme, decimals)

    def paint(self, painter: QPainter, place: QRectF, colour: QColor) -> None:
        self.table.paint(painter, place.adjusted(0, 1, 0, -1))
