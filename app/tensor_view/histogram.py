"""How the elements of an array are spread: bars, painted by ourselves."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ...core.cancelling import Cancelled, never
from ..inspecting.how_to_read import HowToRead
from ..look.numbers import significant
from ..look.theme import Theme
from .statistics import BLOCK, Statistics

Array = np.ndarray[Any, Any]
BARS = 64


class Bins(NamedTuple):
    """How many finite elements lie between each two edges."""

    counts: Array
    edges: Array


def bins(array: Array, found: Statistics, cancelled: Cancelled = never) -> Bins | None:
    """The finite elements in at most BARS bins; whole numbers close together get one each. None where cancelled."""
    if found.low is None or found.high is None:
        return Bins(np.zeros(1, np.int64), np.array([0.0, 1.0]))
    low, high = found.low, found.high
    if array.dtype.kind in "iub" and high - low < BARS:
        edges = np.arange(low - 0.5, high + 1.0)
    else:
        wide = high - low
        if not np.isfinite(wide) or wide <= abs(high) * 1e-12:
            wide, low = (abs(high) or 1.0) * 1e-3, low - (abs(high) or 1.0) * 5e-4
        edges = np.linspace(low, low + wide if np.isfinite(low + wide) else high, BARS + 1)
    counts = np.zeros(len(edges) - 1, np.int64)
    flat = array.reshape(-1)
    for start in range(0, flat.size, BLOCK):
        if cancelled():
            return None
        block = flat[start : start + BLOCK]
        if block.dtype.kind == "f":
            block = block[np.isfinite(block)]
        counts += np.histogram(block.astype(np.float64), edges)[0]
    return Bins(counts, edges)


class Histogram(QWidget):
    """Bars over the range of the elements, and beside them how many are not finite."""

    pointed = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.bins: Bins | None = None
        self.found: Statistics | None = None
        self.help = HowToRead(theme, self.explained, self)
        self.setMouseTracking(True)
        self.setMinimumSize(120, 80)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:
        return QSize(320, 200)

    def show_bins(self, made: Bins | None, found: Statistics | None) -> None:
        """Show how elements are spread; None while it is being counted."""
        self.bins, self.found = made, found
        self.help.refresh()
        self.update()

    def explained(self) -> tuple[str, ...]:
        """How this histogram is read, with its own numbers."""
        return () if self.bins is None or self.found is None else explained(self.bins, self.found)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.help.move(self.width() - self.help.width() - 6, 3)
        self.help.refresh()

    def _box(self) -> QRectF:
        tall = self.fontMetrics().height()
        return QRectF(self.rect()).adjusted(14, tall + 10, -14, -tall - 10)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        box = self._box()
        if self.bins is None or not box.adjusted(0, -20, 0, 20).contains(event.position()):
            self.pointed.emit("")
            return
        count = len(self.bins.counts)
        i = min(int((event.position().x() - box.left()) / box.width() * count), count - 1)
        low, high = self.bins.edges[i], self.bins.edges[i + 1]
        self.pointed.emit(f"{significant(low, 4)} to {significant(high, 4)}: {self.bins.counts[i]:,}")

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self.theme.background))
        painter.setPen(QColor(self.theme.dim))
        if self.bins is None or self.found is None:
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, "counting …")
            return
        box, counts, edges = self._box(), self.bins.counts, self.bins.edges
        most = max(int(counts.max()), 1)
        wide = box.width() / len(counts)
        for i, count in enumerate(counts):
            tall = box.height() * count / most
            if count:
                bar = QRectF(box.left() + i * wide, box.bottom() - max(tall, 1.0), max(wide - 1, 1), max(tall, 1.0))
                painter.fillRect(bar, QColor(self.theme.accent))
        painter.setPen(QPen(QColor(self.theme.line), 1))
        painter.drawLine(box.bottomLeft(), box.bottomRight())
        if edges[0] < 0 < edges[-1]:
            zero = box.left() + box.width() * -edges[0] / (edges[-1] - edges[0])
            painter.setPen(QPen(QColor(self.theme.dim), 1, Qt.PenStyle.DashLine))
            painter.drawLine(QPointF(zero, box.top()), QPointF(zero, box.bottom()))
        self._paint_words(painter, box, most)

    def _paint_words(self, painter: QPainter, box: QRectF, most: int) -> None:
        assert self.bins is not None
        assert self.found is not None
        painter.setPen(QColor(self.theme.dim))
        beneath = QRectF(box.left(), box.bottom() + 3, box.width(), self.fontMetrics().height() + 4)
        edges = self.bins.edges
        left, right = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight
        painter.drawText(beneath, left, significant(edges[0], 4))
        painter.drawText(beneath, right, significant(edges[-1], 4))
        above = QRectF(box.left(), 4, box.width() - self.help.width(), self.fontMetrics().height() + 4)
        painter.drawText(above, left, f"at most {most:,} in a bar")
        nonfinite = self.found.nan + self.found.positive_infinity + self.found.negative_infinity
        if nonfinite:
            painter.setPen(QColor(self.theme.error))
            painter.drawText(above, right, f"{nonfinite:,} not finite")


def explained(made: Bins, found: Statistics) -> tuple[str, ...]:
    """How a histogram is read."""
    counts, edges = made.counts, made.edges
    bad = found.nan + found.positive_infinity + found.negative_infinity
    none = f"{bad:,} of {found.size:,} are not finite and stand in no bar."
    if found.low is None:
        return (none,) if bad else ("There is no element that could stand in a bar.",)
    wide, most = significant(edges[1] - edges[0], 3), int(counts.argmax())
    low, high = (significant(edge, 3) for edge in edges[most : most + 2])
    bars = f"Each of the {len(counts)} bars" if len(counts) > 1 else "The bar"
    lines = [f"{bars} counts the elements of a range {wide} wide; values stand across, from least to greatest."]
    lines.append(f"The highest has {int(counts[most]):,} of {found.size:,} elements: those from {low} to {high}.")
    zeros = f"{found.zeros:,} of {found.size:,} are exactly 0" if found.zeros else "no element is exactly 0"
    crossing = edges[0] < 0 < edges[-1]
    lines.append(f"The dashed line is 0; {zeros}." if crossing else f"{zeros[0].upper()}{zeros[1:]}.")
    return tuple([*lines, none] if bad else lines)
