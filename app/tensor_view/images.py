"""Planes of an array side by side as small pictures: filters, digits, heads of attention."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ..look import colour_map
from ..look.numbers import significant
from ..look.theme import Theme
from .heat_map import PIXELS, mark_nonfinite

Array = np.ndarray[Any, Any]
GAP = 6
LEAST = 40  # pixels of the shorter side of a picture


def square_side(length: int) -> int | None:
    """The side of the square image that a row of `length` numbers may be, such as 8 of 64; None where none is."""
    side = math.isqrt(length)
    return side if side > 2 and side * side == length else None


def as_images(array: Array) -> Array:
    """`array` as (count, rows, columns): the last two axes are pictures; rows of a square number are too."""
    if array.ndim <= 2 and array.size and (side := square_side(array.shape[-1] if array.ndim else 1)) is not None:
        return array.reshape(-1, side, side)
    if array.ndim < 2:
        return array.reshape(1, 1, -1)
    count = int(np.prod(array.shape[:-2]))  # NumPy cannot tell where an axis has no elements
    return array.reshape(count, *array.shape[-2:])


class ImageGrid(QWidget):
    """As many pictures as fit from the `first` on, all in the same colours; the wheel goes on to others."""

    pointed = Signal(str)
    turned = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.images: Array = np.zeros((0, 0, 0))
        self.what = ""  # what each picture is, before its number
        self.limits = (0.0, 0.0)
        self.first = 0
        self._made: dict[int, QImage] = {}
        self.setMouseTracking(True)
        self.setMinimumSize(120, 80)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:
        return QSize(320, 200)

    def show_array(self, array: Array, limits: tuple[float, float], what: str = "") -> None:
        """Show an array whose finite elements lie between `limits`; `what` its pictures are, such as "sample"."""
        self.what = what
        self.images = as_images(array)
        self.limits = limits
        self._made.clear()
        self.first = min(self.first, max(len(self.images) - 1, 0))
        self.setAccessibleName(f"{len(self.images)} images")
        self.update()

    def show_first(self, first: int) -> None:
        """Begin with another picture."""
        self.first = min(max(first, 0), max(len(self.images) - 1, 0))
        self.update()

    @property
    def tile(self) -> tuple[float, float]:
        """Width and height of a picture on the screen."""
        rows, columns = (max(length, 1) for length in self.images.shape[1:])
        scale = max(LEAST / min(rows, columns), 1.0)
        room = min((self.width() - 2 * GAP) / columns, (self.height() - 2 * GAP - self._caption()) / rows)
        if len(self.images) == 1:
            scale = min(room, 24.0)
        else:
            scale = max(scale, self._scale_of_few(columns, rows))
        scale = min(scale, max(room, 0.05))
        return columns * scale, rows * scale

    def _scale_of_few(self, columns: int, rows: int) -> float:
        """The largest scale, up to 16, at which all pictures are seen at once; 0 where they are too many."""
        for scale in (16, 12, 8, 6, 4, 3):
            across = (self.width() - GAP) // (columns * scale + GAP)
            down = (self.height() - GAP) // (rows * scale + GAP + self._caption())
            if across * down >= len(self.images):
                return float(scale)
        return 0.0

    def _caption(self) -> int:
        return self.fontMetrics().height() + 2

    @property
    def across(self) -> int:
        return max(1, int((self.width() - GAP) // (self.tile[0] + GAP)))

    @property
    def down(self) -> int:
        return max(1, int((self.height() - GAP) // (self.tile[1] + GAP + self._caption())))

    def _place(self, i: int) -> QPointF:
        wide, tall = self.tile
        row, column = divmod(i, self.across)
        return QPointF(GAP + column * (wide + GAP), GAP + row * (tall + GAP + self._caption()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        wide, tall = self.tile
        for i in range(min(self.across * self.down, len(self.images) - self.first)):
            box = QRectF(self._place(i), QRectF(0, 0, wide, tall).size())
            if box.contains(event.position()):
                rows, columns = self.images.shape[1:]
                row = min(int((event.position().y() - box.top()) / tall * rows), rows - 1)
                column = min(int((event.position().x() - box.left()) / wide * columns), columns - 1)
                number = self.images[self.first + i, row, column]
                self.pointed.emit(
                    f"{self.what or 'image'} {self.first + i} [{row}, {column}] = {significant(number, 6)}"
                )
                return
        self.pointed.emit("")

    def _word(self, number: int, room: float) -> str:
        """What stands beneath a picture: "sample 3", its number alone where there is no room for more."""
        text = f"{self.what} {number}".strip()
        return text if self.fontMetrics().horizontalAdvance(text) <= room + GAP else str(number)

    def wheelEvent(self, event: QWheelEvent) -> None:
        step = self.across * (-1 if event.angleDelta().y() > 0 else 1)
        self.show_first(self.first + step)
        self.turned.emit(self.first)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self.theme.background))
        if not self.images.size:
            painter.setPen(QColor(self.theme.dim))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, "no elements")
            return
        wide, tall = self.tile
        for i in range(min(self.across * self.down, len(self.images) - self.first)):
            number = self.first + i
            plane = colour_map.sampled(self.images[number], PIXELS)[0]
            if number not in self._made:
                pixels = colour_map.colour(plane, *self.limits, self.theme.name == "dark")
                self._made[number] = colour_map.image_of(pixels)
            corner = self._place(i)
            painter.drawImage(QRectF(corner.x(), corner.y(), wide, tall), self._made[number])
            mark_nonfinite(painter, plane, corner, wide / plane.shape[1], tall / plane.shape[0])
            painter.setPen(QColor(self.theme.dim))
            beneath = QRectF(corner.x(), corner.y() + tall + 1, wide, self._caption())
            painter.drawText(beneath, Qt.AlignmentFlag.AlignCenter, self._word(number, beneath.width()))
