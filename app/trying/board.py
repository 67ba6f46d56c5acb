"""A board of a few pixels to draw on, as large as the pictures of the data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QMimeData, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
    QImage,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from ..look.colour_map import image_of
from ..look.theme import Theme
from ..plots.thumbnails import draw_image
from .brush import FINER, Stroke, radius_for
from .drawn_past import Drawn, DrawnPast

Array = np.ndarray[Any, Any]
EDGE = 4.0  # pixels around the picture
HINT = "Draw here, or drop a picture"
_ERASES = Qt.KeyboardModifier.ShiftModifier


def picture_in(data: QMimeData | None) -> Path | QImage | None:
    """The picture, or the file, that is dropped or pasted; None where it is neither."""
    if data is None:
        return None
    paths = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
    if paths:
        return paths[0]
    image = data.imageData() if data.hasImage() else None
    return image if isinstance(image, QImage) else None


class DrawingBoard(QWidget):
    """Left button draws, right button or Shift erases, the wheel changes the brush. `drawn(picture)`, None: nothing."""

    drawn = Signal(object)
    taken = Signal(object)  # a Path or a QImage that was dropped or pasted

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.picture = np.zeros((8, 8))
        self.ground = self.ink = np.zeros(())
        self.range, self.radius = (0.0, 1.0), 1.0
        self.blank = True  # nothing has been drawn yet
        self._past = DrawnPast()
        self._stroke: Stroke | None = None
        self._at: tuple[float, float] | None = None  # the pointer, in pixels of the picture
        self.setMouseTracking(True)
        self.setAcceptDrops(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(96, 96)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setAccessibleName("Drawing board")
        self.setToolTip(
            "Left button draws, right button or Shift erases, the wheel changes the brush, Ctrl+Z takes a stroke back"
        )

    def sizeHint(self) -> QSize:
        return QSize(240, 240)

    def begin(self, plane: tuple[int, ...], ground: Array, between: tuple[float, float]) -> None:
        """Draw pictures of this size on this ground, with numbers between these two."""
        self.ground, self.range, self.radius = ground, between, radius_for(*plane[:2])
        low, high = between
        self.ink = np.where(ground - low <= high - ground, high, low)  # what stands out most
        self._show(_empty(self.ground, plane))
        self._past.forget()

    def _show(self, drawn: Drawn) -> None:
        self.picture, self.blank = drawn
        self.update()

    def wipe(self) -> None:
        """An empty picture."""
        if not self.blank:
            self._past.keep(Drawn(self.picture, False))
        self._show(_empty(self.ground, self.picture.shape))

    def show_picture(self, picture: Array) -> None:
        """Show this, with which drawing begins; not under a stroke that goes on."""
        if self._stroke is None:
            self._past.forget()
            self._show(Drawn(np.asarray(picture, np.float64), False))

    def invert(self) -> None:
        """Light becomes dark."""
        self._past.keep(Drawn(self.picture, self.blank))
        self._show(Drawn(np.asarray(sum(self.range) - self.picture, np.float64), False))
        self.drawn.emit(self.picture)

    def step(self, back: bool) -> bool:
        """Take the last stroke back, or make it again; False where there is none."""
        found = None if self._stroke is not None else self._past.step(Drawn(self.picture, self.blank), back)
        if found is not None:
            self._show(found)
            self.drawn.emit(None if found.blank else found.picture)
        return found is not None or self._stroke is not None

    @property
    def place(self) -> QRectF:
        """Of the picture."""
        rows, columns = self.picture.shape[:2]
        scale = min((self.width() - 2 * EDGE) / columns, (self.height() - 2 * EDGE) / rows)
        scale = max(int(scale), 1) if scale >= 1 else scale  # pixels of one size, where there is room
        wide, high = columns * scale, rows * scale
        return QRectF(EDGE, round((self.height() - high) / 2), wide, high)  # beside what acts on it

    def _pixel(self, point: QPointF) -> tuple[float, float]:
        place, columns = self.place, self.picture.shape[1]
        scale = columns / place.width()
        return (point.x() - place.left()) * scale, (point.y() - place.top()) * scale

    # Drawing.

    def mousePressEvent(self, event: QMouseEvent) -> None:
        right = Qt.MouseButton.RightButton
        if event.button() not in (Qt.MouseButton.LeftButton, right) or self._stroke is not None:
            return
        self._past.keep(Drawn(self.picture, self.blank))
        ink = self.ground if event.button() == right or event.modifiers() & _ERASES else self.ink
        self._stroke = Stroke(self.picture, ink, self.radius)
        self._at = self._pixel(event.position())
        self._draw(self._at)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = self._pixel(event.position())
        if self._stroke is not None:
            self._draw(at)
        self._at = at
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if not event.buttons():
            self._stroke = None

    def leaveEvent(self, event: object) -> None:
        self._at = None
        self.update()

    def _draw(self, to: tuple[float, float]) -> None:
        assert self._stroke is not None
        self.picture, self.blank = self._stroke.to(self._at or to, to), False
        self.update()
        self.drawn.emit(self.picture)

    def wheelEvent(self, event: QWheelEvent) -> None:
        turns = event.angleDelta().y() / 120
        self.radius = float(np.clip(self.radius * FINER**turns, 0.3, max(self.picture.shape[:2]) / 2))
        event.accept()
        self.update()

    # Pictures from elsewhere.

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Paste):
            self.paste()
        else:
            super().keyPressEvent(event)

    def paste(self) -> None:
        """Take the picture of the clipboard; what is none is told by who reads it."""
        found = picture_in(QGuiApplication.clipboard().mimeData())
        self.taken.emit(QImage() if found is None else found)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if picture_in(event.mimeData()) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        found = picture_in(event.mimeData())
        if found is not None:
            event.acceptProposedAction()
            self.taken.emit(found)

    # What is seen.

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            _paint(self, painter)


def _empty(ground: Array, plane: tuple[int, ...]) -> Drawn:
    return Drawn(np.broadcast_to(ground, plane).astype(np.float64), True)


def _paint(board: DrawingBoard, painter: QPainter) -> None:
    """The picture in its frame, and the brush where the pointer is."""
    place = board.place
    draw_image(painter, place, _image(board.picture, board.range))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setPen(QPen(QColor(board.theme.accent if board.hasFocus() else board.theme.line), 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(place.adjusted(-1, -1, 0, 0))
    if board.blank and board._stroke is None:
        light = float(np.mean(board.ground)) > sum(board.range) / 2
        painter.setPen(QColor("#555555" if light else "#aaaaaa"))
        painter.drawText(place, int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap), HINT)
    if board._at is not None:
        scale = place.width() / board.picture.shape[1]
        middle = QPointF(place.left() + board._at[0] * scale, place.top() + board._at[1] * scale)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(board.theme.accent), 1.2))
        painter.drawEllipse(middle, board.radius * scale, board.radius * scale)  # how wide the brush is


def _image(picture: Array, between: tuple[float, float]) -> QImage:
    low, high = between
    pixels = np.round(np.clip((picture - low) / (high - low), 0.0, 1.0) * 255).astype(np.uint8)
    return image_of(pixels if pixels.ndim == 3 else np.repeat(pixels[..., None], 3, -1))
