"""A line beside a number: how it went over the moments that were shown, as small as a row of a table."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from ..look.numbers import significant
from ..look.theme import Theme

POINTS = Qt.ItemDataRole.UserRole
WIDE = 160.0  # pixels at most


class Sparkline(NamedTuple):
    """The numbers in the order of their moments; `now` is the one that is shown, None where that is not known."""

    numbers: tuple[float, ...]
    now: int | None = None

    @property
    def words(self) -> str:
        """What it shows, for those who point at it or hear it."""
        finite = [number for number in self.numbers if np.isfinite(number)]
        if not finite:
            return f"over {len(self.numbers)} moments: never finite"
        low, high = significant(min(finite), 4), significant(max(finite), 4)
        return f"over {len(self.numbers)} moments that were shown: {low} to {high}"


class SparklineDelegate(QStyledItemDelegate):
    """Draws the sparkline of a cell that has one in `POINTS`."""

    theme: Theme

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().paint(painter, option, index)
        line = index.data(POINTS)
        if isinstance(line, Sparkline):
            painter.save()
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            box = QRectF(option.rect).adjusted(6, 4, -6, -4)
            box.setWidth(min(box.width(), WIDE))
            paint_sparkline(painter, box, line, self.theme)
            painter.restore()


def paint_sparkline(painter: QPainter, box: QRectF, line: Sparkline, theme: Theme) -> None:
    """The numbers from left to right, a gap where one is not finite, a dot at the one that is shown."""
    numbers = np.asarray(line.numbers, float)
    finite = np.isfinite(numbers)
    if not finite.any():
        return
    low, high = numbers[finite].min(), numbers[finite].max()
    with np.errstate(all="ignore"):
        share = (numbers - low) / (high - low) if high > low else np.where(finite, 0.5, np.nan)
    x = box.left() + box.width() * np.arange(len(numbers)) / max(len(numbers) - 1, 1)
    y = box.bottom() - box.height() * share
    painter.setPen(QPen(QColor(theme.accent), 1.4))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for part in np.split(np.arange(len(numbers)), np.flatnonzero(~finite)):
        kept = [i for i in part if finite[i]]
        painter.drawPolyline(QPolygonF([QPointF(x[i], y[i]) for i in kept]))
    if line.now is not None and finite[line.now]:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.text))
        painter.drawEllipse(QPointF(x[line.now], y[line.now]), 2.6, 2.6)
