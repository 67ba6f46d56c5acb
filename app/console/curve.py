"""A curve that stands between the cells of a console, with its numbers at the axes."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter, QPen, QPolygonF

from ..look.colour_map import limits
from ..look.fonts import mono
from ..look.numbers import significant
from ..look.theme import Theme

Array = np.ndarray[Any, Any]
WIDE, HIGH = 480, 140  # pixels: the console is low where it stands beneath the canvas
EDGE, GAP = 8.0, 6.0  # around all, and between numbers and the curve


def curve_image(numbers: Array, theme: Theme) -> QImage:
    """Numbers as a line from left to right; what is not finite leaves a gap."""
    image = QImage(WIDE, HIGH, QImage.Format.Format_RGB32)
    image.fill(QColor(theme.background))
    low, high = limits(numbers)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setFont(mono(0.85))
    box = _paint_axes(painter, (low, high), max(numbers.size - 1, 0), theme)
    across = np.linspace(box.left(), box.right(), max(numbers.size, 2))[: numbers.size]
    share = (numbers - low) / (high - low) if high > low else np.full(numbers.shape, 0.5)
    down = np.where(np.isfinite(numbers), box.bottom() - share * box.height(), np.nan)
    painter.setPen(QPen(QColor(theme.accent), 1.5, Qt.PenStyle.SolidLine))
    for part in np.split(np.arange(numbers.size), np.flatnonzero(~np.isfinite(numbers))):
        kept = part[np.isfinite(numbers[part])]
        if len(kept) == 1:
            painter.drawEllipse(QPointF(across[kept[0]], down[kept[0]]), 1.5, 1.5)
        painter.drawPolyline(QPolygonF([QPointF(across[i], down[i]) for i in kept]))
    painter.end()
    del painter
    return image


def _paint_axes(painter: QPainter, ends: tuple[float, float], last: int, theme: Theme) -> QRectF:
    """Write between what numbers lie, and the first and last place; where the curve has room."""
    metrics = QFontMetricsF(painter.font())
    row, (low, high) = metrics.height(), ends
    told = [significant(number, 4) for number in ((high, low) if high > low else (low,))]
    left = EDGE + max(map(metrics.horizontalAdvance, told)) + GAP
    box = QRectF(left, EDGE + row / 2, WIDE - EDGE - left, HIGH - 2 * EDGE - 2 * row - GAP)
    levels = (box.top(), box.bottom()) if len(told) > 1 else (box.center().y(),)
    for text, y in zip(told, levels, strict=True):
        painter.setPen(QColor(theme.dim))
        painter.drawText(QRectF(0, y - row / 2, left - GAP, row), int(Qt.AlignmentFlag.AlignRight), text)
        painter.setPen(QColor(theme.line))
        painter.drawLine(QPointF(left, y), QPointF(box.right(), y))
    painter.setPen(QColor(theme.dim))
    foot = QRectF(left, box.bottom() + GAP, box.width(), row)
    painter.drawText(foot, int(Qt.AlignmentFlag.AlignLeft), "0")
    if last:
        painter.drawText(foot, int(Qt.AlignmentFlag.AlignRight), f"{last:,}")
    return box
