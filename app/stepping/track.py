"""The track of the timeline: a segment for each step in the colour of its phase, and where one is."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from ...core.stepping import Cursor, Timeline
from ...core.stepping.timeline import BACKWARD, FORWARD, LOSS, UPDATE, ZERO
from ...core.stepping.walking import GRAINS, OP, PHASE
from ..look.theme import Theme
from .memory import MemoryView
from .room_bars import paint_bars
from .stepper import Stepper

THICK = 4.0
KNOB = 7.0
MARGIN = 10.0
FINEST = 5.0  # pixels for a segment below which they are not parted


class Track(QWidget):
    """Shows the timeline of a stepper, and moves along it."""

    left = Signal()  # Escape: back to the canvas

    def __init__(self, stepper: Stepper, memory: MemoryView, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._stepper = stepper
        self._theme = theme
        self._memory = memory
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Timeline")
        self.setToolTip(
            "Timeline: Space steps, ← and → step back and on, 1 to 5 choose how far a step goes; "
            "F10 steps over a collapsed group, Shift+F10 back"
        )
        stepper.changed.connect(self.update)
        memory.changed.connect(self.update)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(120, 28)  # it takes what is left: a larger wish would push it out of a narrow toolbar

    def minimumSizeHint(self) -> QSize:
        return QSize(60, 28)

    # Where things are.

    def _x(self, cursor: Cursor, timeline: Timeline) -> float:
        count = max(len(timeline.steps), 1)
        within = 0.0
        if cursor.step < len(timeline.steps) and cursor.micro:
            within = cursor.micro / len(timeline.steps[cursor.step].micros)
        return MARGIN + (self.width() - 2 * MARGIN) * (cursor.step + within) / count

    def _cursor(self, x: float, timeline: Timeline) -> Cursor:
        """The moment between two steps that is nearest to `x`."""
        share = (x - MARGIN) / max(self.width() - 2 * MARGIN, 1.0)
        return Cursor(round(min(max(share, 0.0), 1.0) * len(timeline.steps)))

    # Painting.

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = self.height() / 2
        timeline = self._stepper.timeline
        if timeline is None:
            painter.setPen(QPen(QColor(self._theme.line), THICK, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
            painter.drawLine(QPointF(MARGIN, middle), QPointF(self.width() - MARGIN, middle))
            return
        memory = self._memory.now
        if memory is not None:  # behind the steps, how much is in use
            box = QRectF(MARGIN, 1.5, self.width() - 2 * MARGIN, self.height() - 3)
            paint_bars(painter, box, memory.lifetimes.room, memory.cursor.step, self._theme)
        self._paint_segments(painter, timeline, middle)
        x = self._x(self._stepper.cursor, timeline)
        if self.hasFocus():
            painter.setPen(QPen(QColor(self._theme.accent), 2.0))
        else:
            painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._theme.text))
        painter.drawEllipse(QPointF(x, middle), KNOB, KNOB)

    def _paint_segments(self, painter: QPainter, timeline: Timeline, middle: float) -> None:
        """A segment for each step, what is done brighter; where they would be too small, one for all of a phase."""
        theme, now = self._theme, self._stepper.cursor.step
        colours = {ZERO: theme.dim, FORWARD: theme.wire, LOSS: theme.warning}
        colours |= {BACKWARD: theme.gradient, UPDATE: theme.good}
        width = (self.width() - 2 * MARGIN) / len(timeline.steps)
        painter.setPen(Qt.PenStyle.NoPen)
        for phase, start, end in timeline.phases:
            if width >= FINEST:
                pieces = [(index, index + 1, 2.0) for index in range(start, end)]
            else:
                parted = min(max(now, start), end)
                pieces = [(start, parted, 0.0), (parted, end, 0.0)]
            for first, last, gap in pieces:
                colour = QColor(colours[phase])
                colour.setAlphaF(1.0 if first < now else 0.45)
                place = QRectF(MARGIN + first * width, middle - THICK / 2, (last - first) * width - gap, THICK)
                painter.fillRect(place, colour)

    # The hand.

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._seek(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._seek(event.position().x())

    def _seek(self, x: float) -> None:
        if self._stepper.timeline is None:
            self._stepper.begin(lambda timeline: self._cursor(x, timeline))
        else:
            self._stepper.seek(self._cursor(x, self._stepper.timeline))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, shift = event.key(), bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        stepper = self._stepper
        if key in (Qt.Key.Key_Right, Qt.Key.Key_Space):
            stepper.step()
        elif key == Qt.Key.Key_Left:
            stepper.back()
        elif key == Qt.Key.Key_Down:
            stepper.step(PHASE if shift else OP)
        elif key == Qt.Key.Key_Up:
            stepper.back(PHASE if shift else OP)
        elif key == Qt.Key.Key_Home:
            stepper.to_start()
        elif key == Qt.Key.Key_End:
            stepper.to_end()
        elif Qt.Key.Key_1 <= key <= Qt.Key.Key_5:
            stepper.choose_grain(GRAINS[key - Qt.Key.Key_1])
        elif key == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)
