"""Strokes of the right button with a modifier: over wires, of which Ctrl cuts them, or from a node to another."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from PySide6.QtCore import QLineF, QPointF, Qt
from PySide6.QtGui import QPainter

from ....core.errors import EditError
from ....core.graph import Wire
from ... import editing
from .drawing import Point, curve, draw_path, draw_stroke, draw_text
from .gesture import Gesture, Press
from .move import draw_wire
from .select import ALT, CONTROL, is_void

if TYPE_CHECKING:
    from ..canvas import Canvas

RIGHT = Qt.MouseButton.RightButton


class Stroke(Gesture):
    """A line drawn freely: the wires that it crosses are gathered, and the same is done to all at its end."""

    colour: ClassVar[str]  # by its name in the theme
    mark: ClassVar[str]
    word: ClassVar[str]  # what is done to the wires

    def __init__(self, canvas: Canvas, press: Press) -> None:
        self.canvas = canvas
        self.points = [(press.x, press.y)]
        self.wires: dict[Wire, Point] = {}  # and where each is crossed first

    def move(self, press: Press) -> None:
        """Gather what the last part of the stroke crosses."""
        last, now = self.points[-1], (press.x, press.y)
        if now == last:
            return
        self.points.append(now)
        for wire in self.canvas.scene.find.wires_across(*last, *now):
            if wire not in self.wires:
                self.wires[wire] = self._crossing(wire, last, now)

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
        """Do it to those that are still there."""
        self.move(press)
        graph = self.canvas.editor.graph
        there = {wire: at for wire, at in self.wires.items() if wire.target in graph.nodes}
        there = {wire: at for wire, at in there.items() if graph.fed(wire.target, wire.port) == wire.source}
        if there:
            self.finish(there)

    def finish(self, wires: dict[Wire, Point]) -> None:
        """Do it to these wires, each crossed at a place."""
        raise NotImplementedError

    def paint(self, painter: QPainter) -> None:
        """The stroke, the wires that it crosses, and what is done to them."""
        theme = self.canvas.theme
        colour = getattr(theme, self.colour)
        for wire in self.wires:
            draw_wire(painter, self.canvas, wire, colour)
        draw_stroke(painter, self.points, colour)
        if self.wires:
            text = f"{self.word} {editing.wires_counted(len(self.wires))}"
            draw_text(painter, theme, self.points[-1], text, colour, self.mark)


class Cut(Stroke):
    """Ctrl + right drag, or drag with Y held: the wires that the stroke crosses are cut at its end, together."""

    colour, mark, word = "error", "✂", "cut"

    @classmethod
    def start(cls, canvas: Canvas, press: Press) -> Gesture | None:
        """Begins anywhere."""
        control = press.button == RIGHT and press.modifiers & CONTROL and not press.modifiers & ALT
        held = press.button == Qt.MouseButton.LeftButton and canvas.cutting
        return cls(canvas, press) if control or held else None

    def finish(self, wires: dict[Wire, Point]) -> None:
        """Cut them."""
        editor = self.canvas.editor
        editor.attempt(editing.cut_label(editor.graph, list(wires)), lambda t: editing.cut(t, list(wires)))


class LazyConnect(Gesture):
    """Alt + right drag from one node to another connects them, at the ports that suit best."""

    def __init__(self, canvas: Canvas, press: Press) -> None:
        assert press.hit.item is not None
        self.canvas, self.origin, self.now = canvas, press.hit.item, press

    @classmethod
    def start(cls, canvas: Canvas, press: Press) -> Gesture | None:
        """Begins on a node or group."""
        alt = press.modifiers & ALT and not press.modifiers & CONTROL
        return cls(canvas, press) if press.button == RIGHT and alt and not is_void(press) else None

    def move(self, press: Press) -> None:
        """Follow the pointer."""
        self.now = press

    @property
    def target(self) -> str | None:
        """The other node or group under the pointer."""
        return None if is_void(self.now) or self.now.hit.item == self.origin else self.now.hit.item

    def release(self, press: Press) -> None:
        """Connect."""
        self.now = press
        editor, target = self.canvas.editor, self.target
        if target is not None:
            names = editor.graph.item(self.origin).name, editor.graph.item(target).name
            registry, checked = editor.document.registry, editor.checking.found
            label = f"Connect {names[0]} and {names[1]}"
            editor.attempt(label, lambda t: editing.lazy_connect(t, registry, self.origin, target, checked))

    def paint(self, painter: QPainter) -> None:
        """A wire from the node to the pointer, and what would be connected."""
        theme = self.canvas.theme
        if self.origin not in self.canvas.scene.visible:
            return
        x, y, width, height = self.canvas.scene.rect(self.origin)
        end = self.now.x, self.now.y
        text, colour = self._words()
        draw_path(painter, curve((x + width / 2, y + height / 2), end), colour, 2.5)
        if text:
            draw_text(painter, theme, end, text, colour)

    def _words(self) -> tuple[str, str]:
        editor, theme, target = self.canvas.editor, self.canvas.theme, self.target
        if target is None:
            return "", theme.accent
        registry, checked = editor.document.registry, editor.checking.found
        try:
            wire = editing.planned(editor.graph, registry, self.origin, target, checked)
        except EditError as refused:
            return f"✗  {refused.message}", theme.error
        said = editing.verdict(editor.graph, registry, checked, wire.source, wire.target, wire.port)
        good = said.allowed and said.fits
        return f"{'✓' if good else '✗'}  {said.text}", theme.good if good else theme.error
