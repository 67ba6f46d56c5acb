"""A few numbers, each in a cell of its own."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter

from ...look.numbers import fixed
from ...look.theme import Theme
from ..lettering import NUMBER, font
from .look import Array, Look, shades

MOST = 8
SIZE, LEAST = 9.0, 6.0  # of letters: in scene units, and in the pixels below which none are drawn


class Cells(Look):
    """A vector of up to eight numbers; their texts where they fit."""

    @classmethod
    def fits(cls, value: Array) -> bool:
        return value.size <= MOST and max(value.shape, default=0) == value.size and value.size > 0

    def __init__(self, value: Array, theme: Theme, decimals: int) -> None:
        flat = value.reshape(-1)
        sizes = np.abs(flat) if np.iscomplexobj(flat) else flat
        self._colours = [QColor(*rgb) for rgb in shades(sizes, theme).tolist()]
        # In a cell there is room for few letters: one decimal, and where that does not do none at all.
        self._texts = [fixed(number, min(decimals, 2 if len(flat) <= 3 else 1)) for number in flat]
        light, dark = QColor("#ffffff"), QColor("#101010")
        self._inks = [dark if colour.lightnessF() > 0.5 else light for colour in self._colours]

    def paint(self, painter: QPainter, place: QRectF, colour: QColor) -> None:
        step = place.width() / len(self._colours)
        painter.setFont(font(NUMBER, SIZE))
        metrics = painter.fontMetrics()
        readable = SIZE * painter.worldTransform().m11() >= LEAST
        readable = readable and all(metrics.horizontalAdvance(text) <= step - 3 for text in self._texts)
        for number, (fill, ink, text) in enumerate(zip(self._colours, self._inks, self._texts, strict=True)):
            cell = QRectF(place.x() + number * step, place.y() + 1, step - 1, place.height() - 2)
            painter.fillRect(cell, fill)
            if readable:
                painter.setPen(ink)
                painter.drawText(cell, int(Qt.AlignmentFlag.AlignCenter), text)
