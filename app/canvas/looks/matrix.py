"""A small matrix: its numbers, each in a cell of its own, from the zoom at which they can be read."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter

from ...look.numbers import fixed
from ...look.theme import Theme
from ..lettering import NUMBER, font
from .look import Array, Look, shades

MOST = 8  # rows, and columns
SIZE, LEAST = 9.0, 6.5  # of letters: scene units at most, pixels at least
FILLED = 0.85  # of a cell's height by letters
ACROSS = 0.62  # the width of a letter, of its size
_CENTER = int(Qt.AlignmentFlag.AlignCenter)


class Matrix(Look):
    """Up to eight rows and columns; colours alone where there is no room for all numbers."""

    @classmethod
    def fits(cls, value: Array) -> bool:
        return value.ndim == 2 and min(value.shape) > 0 and max(value.shape) <= MOST

    def __init__(self, value: Array, theme: Theme, decimals: int) -> None:
        sizes = np.abs(value) if np.iscomplexobj(value) else value
        self._colours = [[QColor(*rgb) for rgb in row] for row in shades(sizes, theme).tolist()]
        self._texts = [[fixed(number, min(decimals, 1)) for number in row] for row in value]
        light, dark = QColor("#ffffff"), QColor("#101010")
        self._inks = [[dark if colour.lightnessF() > 0.5 else light for colour in row] for row in self._colours]
        self._letters = max(len(text) for row in self._texts for text in row)

    def letters(self, place: QRectF, zoom: float) -> float:
        """How large the numbers are in scene units, 0 where they could not be read: `zoom` is pixels in a unit."""
        high, wide = place.height() / len(self._texts), place.width() / len(self._texts[0]) - 2
        size = min(SIZE, FILLED * high, wide / (self._letters * ACROSS))
        return size if size * zoom >= LEAST else 0.0

    def paint(self, painter: QPainter, place: QRectF, colour: QColor) -> None:
        place = place.adjusted(0, 1, 0, -1)
        high, wide = place.height() / len(self._texts), place.width() / len(self._texts[0])
        size = self.letters(place, painter.worldTransform().m11())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)  # or a line would stand between two cells
        for row, colours in enumerate(self._colours):
            for column, fill in enumerate(colours):
                painter.fillRect(QRectF(place.x() + column * wide, place.y() + row * high, wide, high), fill)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not size:
            return
        painter.setFont(font(NUMBER, SIZE))
        for row, texts in enumerate(self._texts):
            for column, text in enumerate(texts):
                painter.save()
                painter.translate(QPointF(place.x() + (column + 0.5) * wide, place.y() + (row + 0.5) * high))
                painter.scale(size / SIZE, size / SIZE)
                painter.setPen(self._inks[row][column])
                painter.drawText(QRectF(-wide, -SIZE, 2 * wide, 2 * SIZE), _CENTER, text)
                painter.restore()
