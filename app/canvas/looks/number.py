"""One number, as a number."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter

from ...look.numbers import fixed
from ...look.theme import Theme
from ..lettering import NUMBER, font, width
from .look import Array, Look

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
        self.width = len(self.text) * width("0", NUMBER)  # all letters of this font are as wide

    def paint(self, painter: QPainter, place: QRectF, colour: QColor) -> None:
        painter.setFont(font(NUMBER))
        painter.setPen(self.own or colour)
        painter.drawText(place, _RIGHT, self.text)
