"""What a pointer gesture is: the object that has the mouse from press to release."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter

if TYPE_CHECKING:
    from ..canvas import Canvas
    from ..scene import Hit


class Press(NamedTuple):
    """The pointer at one moment: where, which button, and what lies under it."""

    x: float  # scene units
    y: float
    screen: QPointF  # in the canvas, logical pixels
    button: Qt.MouseButton
    modifiers: Qt.KeyboardModifier
    double: bool
    hit: Hit


class Gesture:
    """One gesture, from press to release or cancel. The canvas asks each kind in turn whether it starts.

    Wires that are `lifted`, each by target and port, would go elsewhere: they are drawn pale.
    """

    lifted: frozenset[tuple[str, str]] = frozenset()

    @classmethod
    def start(cls, canvas: Canvas, press: Press) -> Gesture | None:
        """The gesture that begins with this press, None if this kind does not."""
        raise NotImplementedError

    def move(self, press: Press) -> None:
        """The pointer has moved; `press.hit` is what is under it now."""

    def release(self, press: Press) -> None:
        """The button is up: do it."""

    def cancel(self) -> None:
        """Escape, or the window has lost the pointer: leave everything as it was."""

    def paint(self, painter: QPainter) -> None:
        """Draw above the nodes, in scene coordinates."""
