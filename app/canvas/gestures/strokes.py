"""Strokes of the right button with a modifier: Ctrl cuts wires, Alt connects one node to another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter

from ....core.errors import EditError
from ....core.graph import Wire
from ... import editing
from .drawing import curve, draw_path, draw_stroke, draw_text
from .gesture import Gesture, Press
from .move import draw_wire
from .select import ALT, CONTROL, is_void

if TYPE_CHECKING:
    from ..canvas import Canvas

RIGHT = Qt.MouseButton.RightButton


class Cut(Gesture):
    """Ctrl + right drag, or drag with Y held: the wires that the stroke crosses are cut at its end, together."""

    hint = "the wires that the stroke crosses are cut; Esc gives up"

    def __init__(self, canvas: Canvas, press: Press) -> None:
        self.canvas = canvas
        self.points = [(press.x, press.y)]
        self.wires: dict[Wire, None] = {}

    @classmethod
    def start(cls, canvas: Canvas, press: Press) -> Gesture | None:
        """Begins anywhere."""
        control = press.button == RIGHT and press.modifiers & CONTROL and not press.modifiers & ALT
        held = press.button == Qt.MouseButton.LeftButton and canvas.cutting
        return cls(canvas, press) if control or held else None

    def move(self, press: Press) -> None:
        """Gather what the last part of the stroke crosses."""
        last, now = self.points[-1], (press.x, press.y)
        if now != last:
            self.points.append(now)
            self.wires.update(dict.fromkeys(self.canvas.scene.wires_across(*last, *now)))

    def release(self, press: Press) -> None:
        """Cut them."""
        self.move(press)
        editor, wires = self.canvas.editor, list(self.wires)
        if wires:
            editor.attempt(editing.cut_label(editor.graph, wires), lambda t: editing.cut(t, wires))

    def paint(self, painter: QPainter) -> None:
        """The stroke, and the wires that it cuts."""
        theme = self.canvas.theme
        for wire in self.wires:
            draw_wire(painter, self.canvas, wire, theme.error)
        draw_stroke(painter, self.points, theme.error)
        if self.wires:
            text = f"cut {editing.wires_counted(len(self.wires))}"
            draw_text(painter, theme, self.points[-1], text, theme.error, "✂")


class LazyConnect(Gesture):
    """Alt + right drag from one node to another connects them, at the ports that suit best."""

    hint = "release over another node to connect the two; Esc gives up"

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
