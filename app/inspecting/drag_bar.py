"""A bar that is dragged to change a number; its ends step by one."""

from __future__ import annotations

import math
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from ...core.parameters import Range
from ..look.theme import Theme

END = 14  # pixels at each end that step
SLACK = 3  # pixels of a press that is still no drag
DECADE = 90  # pixels of a drag over a logarithmic range that make a number ten times as large


class Scale(NamedTuple):
    """From where to where a bar is dragged. Where it is `logarithmic`, equal ways are equal factors."""

    low: float
    high: float
    logarithmic: bool = False

    @classmethod
    def of(cls, between: Range | None) -> Scale | None:
        """The scale of a parameter's range, None where that has no two ends."""
        ends = None if between is None else between.offered
        return None if between is None or ends is None else cls(*ends, between.logarithmic)

    def share(self, value: float) -> float:
        """Where from 0 to 1 a value of the range stands."""
        low, high = self.low, self.high
        if self.logarithmic:
            value, low, high = (math.log10(max(each, 1e-300)) for each in (value, low, high))
        return min(max((value - low) / (high - low), 0.0), 1.0)

    def value_at(self, share: float) -> float:
        """The value that stands there."""
        share = min(max(share, 0.0), 1.0)
        if self.logarithmic:
            return self.low * (self.high / self.low) ** share
        return self.low + (self.high - self.low) * share


def unit(value: float) -> float:
    """How far one step goes without a range: a tenth of the power of ten."""
    return 10.0 ** (math.floor(math.log10(abs(value))) - 1) if value else 0.1


def rounded(value: float) -> float:
    """Four digits: a pointer is no finer."""
    return float(f"{value:.4g}")


class DragBar(QWidget):
    """Drag to change: over a range to where the pointer is, without one or over decades by the way that it goes.

    `pressed`, then `moved(value)` any number of times, then `released`; `abandoned` instead when Escape ends it.
    Shift makes a way finer, Ctrl coarser. The arrow keys step.
    """

    pressed = Signal()
    moved = Signal(object)
    released = Signal()
    abandoned = Signal()
    stepped = Signal(object)

    def __init__(self, theme: Theme, whole: bool, between: Range | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme, self.whole, self.between = theme, whole, between
        self.over = Scale.of(between)
        self.value: float | None = None
        self._from: tuple[float, float] | None = None  # where the press was, and the value there
        self._dragging = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.SizeHorCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(60, 22)

    def minimumSizeHint(self) -> QSize:
        return QSize(40, 22)

    def show_value(self, value: float | None) -> None:
        """Show where the value stands; a drag goes on from where it began."""
        self.value = value
        self.setEnabled(value is not None and math.isfinite(value))
        self.update()

    @property
    def dragging(self) -> bool:
        return self._from is not None

    # Numbers.

    def _step(self, sign: int) -> None:
        if self.value is None:
            return
        if self.whole:
            self.stepped.emit(self._whole(int(self.value) + sign))
        elif self.over is not None and not self.over.logarithmic:
            self.stepped.emit(rounded(self._kept(self.value + sign * (self.over.high - self.over.low) / 100)))
        elif self.over is not None:
            self.stepped.emit(rounded(self.value * 10 ** (sign / 20)))
        else:
            self.stepped.emit(rounded(self.value + sign * unit(self.value)))

    def _kept(self, value: float) -> float:
        return value if self.over is None else min(max(value, self.over.low), self.over.high)

    def _whole(self, value: int) -> int:
        """A whole number no further than the range allows: beyond it a step would only be refused."""
        return value if self.between is None else int(min(max(value, self.between.low), self.between.high))

    def _at(self, x: float, factor: float) -> float | int:
        assert self._from is not None
        start, value = self._from
        way = (x - start) * factor
        if self.whole:
            return self._whole(int(value) + round(way / 6))
        if self.over is None:
            return rounded(value + way * unit(value) / 3)
        if self.over.logarithmic:  # by the way that it goes: decades are too many for so few pixels
            return rounded(self._kept(max(value, self.over.low) * 10 ** (way / DECADE)))
        width = max(self.width() - 2 * END, 1)
        if factor == 1.0:
            return rounded(self.over.value_at((x - END) / width))
        return rounded(self.over.value_at(self.over.share(value) + way / width))

    # Events.

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.value is not None:
            self._from = (event.position().x(), self.value)
            self._dragging = False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._from is None:
            return
        x = event.position().x()
        if not self._dragging:
            if abs(x - self._from[0]) <= SLACK:
                return
            self._dragging = True
            self.pressed.emit()
        held = event.modifiers()
        factor = 0.1 if held & Qt.KeyboardModifier.ShiftModifier else 1.0
        self.moved.emit(self._at(x, 10.0 if held & Qt.KeyboardModifier.ControlModifier else factor))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._from is None or event.button() != Qt.MouseButton.LeftButton:
            return
        x, dragged = event.position().x(), self._dragging
        if dragged:
            self.released.emit()
        self._from = None
        if dragged:
            return
        if x < END or x > self.width() - END:
            self._step(-1 if x < END else 1)
        elif self.over is not None and not self.whole:
            self.stepped.emit(rounded(self.over.value_at((x - END) / max(self.width() - 2 * END, 1))))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self._from is not None:
            self._from = None
            self.abandoned.emit()
        elif event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Down):
            self._step(-1)
        elif event.key() in (Qt.Key.Key_Right, Qt.Key.Key_Up):
            self._step(1)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        border = self.theme.accent if self.hasFocus() or self.underMouse() else self.theme.line
        painter.setPen(QPen(QColor(border), 1))
        painter.setBrush(QColor(self.theme.field))
        painter.drawRoundedRect(box, 4, 4)
        middle, dim = box.center().y(), QColor(self.theme.dim)
        if self.over is not None and self.value is not None and math.isfinite(self.value):
            track = QRectF(box.left() + END, middle - 2.5, box.width() - 2 * END, 5)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(self.theme.line))
            painter.drawRoundedRect(track, 2.5, 2.5)
            painter.setBrush(QColor(self.theme.accent))
            end = track.left() + track.width() * self.over.share(self.value)
            painter.drawRoundedRect(QRectF(track.left(), track.top(), end - track.left(), 5), 2.5, 2.5)
            painter.drawEllipse(QPointF(end, middle), 4.5, 4.5)
        else:
            painter.setPen(QPen(dim, 1.2))
            for offset in (-4, 0, 4):
                x = box.center().x() + offset
                painter.drawLine(QPointF(x, middle - 3), QPointF(x, middle + 3))
        painter.setPen(QPen(dim, 1.4))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for x, way in ((box.left() + 5, 1), (box.right() - 5, -1)):
            painter.drawPolyline(
                [QPointF(x + 3 * way, middle - 3.5), QPointF(x, middle), QPointF(x + 3 * way, middle + 3.5)]
            )
