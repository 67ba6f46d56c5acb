"""A hand on the mouse for tests of the canvas: real events in scene coordinates, on a graph that is easy to hit."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from gradwire.app.canvas.canvas import Canvas
from gradwire.app.canvas.scene import PortRef
from gradwire.core.document import Document
from gradwire.core.session import Session

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
NONE, SHIFT = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier
CONTROL, ALT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier


class Hand:
    """Moves the pointer in scene coordinates, as a user does: with real events, in small steps."""

    def __init__(self, canvas: Canvas) -> None:
        self.canvas = canvas
        self.at = (0.0, 0.0)

    def send(self, kind: QEvent.Type, button: Qt.MouseButton, held: Qt.MouseButton, modifiers: object) -> None:
        point = self.canvas.view.to_screen(*self.at)
        event = QMouseEvent(kind, point, self.canvas.mapToGlobal(point), button, held, modifiers)
        QApplication.sendEvent(self.canvas, event)

    def press(self, place: tuple[float, float], button: Qt.MouseButton = LEFT, modifiers: object = NONE) -> None:
        self.move(place, Qt.MouseButton.NoButton)
        self.send(QEvent.Type.MouseButtonPress, button, button, modifiers)

    def move(
        self,
        place: tuple[float, float],
        held: Qt.MouseButton = LEFT,
        modifiers: object = NONE,
        steps: int = 6,
    ) -> None:
        (x0, y0), (x1, y1) = self.at, place
        for step in range(1, steps + 1):
            self.at = x0 + (x1 - x0) * step / steps, y0 + (y1 - y0) * step / steps
            self.send(QEvent.Type.MouseMove, Qt.MouseButton.NoButton, held, modifiers)

    def release(self, button: Qt.MouseButton = LEFT, modifiers: object = NONE) -> None:
        self.send(QEvent.Type.MouseButtonRelease, button, Qt.MouseButton.NoButton, modifiers)

    def drag(
        self,
        start: tuple[float, float],
        end: tuple[float, float],
        button: Qt.MouseButton = LEFT,
        modifiers: object = NONE,
    ) -> None:
        self.press(start, button, modifiers)
        self.move(end, button, modifiers)
        self.release(button, modifiers)

    def click(self, place: tuple[float, float], button: Qt.MouseButton = LEFT, modifiers: object = NONE) -> None:
        self.press(place, button, modifiers)
        self.release(button, modifiers)

    def double(self, place: tuple[float, float]) -> None:
        self.click(place)
        self.send(QEvent.Type.MouseButtonDblClick, LEFT, LEFT, NONE)
        self.release()


def sample() -> Session:
    """x, w -> matmul -> relu -> sum, and a lone tanh below."""
    document = Document()
    with document.transaction("Sample") as t:
        t.add("constant", name="x", params={"value": [[1.0, 2.0, 3.0]]}, position=(0, 0))
        t.add("constant", name="w", params={"value": [[1.0, 2.0]] * 3}, position=(0, 200))
        t.add("matmul", name="matmul", inputs={"x": "constant0", "w": "constant1"}, position=(250, 80))
        t.add("relu", name="relu", inputs={"x": "matmul0"}, position=(520, 80))
        t.add("sum", name="sum", inputs={"x": "relu0"}, position=(860, 80))
        t.add("tanh", name="tanh", position=(520, 380))
    return Session(document)


def title(canvas: Canvas, id: str) -> tuple[float, float]:
    x, y, width, _ = canvas.scene.rect(id)
    return x + width / 2, y + 8


def middle(canvas: Canvas, id: str) -> tuple[float, float]:
    x, y, width, height = canvas.scene.rect(id)
    return x + width / 2, y + height / 2


def port(canvas: Canvas, id: str, name: str, output: bool = False) -> tuple[float, float]:
    return canvas.scene.position(PortRef(id, name, output))


def between(canvas: Canvas, source: str, target: str, name: str = "x") -> tuple[float, float]:
    (x0, y0), (x1, y1) = port(canvas, source, "y", True), port(canvas, target, name)
    return (x0 + x1) / 2, (y0 + y1) / 2
