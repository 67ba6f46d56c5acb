"""One number, as a number."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter

from ...theme import Theme
from ..lettering import NUMBER, font
from .look import Array, Look, number_text


class Number(Look):
    """A scalar, or a tensor of one element."""

    @classmethod
    def fits(cls, value: Array) -> bool:
        return value.size == 1

    def __init__(self, value: Array, theme: Theme, decimals: int) -> None:
        self._text = number_text(value.reshape(-1)[0], decimals)

    def paint(self, painter: QPainter, place: QRectF, colour: QColor) -> None:
        painter.setFont(font(NUMBER))
        painter.setPen(colour)
        painter.drawText(place, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), self._text)
