"""A plane as colours, with the scale beside it and the element under the pointer in words."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from ..look import colour_map
from ..look.numbers import significant
from ..look.theme import Theme

Array = np.ndarray[Any, Any]
MARKED = 3.0  # pixels of a cell from which on NaN and infinities get a sign as well as a colour
PIXELS = 2048  # rows or columns of an image; of a larger plane every second (third …) is shown


def mark_nonfinite(painter: QPainter, plane: Array, corner: QPointF, wide: float, high: float) -> None:
    """A cross on NaN, an arrow up or down on infinities: they are not told by colour alone."""
    if min(wide, high) < MARKED or plane.dtype.kind != "f":
        return
    painter.setPen(QPen(QColor("#000000"), 1.2))
    for row, column in np.argwhere(~np.isfinite(plane))[:5000]:
        box = QRectF(corner.x() + column * wide, corner.y() + row * high, wide, high)
        inner = box.adjusted(wide * 0.25, high * 0.25, -wide * 0.25, -high * 0.25)
        if np.isnan(plane[row, column]):
            painter.drawLine(inner.topLeft(), inner.bottomRight())
            painter.drawLine(inner.topRight(), inner.bottomLeft())
            continue
        top = inner.top() if plane[row, column] > 0 else inner.bottom()
        x, y = inner.center().x(), inner.center().y()
        painter.drawLine(QPointF(x, inner.top()), QPointF(x, inner.bottom()))
        painter.drawPolyline([QPointF(inner.left(), y), QPointF(x, top), QPointF(inner.right(), y)])


class HeatMap(QWidget):
    """One plane as a picture of as large cells as there is room for."""

    pointed = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.plane: Array = np.zeros((0, 0))
        self.steps = (1, 1)
        self.limits = (0.0, 0.0)
        self.image = QImage()
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(120, 80)

    def sizeHint(self) -> QSize:
        return QSize(320, 200)

    def show_plane(self, plane: Array) -> None:
        """Show another plane, from its own least to its own largest element."""
        self.whole = plane
        self.plane, *steps = colour_map.sampled(plane, PIXELS)
        self.steps = (steps[0], steps[1])
        self.limits = colour_map.limits(self.plane)
        self.image = QImage()
        if self.plane.size:
            dark = self.theme.name == "dark"
            self.image = colour_map.image_of(colour_map.colour(self.plane, *self.limits, dark))
        self.setAccessibleName(f"heat map of {plane.shape[0]} by {plane.shape[1]} elements")
        self.update()

    def _box(self) -> QRectF:
        """Where the cells are."""
        rows, columns = max(self.plane.shape[0], 1), max(self.plane.shape[1], 1)
        room = QRectF(self.rect()).adjusted(6, 6, -84, -6)
        cell = min(room.width() / columns, room.height() / rows, 48.0)
        if min(rows, columns) * 8 < max(rows, columns) or cell < 1:  # a long strip fills its room
            wide, high = min(room.width() / columns, 48.0), min(room.height() / rows, 48.0)
        else:
            wide = high = cell
        return QRectF(room.left(), room.top(), wide * columns, high * rows)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        box = self._box()
        if not self.plane.size or not box.contains(event.position()):
            self.pointed.emit("")
            return
        row = int((event.position().y() - box.top()) / box.height() * self.plane.shape[0]) * self.steps[0]
        column = int((event.position().x() - box.left()) / box.width() * self.plane.shape[1]) * self.steps[1]
        self.pointed.emit(f"[{row}, {column}] = {significant(self.whole[row, column], 7)}")

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self.theme.background))
        if self.image.isNull():
            painter.setPen(QColor(self.theme.dim))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, "no elements")
            return
        box = self._box()
        painter.drawImage(box, self.image)
        rows, columns = self.plane.shape
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        mark_nonfinite(painter, self.plane, box.topLeft(), box.width() / columns, box.height() / rows)
        self._paint_scale(painter)

    def _paint_scale(self, painter: QPainter) -> None:
        low, high = self.limits
        if colour_map.signed(low, high):
            ramp, most = colour_map.diverging(self.theme.name == "dark"), max(-low, high)
            low, high = -most, most
        else:
            ramp = colour_map.sequential()
        strip = np.ascontiguousarray(ramp[::-1].reshape(-1, 1, 3))
        image = QImage(strip.data, 1, len(strip), 3, QImage.Format.Format_RGB888)
        bar = QRectF(self.width() - 74, 14, 12, max(self.height() - 28, 10))
        painter.drawImage(bar, image)
        painter.setPen(QColor(self.theme.line))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(bar)
        painter.setPen(QColor(self.theme.dim))
        tall = painter.fontMetrics().height()
        for value, y in ((high, bar.top()), ((low + high) / 2, bar.center().y()), (low, bar.bottom())):
            text = significant(value, 3)
            painter.drawText(QPointF(bar.right() + 6, y + tall / 2 - painter.fontMetrics().descent()), text)
