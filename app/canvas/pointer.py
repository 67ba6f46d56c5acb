"""The mouse on a canvas: panning and zooming are done here, everything that edits is a gesture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from .gestures import GESTURES
from .gestures.gesture import Gesture, Press
from .under_badge import FOLLOWED

if TYPE_CHECKING:
    from .canvas import Canvas
    from .places import Hit

_PLAIN = Qt.KeyboardModifier.NoModifier


class Pointer:
    """Takes the mouse events of one canvas."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas
        self.gesture: Gesture | None = None
        self.space = False  # held: the left button pans
        self.space_panned = False  # it has, since Space went down: then its release is no tap
        self._pan_from: QPointF | None = None
        self._pressed: Press | None = None  # with the right button, before it is a drag
        self._on_map = False
        self.at = QPointF()  # where in the canvas the mouse was last

    def _press_of(self, event: QMouseEvent) -> Press:
        x, y = self._canvas.view.to_scene(event.position())
        double, hit = event.type() == QEvent.Type.MouseButtonDblClick, self._canvas.hit(x, y)
        return Press(x, y, event.position(), event.button(), event.modifiers(), double, hit)

    @property
    def panning(self) -> bool:
        return self._pan_from is not None

    # Events.

    def press(self, event: QMouseEvent) -> None:
        """A button goes down: pan, or start the gesture that fits."""
        canvas = self._canvas
        if event.buttons() == event.button():
            self._forget()  # nothing else is held: a release went elsewhere, to a menu or another window
        if self.gesture is not None or self._pan_from is not None:
            return  # another button while one is held
        if event.button() == Qt.MouseButton.LeftButton and canvas.minimap_shown:
            self._on_map = canvas.minimap.holds(event.position(), canvas.width(), canvas.height())
            if self._on_map:
                self._go_on_map(event.position())
                return
        left, plain = event.button() == Qt.MouseButton.LeftButton, event.modifiers() == _PLAIN
        if event.button() == Qt.MouseButton.MiddleButton or (left and self.space):
            self._pan_from = event.position()
            self.space_panned = self.space
            canvas.setCursor(Qt.CursorShape.ClosedHandCursor)
            return
        press = self._press_of(event)
        if event.button() == Qt.MouseButton.RightButton and plain:
            self._pressed, self._pan_from = press, event.position()
            return
        self.start(press)

    def start(self, press: Press) -> None:
        """Start the first gesture that begins so."""
        for kind in GESTURES:
            self.gesture = kind.start(self._canvas, press)
            if self.gesture is not None:
                break
        self._canvas.update()

    def move(self, event: QMouseEvent) -> bool:
        """The mouse moves, with or without a button."""
        canvas = self._canvas
        self.at = event.position()
        canvas.pointer = canvas.view.to_scene(self.at)
        if self._on_map:
            self._go_on_map(event.position())
        elif self._pan_from is not None:
            self._pan(event.position())
        else:
            press = self._press_of(event)
            if self.gesture is not None:
                self.gesture.move(press)
                canvas.update()
            canvas.hover.over(press.hit)
            self.show_cursor(press.hit)
        return True

    def _go_on_map(self, point: QPointF) -> None:
        """Bring the place at a point of the minimap into the middle."""
        canvas = self._canvas
        x, y = canvas.minimap.to_scene(point, canvas.width(), canvas.height())
        canvas.view.center(x, y, canvas.width(), canvas.height())
        canvas.view_moved()

    def _pan(self, position: QPointF) -> None:
        assert self._pan_from is not None
        way = position - self._pan_from
        if self._pressed is not None:
            if way.manhattanLength() < QApplication.startDragDistance():
                return
            self._pressed = None
            self._canvas.setCursor(Qt.CursorShape.ClosedHandCursor)
        before = self._canvas.view.x, self._canvas.view.y
        self._canvas.view.pan(way.x(), way.y())
        # What was lost by keeping to whole device pixels is made up for by the next move.
        moved = QPointF(self._canvas.view.x - before[0], self._canvas.view.y - before[1])
        self._pan_from += moved
        self._canvas.view_moved()

    def release(self, event: QMouseEvent) -> bool:
        """A button goes up."""
        canvas = self._canvas
        self._on_map = False
        if self._pan_from is not None:
            self._pan_from, pressed = None, self._pressed
            self._pressed = None
            self.show_cursor()
            if pressed is None:
                return True
            self.start(pressed)  # a click with the right button: the menu
        if self.gesture is not None:
            gesture, self.gesture = self.gesture, None
            gesture.release(self._press_of(event))
            canvas.update()
        return True

    def _forget(self) -> None:
        space = self.space
        if self.gesture is not None or self._pan_from is not None:
            self.cancel()
        self.space = space

    def cancel(self) -> bool:
        """End what runs, leaving everything as it was; whether anything ran."""
        ran = self.gesture is not None or self._pan_from is not None
        gesture, self.gesture = self.gesture, None
        self._pan_from = self._pressed = None
        self._on_map = self.space = self._canvas.cutting = False
        self.show_cursor()
        if gesture is not None:
            gesture.cancel()
        self._canvas.update()
        return ran

    def interrupt(self) -> None:
        """The document has changed under a gesture: end it, and keep of its selection what is still there."""
        gesture, self.gesture = self.gesture, None
        if gesture is None:
            return
        gesture.cancel()
        editor, graph = self._canvas.editor, self._canvas.editor.graph
        gone = [id for id in editor.selection if id not in graph.nodes and id not in graph.groups]
        if gone:
            editor.select(editor.selection.difference(gone))

    def show_cursor(self, hit: Hit | None = None) -> None:
        """An open hand while Space is held, a pointing one over what a click follows, else the arrow."""
        if self.space:
            self._canvas.setCursor(Qt.CursorShape.OpenHandCursor)
        elif hit is not None and hit.part in FOLLOWED.values() and self.gesture is None:
            self._canvas.setCursor(Qt.CursorShape.PointingHandCursor)
        else:
            self._canvas.unsetCursor()
