"""Bytes in use over the steps of an iteration, as bars: how they grow on the way forward, and where most is."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from ...core.stepping.room import Room
from ..look.theme import Theme

LEAST = 1.5  # pixels of a bar where anything is in use


def heights(room: Room, columns: int) -> np.ndarray:
    """The share of the peak that each of so many columns has: of each step, or the most of the steps within it."""
    during = np.asarray(room.during, float)
    first = np.arange(columns) * len(during) // columns
    return np.maximum.reduceat(during, first) / max(room.peak, 1)


def paint_bars(painter: QPainter, box: QRectF, room: Room, now: float, theme: Theme) -> None:
    """Draw the bars into a box, those of the first `now` steps brighter, and a mark over the first of the highest."""
    columns = max(min(room.steps, int(box.width())), 1)
    wide, shares = box.width() / columns, heights(room, columns)
    done = round(now * columns / max(room.steps, 1))
    painter.setPen(Qt.PenStyle.NoPen)
    for first, last, alpha in ((0, done, 0.5), (done, columns, 0.22)):
        if first < last:
            colour = QColor(theme.accent)
            colour.setAlphaF(alpha)
            painter.setBrush(colour)
            painter.drawPolygon(_outline(box, shares, first, last, wide))
    top = box.left() + (room.peak_at + 0.5) * box.width() / max(room.steps, 1)
    painter.setPen(QPen(QColor(theme.text), 1.2))
    painter.drawLine(QPointF(top - 4, box.top()), QPointF(top + 4, box.top()))


def _outline(box: QRectF, shares: np.ndarray, first: int, last: int, wide: float) -> QPolygonF:
    """The bars from one column to another, as one form."""
    points = [QPointF(box.left() + first * wide, box.bottom())]
    for column in range(first, last):
        high = max(float(shares[column]) * box.height(), LEAST if shares[column] else 0.0)
        y = box.bottom() - high
        points += [QPointF(box.left() + column * wide, y), QPointF(box.left() + (column + 1) * wide, y)]
    return QPolygonF([*points, QPointF(box.left() + last * wide, box.bottom())])
