"""A box drawn on the empty canvas selects what it touches; a click there selects nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter

from .drawing import draw_box
from .gesture import Gesture, Press

if TYPE_CHECKING:
    from ..canvas import Canvas

SHIFT, CONTROL, ALT = (
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
)


def is_void(press: Press) -> bool:
    """Whether no node lies under the pointer: the ground within a frame is as good as the empty canvas."""
    return press.hit.port is None and (press.hit.item is None or press.hit.part == "frame")


class Select(Gesture):
    """Drag on the empty canvas. Shift adds to the selection, Ctrl toggles."""

    def __init__(self, canvas: Canvas, press: Press) -> None:
        self.canvas = canvas
        self.before = canvas.editor.selection, canvas.editor.active
        self.dots = canvas.dots
        self.start_at = self.now = (press.x, press.y)
        self.modifiers = press.modifiers
        if not press.modifiers & (SHIFT | CONTROL):
            canvas.editor.select(())
            canvas.select_dots()

    @classmethod
    def start(cls, canvas: Canvas, press: Press) -> Gesture | None:
        """Begins where the left button goes down on nothing."""
        nothing = is_void(press)
        if press.button == Qt.MouseButton.LeftButton and nothing and not press.double:
            return cls(canvas, press)
        return None

    def move(self, press: Press) -> None:
        """Select what the box touches now."""
        self.now = (press.x, press.y)
        (x0, y0), (x1, y1) = self.start_at, self.now
        box = min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)
        found = frozenset(self.canvas.scene.find.items_in(*box))
        old = self.before[0]
        if self.modifiers & CONTROL:
            found = old ^ found
        elif self.modifiers & SHIFT:
            found = old | found
        self.canvas.editor.select(found)
        dots = frozenset(self.canvas.scene.find.dots_in(*box))
        if self.modifiers & (SHIFT | CONTROL):
            dots = self.dots ^ dots if self.modifiers & CONTROL else self.dots | dots
        self.canvas.select_dots(dots)

    def cancel(self) -> None:
        """Select what was selected before."""
        selection, active = self.before
        self.canvas.editor.select(selection, active)
        self.canvas.select_dots(self.dots)

    def paint(self, painter: QPainter) -> None:
        """The box."""
        if self.now != self.start_at:
            (x0, y0), (x1, y1) = self.start_at, self.now
            draw_box(painter, QRectF(x0, y0, x1 - x0, y1 - y0).normalized(), self.canvas.theme.accent)
