"""Reroute dots: a stroke with Shift and the right button adds them, dragging moves them."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QLineF, QPointF, Qt
from PySide6.QtGui import QPainter

from ....core.graph import Wire
from ... import editing
from ..bends import Dot
from ..scene import PortRef
from .drawing import draw_stroke, draw_text
from .gesture import Gesture, Press
from .move import GRID, THRESHOLD, draw_wire
from .select import ALT, CONTROL, SHIFT

if TYPE_CHECKING:
    from ..canvas import Canvas

Point = tuple[float, float]


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


class Reroute(Gesture):
    """Shift + right drag: each wire that the stroke crosses gets a dot there; a click on a wire adds one."""

    hint = "the wires that the stroke crosses get a reroute dot there; Esc gives up"

    def __init__(self, canvas: Canvas, press: Press) -> None:
        self.canvas = canvas
        self.points = [(press.x, press.y)]
        self.places: dict[Wire, Point] = {}
        if press.hit.wire is not None and press.hit.dot is None:
            self.places[press.hit.wire] = self.points[0]

    @classmethod
    def start(cls, canvas: Canvas, press: Press) -> Gesture | None:
        """Begins anywhere."""
        shift = press.modifiers & SHIFT and not press.modifiers & (ALT | CONTROL)
        return cls(canvas, press) if press.button == Qt.MouseButton.RightButton and shift else None

    def move(self, press: Press) -> None:
        """Gather where the last part of the stroke crosses wires."""
        last, now = self.points[-1], (press.x, press.y)
        if now == last:
            return
        self.points.append(now)
        for wire in self.canvas.scene.wires_across(*last, *now):
            self.places.setdefault(wire, self._crossing(wire, last, now))

    def _crossing(self, wire: Wire, start: Point, end: Point) -> Point:
        """Where a part of the stroke meets a wire that it crosses."""
        wires, stroke = self.canvas.scene.wires, QLineF(*start, *end)
        path = wires.paths(np.array([wires.slots[wire.target, wire.port]]), 10)[0].tolist()
        for a, b in pairwise(path):
            kind, point = QLineF(*a, *b).intersects(stroke)
            if kind == QLineF.IntersectionType.BoundedIntersection and isinstance(point, QPointF):
                return point.x(), point.y()
        return end

    def release(self, press: Press) -> None:
        """Add the dots."""
        self.move(press)
        graph = self.canvas.editor.graph
        places = {w: at for w, at in self.places.items() if w.target in graph.nodes}
        places = {w: at for w, at in places.items() if graph.fed(w.target, w.port) == w.source}
        if places:
            add_dots(self.canvas, places)

    def paint(self, painter: QPainter) -> None:
        """The stroke, and the wires that get a dot."""
        theme = self.canvas.theme
        for wire in self.places:
            draw_wire(painter, self.canvas, wire, theme.accent)
        if len(self.points) > 1:
            draw_stroke(painter, self.points, theme.accent)
        if self.places:
            text = f"reroute {editing.wires_counted(len(self.places))}"
            draw_text(painter, theme, self.points[-1], text, theme.accent, "●")


class MoveDots(Gesture):
    """Drag of the selected reroute dots, or of the one under the pointer. A press without a drag selects it."""

    hint = "Ctrl snaps to the grid; Esc leaves the dot where it was"

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
        self.home = {slot: wires.dots[slot].copy() for slot in self.slots if slot in wires.dots}

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
            if slot in wires.dots and wire is not None:
                chosen = [Dot(wire.target, wire.port, i) in self.canvas.dots for i in range(len(home))]
                moved = home + np.outer(chosen, (dx, dy))
                bends[slot] = tuple((x, y) for x, y in moved.tolist())
        wires.follow(np.array(sorted(bends), np.intp))
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
