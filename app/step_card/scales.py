"""From the numbers of a curve to pixels, and the curve drawn with its dots."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPixmap

from ..look.theme import Theme
from .curves import Curve
from .elements import Array

FEW = 200  # dots, from which on they are smaller and paler
TOLD_APART = 0.25  # pixels between two dots, under which they are drawn as one
DENSE = 6  # dots at one place, from which on no more is seen of another
FAR = 1e4  # pixels outside of the box, beyond which nothing is told apart


@dataclass(frozen=True)
class Scales:
    """A box in pixels, and between which numbers it lies, across and upwards."""

    box: QRectF
    across: tuple[float, float]
    upwards: tuple[float, float]

    def to_screen(self, x: Array, y: Array) -> tuple[Array, Array]:
        """Points in pixels."""
        (left, right), (low, high), box = self.across, self.upwards, self.box
        along = box.left() + (x - left) / (right - left) * box.width()
        return along, box.bottom() - (y - low) / (high - low) * box.height()

    def path(self, x: Array, y: Array) -> QPainterPath:
        """The curve through points, with gaps where it is not finite, and at poles, as that of 1/x."""
        path, known = QPainterPath(), np.isfinite(y)
        along, down = self.to_screen(x, np.where(known, y, 0.0))
        down = np.clip(down, self.box.top() - FAR, self.box.bottom() + FAR)
        for i, j in pairwise(range(len(x))):
            if known[i] and known[j] and not self._jumps(float(down[i]), float(down[j])):
                path.moveTo(along[i], down[i])
                path.lineTo(along[j], down[j])
        return path

    def _jumps(self, first: float, second: float) -> bool:
        """Whether a curve goes from beneath the box to above it at once."""
        return min(first, second) < self.box.top() and max(first, second) > self.box.bottom()


def drawn(curve: Curve, scales: Scales, theme: Theme, size: QSize, density: float) -> QPixmap:
    """A curve with all its dots, in a widget of this size on a screen of this density."""
    made = QPixmap(size * density)
    made.setDevicePixelRatio(density)
    made.fill(Qt.GlobalColor.transparent)
    painter, box = QPainter(made), scales.box
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setClipRect(box)
    painter.fillRect(box, QColor(theme.background))
    x0, y0 = (float(each[0]) for each in scales.to_screen(np.zeros(1), np.zeros(1)))
    painter.setPen(QPen(QColor(theme.line), 1, Qt.PenStyle.DashLine))
    painter.drawLine(QPointF(x0, box.top()), QPointF(x0, box.bottom()))
    painter.drawLine(QPointF(box.left(), y0), QPointF(box.right(), y0))
    painter.setPen(QPen(QColor(theme.text), 1.6))
    painter.drawPath(scales.path(curve.x, curve.y))
    few = len(curve.dots) < FEW
    known = np.isfinite(curve.values)
    places = np.stack(scales.to_screen(curve.dots[known], curve.values[known]), axis=1)
    _draw_dots(painter, places, 6.4 if few else 4.0, QColor(theme.accent), 0.85 if few else 0.45)
    painter.end()
    return made


def _draw_dots(painter: QPainter, places: Array, wide: float, colour: QColor, opacity: float) -> None:
    """Draw dots at places (n, 2) in pixels: those that nobody could tell apart as one that is as dense as all."""
    at, counts = np.unique(np.round(places / TOLD_APART), axis=0, return_counts=True)
    counts = np.minimum(counts, DENSE)
    for count in np.unique(counts).tolist():
        colour.setAlphaF(1 - (1 - opacity) ** count)
        painter.setPen(QPen(colour, wide, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawPoints([QPointF(x, y) for x, y in (at[counts == count] * TOLD_APART).tolist()])
