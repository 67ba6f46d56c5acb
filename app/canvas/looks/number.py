"""One number, as a number."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter

from ...look.numbers import fixed
from ...look.theme import Theme
from ..lettering import FIGURE, NUMBER, font, of_numbers, width
from .look import Array, Look

SIZE = 12.0  # of its letters, in scene units
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)  # flags of Qt's are slow to join


class Number(Look):
    """A scalar, or a tensor of one element."""

    @classmethod
    def fits(cls, value: Array) -> bool:
        return value.size == 1

    def __init__(self, value: Array, theme: Theme, decimals: int) -> None:
        number = value.reshape(-1)[0]
        self.text = fixed(number, decimals)
        self.own = None if np.isfinite(number) else QColor(theme.nonfinite)
        self.width = max(width(self.text, NUMBER), width(self.text, FIGURE))  # it is drawn in either

    def paint(self, painter: QPainter, place: QRectF, colour: QColor) -> None:
        painter.setFont(font(of_numbers(SIZE * painter.worldTransform().m11())))
        painter.setPen(self.own or colour)
        painter.drawText(place, _RIGHT, self.text)
