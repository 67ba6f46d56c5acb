"""The operating points of an op: its curve, where its elements lie on it, and the tangent at one of them."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ..inspecting.how_to_read import HowToRead
from ..inspecting.sheet import small
from ..look.numbers import significant
from ..look.theme import Theme
from .curves import Curve, explained
from .elements import Array, number
from .scales import Scales, drawn

NEAR = 14.0  # pixels from a dot at which the pointer means it
_KEYS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Down: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Up: 1}


class CurvePlot(QWidget):
    """One curve with its dots. `chosen(flat index)`: the dot that is pointed at, or reached by the arrow keys."""

    chosen = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.curve: Curve | None = None
        self.at: int | None = None  # which dot
        self.slope: float | None = None
        self._slopes: Array | None = None  # of all elements, where they are known
        self._between = (0.0, 1.0)
        self._kept = QPixmap()
        self._made: tuple[QSize, float] | None = None  # how large it is kept, and how dense
        self.help = HowToRead(theme, self.explained, self)
        self.setFont(small())
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_curve(self, curve: Curve, flat: int, slope: Array | None) -> None:
        """Show a curve with the element `flat` chosen; the tangent there, where slopes are known."""
        if curve is not self.curve:
            self.curve, self._between, self._made = curve, curve.between, None
        found = np.flatnonzero(curve.places == flat)
        self.at = int(found[0]) if found.size else None
        self._slopes = None if slope is None or slope.size != curve.size else slope.reshape(-1)
        self.slope = None if self._slopes is None else float(self._slopes[flat])
        self.setAccessibleName(f"curve of {curve.name} with {curve.size:,} elements; {self.words()}")
        self.setToolTip(self.words())
        self.help.refresh()
        self.update()

    def words(self) -> str:
        """The chosen element in words."""
        curve = self.curve
        if curve is None or self.at is None:
            return ""
        told = f"x = {number(curve.dots[self.at])}, f = {number(curve.values[self.at])}"
        return told if self.slope is None else f"{told}, f′ = {number(self.slope)}"

    def explained(self) -> tuple[str, ...]:
        """How this plot is read, with its own numbers."""
        return () if self.curve is None else explained(self.curve, self._slopes)

    def sizeHint(self) -> QSize:
        return QSize(200, self.fontMetrics().height() * 9)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, self.sizeHint().height())

    # Where.

    def _box(self) -> QRectF:
        tall = self.fontMetrics().height()
        return QRectF(self.rect()).adjusted(1, tall + 5, -1, -tall - 3)

    def _scales(self) -> Scales:
        assert self.curve is not None
        return Scales(self._box(), (float(self.curve.x[0]), float(self.curve.x[-1])), self._between)

    def dots(self) -> tuple[Array, Array]:
        """Where the dots are drawn, in pixels; what is not finite is nowhere."""
        assert self.curve is not None
        return self._scales().to_screen(self.curve.dots, self.curve.values)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.help.move(self.width() - self.help.width() - 1, 0)
        self.help.refresh()

    # Choosing.

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self.curve is None:
            return
        with np.errstate(invalid="ignore"):
            x, y = self.dots()
            away = np.nan_to_num(np.hypot(x - event.position().x(), y - event.position().y()), nan=np.inf)
        nearest = int(np.argmin(away))
        if away[nearest] <= NEAR and nearest != self.at:
            self.chosen.emit(int(self.curve.places[nearest]))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = _KEYS.get(Qt.Key(event.key()))
        if step is None or self.curve is None:
            super().keyPressEvent(event)
            return
        order = np.argsort(self.curve.dots, kind="stable")
        now = 0 if self.at is None else int(np.flatnonzero(order == self.at)[0]) + step
        self.chosen.emit(int(self.curve.places[order[min(max(now, 0), len(order) - 1)]]))

    # Painting.

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = self._box()
        painter.drawPixmap(0, 0, self._drawn())
        painter.setPen(QPen(QColor(self.theme.accent if self.hasFocus() else self.theme.line), 1))
        painter.drawRect(box)
        if self.curve is not None:
            self._paint_words(painter, box)
            painter.setClipRect(box)
            self._paint_chosen(painter)

    def _drawn(self) -> QPixmap:
        """Curve and dots, which stay while another dot is chosen: 2,000 of them take longer than a frame."""
        made = (self.size(), self.devicePixelRatioF())
        if made != self._made and self.curve is not None:
            self._made, self._kept = made, drawn(self.curve, self._scales(), self.theme, *made)
        return self._kept

    def _paint_chosen(self, painter: QPainter) -> None:
        """The chosen dot, and the tangent at it."""
        if self.curve is None or self.at is None or not np.isfinite(self.curve.values[self.at]):
            return
        middle = QPointF(*(float(each[self.at]) for each in self.dots()))
        if self.slope is not None and np.isfinite(self.slope):
            painter.setPen(QPen(QColor(self.theme.gradient), 2.0))
            wide = (self.curve.x[-1] - self.curve.x[0]) * 0.22
            dot, value = self.curve.dots[self.at], self.curve.values[self.at]
            ends = np.array([-wide, wide])
            across, down = self._scales().to_screen(dot + ends, value + self.slope * ends)
            painter.drawLine(QPointF(across[0], down[0]), QPointF(across[1], down[1]))
        painter.setPen(QPen(QColor(self.theme.background), 1.5))
        painter.setBrush(QColor(self.theme.gradient))
        painter.drawEllipse(middle, 5.0, 5.0)

    def _paint_words(self, painter: QPainter, box: QRectF) -> None:
        assert self.curve is not None
        painter.setPen(QColor(self.theme.dim))
        metrics = self.fontMetrics()
        above = QRectF(box.left(), 2, box.width(), metrics.height())
        beneath = QRectF(box.left(), box.bottom() + 3, box.width(), metrics.height())
        left, right = int(Qt.AlignmentFlag.AlignLeft), int(Qt.AlignmentFlag.AlignRight)
        painter.drawText(beneath, left, significant(self.curve.x[0], 3))
        painter.drawText(beneath, right, significant(self.curve.x[-1], 3))
        shown, size = len(self.curve.dots), self.curve.size
        many = f"{shown:,} of {size:,} elements" if shown < size else f"{size:,} element{'s' * (size != 1)}"
        painter.drawText(beneath, int(Qt.AlignmentFlag.AlignHCenter), many)
        room = int(box.width()) - self.help.width() - 4
        painter.drawText(above, left, metrics.elidedText(self.words(), Qt.TextElideMode.ElideRight, room))
