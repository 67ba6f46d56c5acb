"""The wheel and the trackpad on a canvas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QNativeGestureEvent, QWheelEvent

if TYPE_CHECKING:
    from .canvas import Canvas

NOTCH = 120.0  # of a wheel, in eighths of a degree
ZOOM_A_NOTCH = 1.2


class Wheel:
    """Takes the wheel events and pinches of one canvas."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas
        self.mode = "auto"  # "zoom", "pan", or "auto": a wheel zooms, a trackpad pans

    def turn(self, event: QWheelEvent) -> bool:
        """A wheel zooms to the cursor; the two fingers of a trackpad pan; with Ctrl either zooms."""
        canvas = self._canvas
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        fingers = not event.pixelDelta().isNull() and event.phase() != Qt.ScrollPhase.NoScrollPhase
        pans = {"auto": fingers, "pan": True, "zoom": False}[self.mode]
        if pans and not control:
            delta = event.pixelDelta() if fingers else event.angleDelta() / 2
            canvas.view.pan(delta.x(), delta.y())
        else:
            turned = event.angleDelta().y() or event.angleDelta().x()
            canvas.painting.hasten()
            canvas.view.zoom(ZOOM_A_NOTCH ** (turned / NOTCH), event.position())
        canvas.view_moved()
        canvas.pointer = canvas.view.to_scene(event.position())
        return True

    def pinch(self, event: QNativeGestureEvent) -> bool:
        """Two fingers that part or close zoom."""
        if event.gestureType() != Qt.NativeGestureType.ZoomNativeGesture:
            return False
        self._canvas.painting.hasten()
        self._canvas.view.zoom(max(1.0 + event.value(), 0.2), event.position())
        self._canvas.view_moved()
        return True
