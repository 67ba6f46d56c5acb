"""The canvas: shows the graph of an editor, and gives the pointer to the gestures that edit it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QSize, Qt, QTimer
from PySide6.QtGui import (
    QDragEnterEvent,
    QDropEvent,
    QFocusEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from .. import editing
from ..editor import Editor
from ..look.theme import Theme
from . import accessible
from .drawn import HASTE
from .gestures.gesture import Gesture
from .keys import Keys
from .painting import Painting
from .places import Hit, Place
from .pointer import Pointer
from .showing import CanvasState
from .wheel import Wheel

OP_MIME = "application/x-gradwire-op"


class Canvas(CanvasState):
    """One widget that paints the scene and takes mouse and keys."""

    def __init__(self, editor: Editor, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(editor, theme, parent)
        self._pointer = Pointer(self)
        self._wheel = Wheel(self)
        self._keys = Keys(self, self._pointer)
        self._painting = Painting(self)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.timeout.connect(self.update)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAcceptDrops(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName("Canvas")
        accessible.follow(self)
        editor.selection_changed.connect(lambda: accessible.tell_focus(self))

    def sizeHint(self) -> QSize:
        return QSize(900, 600)

    @property
    def gesture(self) -> Gesture | None:
        """The gesture that has the pointer."""
        return self._pointer.gesture

    def _interrupt(self) -> None:
        self._pointer.interrupt()

    def hasten(self) -> None:
        """The zoom is in motion: draw fast now, and exactly as soon as it rests."""
        self._painting.pictures.hasten()
        self._rest.start(round(HASTE * 1000) + 20)

    def grab_image(self) -> QImage:
        """What is seen now, as a picture; drawn exactly, also while the zoom is in motion."""
        self._painting.pictures.rest()
        return self.grab().toImage()

    def on_minimap(self, point: QPointF) -> bool:
        return self.minimap_shown and self.minimap.holds(point, self.width(), self.height())

    def go_on_minimap(self, point: QPointF) -> None:
        """Bring the place at a point of the minimap into the middle."""
        x, y = self.minimap.to_scene(point, self.width(), self.height())
        self.view.center(x, y, self.width(), self.height())
        self.view_moved()

    # Events.

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        self._painting.paint(painter)
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if not self._framed:
            self._framed = True
            self.frame()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        self._pointer.press(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._pointer.press(event, double=True)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._pointer.move(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._pointer.release(event)

    def leaveEvent(self, event: QEvent) -> None:
        self.pointer = None
        self.set_hover(Hit())

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._wheel.turn(event)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QNativeGestureEvent) and self._wheel.pinch(event):
            return True
        return super().event(event)

    def focusNextPrevChild(self, next: bool) -> bool:
        return False  # Tab adds a node; F6 leaves the canvas

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        accessible.tell_focus(self)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._pointer.cancel()
        super().focusOutEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self._keys.press(event):
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if not self._keys.release(event):
            super().keyReleaseEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasFormat(OP_MIME):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        if not event.mimeData().hasFormat(OP_MIME):
            return
        name = bytes(event.mimeData().data(OP_MIME).data()).decode("utf-8")
        x, y = self.view.to_scene(event.position())
        hit = self.hit(x, y)
        port = None if hit.port is None else self.scene.real(hit.port)
        editing.add(self.editor, name, (x, y), Place(x, y, port, hit.wire))
        event.acceptProposedAction()
        self.setFocus(Qt.FocusReason.OtherFocusReason)
