"""Reroute dots: a stroke with Shift and the right button adds them, dragging moves them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QLineF, Qt

from ....core.graph import Wire
from ... import editing
from ...look.theme import GRID
from ..bends import Dot
from ..scene import PortRef
from .drawing import Point
from .gesture import Gesture, Press
from .move import THRESHOLD
from .select import ALT, CONTROL, SHIFT
from .strokes import Stroke

if TYPE_CHECKING:
    from ..canvas import Canvas


def add_dots(canvas: Canvas, places: dict[Wire, Point]) -> None:
    """Add a dot to each of some wires, in one undo, and select them."""
    editor, scene = canvas.editor, canvas.scene
    label = editing.bend_label(editor.graph, places)

    def ends(wire: Wire) -> tuple[Point, Point]:
        source, port = PortRef(*wire.source, True), PortRef(wire.target, wire.port, False)
        return scene.position(source), scene.position(port)

    hidden = [wire for wire in places if (wire.source.node, wire.target) != _faces(canvas, wire)]
    if hidden:
        group = editing.wire_name(editor.graph, hidden[0])
        editor.told.emit(f"{group} ends in a collapsed group: expand it to reroute the wire", "refusal")
        return
    added = editor.attempt(label, lambda t: [editing.add_dot(t, wire, at, ends(wire)) for wire, at in places.items()])
    if added is not None:
        dots = [Dot(wire.target, wire.port, number) for wire, number in zip(places, added, strict=True)]
        editor.select(())
        canvas.select_dots(dots)


def _faces(canvas: Canvas, wire: Wire) -> tuple[str | None, str | None]:
    return canvas.scene.face(wire.source.node), canvas.scene.face(wire.target)


def remove_dots(canvas: Canvas, dots: frozenset[Dot]) -> None:
    """Remove dots, in one undo."""
    label = f"Remove {editing.dots_counted(len(dots))}"
    canvas.editor.attempt(label, lambda t: editing.remove_dots(t, dots))
    canvas.select_dots()


class Reroute(Stroke):
    """Shift + right drag: each wire that the stroke crosses gets a dot there; a click on a wire adds one."""

    colour, mark, word = "accent", "●", "reroute"

    def __init__(self, canvas: Canvas, press: Press) -> None:
        super().__init__(canvas, press)
        if press.hit.wire is not None and press.hit.dot is None:
            self.wires[press.hit.wire] = self.points[0]

    @classmethod
    def start(cls, canvas: Canvas, press: Press) -> Gesture | None:
        """Begins anywhere."""
        shift = press.modifiers & SHIFT and not press.modifiers & (ALT | CONTROL)
        return cls(canvas, press) if press.button == Qt.MouseButton.RightButton and shift else None

    def finish(self, wires: dict[Wire, Point]) -> None:
        """Add the dots."""
        add_dots(self.canvas, wires)


class MoveDots(Gesture):
    """Drag of the selected reroute dots, or of the one under the pointer. A press without a drag selects it."""

    def __init__(self, canvas: Canvas, press: Press) -> None:
        assert press.hit.dot is not None
        self.canvas, self.pressed, self.dot = canvas, press, press.hit.dot
        self.before = canvas.dots
        self.toggles = bool(press.modifiers & (SHIFT | CONTROL))
        self.dragging = False
        if self.dot not in canvas.dots:
            kept = canvas.dots if self.toggles else frozenset()
            if not self.toggles:
                canvas.editor.select(())
            canvas.select_dots(kept | {self.dot})
        wires = canvas.scene.wires
        self.slots = {wires.slots[dot.target, dot.port] for dot in canvas.dots if dot[:2] in wires.slots}
        self.home = {slot: wires.bends.dots[slot].copy() for slot in self.slots if slot in wires.bends.dots}

    @classmethod
    def start(cls, canvas: Canvas, press: Press) -> Gesture | None:
        """Begins where the left button goes down on a dot."""
        left = press.button == Qt.MouseButton.LeftButton and not press.double and not press.modifiers & ALT
        return cls(canvas, press) if left and press.hit.dot is not None else None

    def _offset(self, press: Press) -> Point:
        dx, dy = press.x - self.pressed.x, press.y - self.pressed.y
        slot = self.canvas.scene.wires.slots.get(self.dot[:2])
        if press.modifiers & CONTROL and slot in self.home:
            x, y = self.home[slot][self.dot.number].tolist()
            return round((x + dx) / GRID) * GRID - x, round((y + dy) / GRID) * GRID - y
        return dx, dy

    def move(self, press: Press) -> None:
        """Draw the wires as they would go."""
        far = QLineF(self.pressed.screen, press.screen).length() >= THRESHOLD
        self.dragging = self.dragging or far
        if self.dragging:
            self._draw(*self._offset(press))

    def _draw(self, dx: float, dy: float) -> None:
        wires, bends = self.canvas.scene.wires, {}
        for slot, home in self.home.items():
            wire = wires.wires[slot]
            if slot in wires.bends.dots and wire is not None:
                chosen = [Dot(wire.target, wire.port, i) in self.canvas.dots for i in range(len(home))]
                moved = home + np.outer(chosen, (dx, dy))
                bends[slot] = tuple((x, y) for x, y in moved.tolist())
        wires.bend(bends)

    def release(self, press: Press) -> None:
        """Move them, or select where the pointer stayed where it was."""
        self.move(press)
        dots = self.canvas.dots
        if not self.dragging:
            if self.dot in self.before:
                self.canvas.select_dots(dots - {self.dot} if self.toggles else {self.dot})
            return
        self._draw(0.0, 0.0)
        offset = self._offset(press)
        if offset != (0.0, 0.0):
            label = f"Move {editing.dots_counted(len(dots))}"
            self.canvas.editor.attempt(label, lambda t: editing.move_dots(t, dots, *offset))

    def cancel(self) -> None:
        """The dots are where they were, and selected as they were."""
        self._draw(0.0, 0.0)
        self.canvas.select_dots(self.before)
