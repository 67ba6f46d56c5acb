"""The field that curves are drawn in: axes, zoom by wheel and drag, and painters that draw in pixels."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from ..inspecting.sheet import small
from ..look.theme import Theme
from .frame import Frame
from .number_axis import NumberAxis

pg.setConfigOptions(mouseRateLimit=-1)  # else a pointer that stops may be told of where it was before
Painter = Callable[[QPainter, Frame], None]
FLAT = 10.0  # pixels: what is dragged lower than that is zoomed across only


def faint(colour: str, opacity: int) -> QColor:
    """A colour of which so much of 255 is seen."""
    found = QColor(colour)
    found.setAlpha(opacity)
    return found


class Box(pg.ViewBox):
    """What is seen. A drag marks what to zoom into; with Shift, or the middle button, it moves what is seen."""

    clicked = Signal(QPointF)
    doubled = Signal()
    pointed = Signal(object)  # QPointF, None where the pointer has left

    def __init__(self) -> None:
        super().__init__(enableMenu=False, defaultPadding=0)
        self.disableAutoRange()
        self.setMouseMode(pg.ViewBox.RectMode)

    def restyle(self, theme: Theme) -> None:
        """Mark what is dragged in these colours."""
        self.rbScaleBox.setPen(pg.mkPen(theme.accent, width=1))
        self.rbScaleBox.setBrush(pg.mkBrush(faint(theme.accent, 40)))

    @property
    def _together(self) -> bool:
        """Whether a unit is as long up as it is across, so that both are zoomed at once."""
        return bool(self.state["aspectLocked"])

    def wheelEvent(self, event: Any, axis: int | None = None) -> None:
        self.updateMatrix()  # which else waits for the next painting, and would be that of an earlier range
        upwards = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if axis is None and not self._together:
            axis = 1 if upwards else 0
        super().wheelEvent(event, axis)

    def mouseDragEvent(self, event: Any, axis: int | None = None) -> None:
        self.updateMatrix()
        if event.isStart():
            shifted = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            moves = shifted or event.button() == Qt.MouseButton.MiddleButton
            self.state["mouseMode"] = pg.ViewBox.PanMode if moves else pg.ViewBox.RectMode
        super().mouseDragEvent(event, axis)

    def showAxRect(self, marked: QRectF, **_: Any) -> None:
        marked = marked.normalized()
        across, up = self.viewPixelSize()
        if marked.width() < across * 2:
            return
        flat = marked.height() < up * FLAT and not self._together
        if flat:
            self.setXRange(marked.left(), marked.right(), padding=0)
        else:
            self.setRange(marked, padding=0)
        self.sigRangeChangedManually.emit([True, not flat])

    def mouseClickEvent(self, event: Any) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        event.accept()
        if event.double():
            self.doubled.emit()
        else:
            self.clicked.emit(QPointF(event.pos()))

    def hoverEvent(self, event: Any) -> None:
        self.pointed.emit(None if event.isExit() else QPointF(event.pos()))


class _Drawn(pg.GraphicsObject):
    """All painters, in the pixels of the box."""

    def __init__(self, field: Field) -> None:
        super().__init__()
        self._field = field
        self.setParentItem(field.box)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)

    def boundingRect(self) -> QRectF:
        return QRectF(self._field.box.rect())

    def moved(self) -> None:
        """The box has another size."""
        self.prepareGeometryChange()
        self.update()

    def paint(self, painter: QPainter, *_: Any) -> None:
        frame = self._field.frame
        if frame.box.width() < 2 or frame.box.height() < 2:
            return
        for paint in self._field.layers:
            painter.save()
            painter.setClipRect(frame.box)
            paint(painter, frame)
            painter.restore()


class Field(pg.GraphicsView):
    """`layers` are painters that draw in turn, each from a `Frame`. `zoomed` says which axes a user has changed."""

    zoomed = Signal(bool, bool)
    ranged = Signal()  # what is seen is something else, or is as large as before on more pixels
    pressed = Signal(QKeyEvent)  # a key; accepted by whom it concerns
    focused = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent, background=None)
        self.theme = theme
        self.layers: list[Painter] = [self._paint_grid]
        self.box = Box()
        self.left, self.bottom = NumberAxis("left", theme), NumberAxis("bottom", theme)
        self.corner = pg.LabelItem("", justify="right")
        layout = pg.GraphicsLayout()
        layout.setContentsMargins(2, 7, 8, 2)  # the topmost number reaches above its line
        layout.setSpacing(0)
        for item, row, column in ((self.left, 0, 0), (self.box, 0, 1), (self.corner, 1, 0), (self.bottom, 1, 1)):
            layout.addItem(item, row, column)
        self.setCentralItem(layout)
        self.left.linkToView(self.box)
        self.bottom.linkToView(self.box)
        self._drawn = _Drawn(self)
        self.box.sigRangeChanged.connect(self._changed)
        self.box.sigResized.connect(self._resized)
        self.box.sigRangeChangedManually.connect(lambda mask: self.zoomed.emit(bool(mask[0]), bool(mask[1])))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(120, 70)
        self.setFrameShape(pg.GraphicsView.Shape.NoFrame)
        self.restyle(theme)

    def restyle(self, theme: Theme) -> None:
        """Draw in these colours."""
        self.theme = theme
        self.setBackground(theme.background)
        for part in (self.left, self.bottom, self.box):
            part.restyle(theme)
        self.name_axis(self.corner.text)
        self.redraw()

    def name_axis(self, name: str) -> None:
        """Say in what the axis at the bottom counts."""
        self.corner.setText(name, color=self.theme.dim)
        self.corner.item.setFont(small())

    @property
    def frame(self) -> Frame:
        """What is seen now."""
        (low, high), (bottom, top) = self.box.viewRange()
        logs = self.bottom.logMode, self.left.logMode
        return Frame(QRectF(self.box.rect()), (low, high), (bottom, top), *logs)

    def set_logs(self, across: bool, up: bool) -> None:
        """Which axes count in powers of ten; the range is then in these."""
        self.bottom.setLogMode(across)
        self.left.setLogMode(up)

    def show_range(self, across: tuple[float, float], up: tuple[float, float]) -> None:
        """Show what is between these."""
        self.box.setRange(xRange=across, yRange=up, padding=0, disableAutoRange=True)

    def redraw(self) -> None:
        """Something else is to be drawn in the same range."""
        self._drawn.update()

    def picture_of(self, painter: QPainter, target: QRectF) -> None:
        """Draw all, with its axes, into a place of another picture."""
        self.scene().prepareForPaint()
        self.scene().render(painter, target, self.sceneRect(), Qt.AspectRatioMode.IgnoreAspectRatio)

    def _changed(self, *_: Any) -> None:
        self._drawn.update()
        self.ranged.emit()

    def _resized(self, *_: Any) -> None:
        self._drawn.moved()
        self.ranged.emit()

    def _paint_grid(self, painter: QPainter, frame: Frame) -> None:
        painter.setPen(QPen(faint(self.theme.line, 170), 1))
        for _, values in self.left.tickValues(*frame.y, frame.box.height()):
            for value in values:
                at = round(frame.place_up(10.0**value if frame.log_y else value)) + 0.5
                painter.drawLine(QPointF(frame.box.left(), at), QPointF(frame.box.right(), at))
        if self.hasFocus():
            painter.setPen(QPen(QColor(self.theme.accent), 1))
            painter.drawRect(frame.box.adjusted(0.5, 0.5, -0.5, -0.5))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        event.ignore()
        self.pressed.emit(event)
        if not event.isAccepted():
            QWidget.keyPressEvent(self, event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.redraw()
        self.focused.emit()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.redraw()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.box.pointed.emit(None)
