"""Drag from port to port: a new wire, the end of an old one, or all that leave an output.

While the pointer is over a port, the wire is green, or red with the reason beside it; a loop is drawn and named.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QLineF, Qt
from PySide6.QtGui import QPainter

from ....core.document import Transaction
from ....core.graph import Source, Wire
from ... import editing
from ...editing import Verdict
from ..scene import Place, PortRef
from .drawing import curve, draw_path, draw_text
from .gesture import Gesture, Press
from .move import THRESHOLD, draw_wire
from .select import ALT, CONTROL, is_void

if TYPE_CHECKING:
    from ..canvas import Canvas


class Connect(Gesture):
    """From a port to another one. What is dropped in the void asks what to add there."""

    hint = "drop on a port or a node to connect, on the empty canvas to add a node there; Esc gives up"

    def __init__(self, canvas: Canvas, press: Press) -> None:
        assert press.hit.port is not None
        self.canvas, self.pressed, self.now = canvas, press, press
        graph = canvas.editor.graph
        self.origin: PortRef = canvas.scene.real(press.hit.port)
        self.moved: list[Wire] = []  # wires taken from where they were
        self.fixed: list[PortRef] = [self.origin]  # where the wires drawn are held
        wires = editing.wires_at(graph, *self.origin)
        if wires and not self.origin.output:
            self.moved = wires
            self.fixed = [PortRef(wires[0].source.node, wires[0].source.output, True)]
        elif self.origin.output and press.modifiers & CONTROL and wires:
            self.moved = wires
            self.fixed = [PortRef(wire.target, wire.port, False) for wire in wires]
        self.forward = self.fixed[0].output  # the pointer seeks a port, else an output
        self.found: PortRef | None = None
        self.said: Verdict | None = None
        self.dragging = False
        self._verdicts: dict[PortRef, Verdict] = {}

    @classmethod
    def start(cls, canvas: Canvas, press: Press) -> Gesture | None:
        """Begins where the left button goes down on a port."""
        left = press.button == Qt.MouseButton.LeftButton and not press.modifiers & ALT
        return cls(canvas, press) if left and press.hit.port is not None else None

    def move(self, press: Press) -> None:
        """Look at what is under the pointer, and say what a wire there would do."""
        self.now = press
        self.dragging = self.dragging or QLineF(self.pressed.screen, press.screen).length() >= THRESHOLD
        self.found = self._seek(press) if self.dragging else None
        self.said = None if self.found is None else self._verdict(self.found)

    def _seek(self, press: Press) -> PortRef | None:
        """The port meant: the one under the pointer, else the one that suits best of the node there."""
        hit, editor = press.hit, self.canvas.editor
        if hit.port is not None:
            port = self.canvas.scene.real(hit.port)
            return port if port.output != self.forward else None
        if hit.item is None or hit.part == "frame" or hit.item == self.fixed[0].id:
            return None
        graph, registry, checked = editor.graph, editor.document.registry, editor.checking.found
        if self.forward:
            source = Source(self.fixed[0].id, self.fixed[0].name)
            best = editing.best_port(graph, registry, source, hit.item, checked)
            best = best or next(iter(editing.ports(graph, registry, hit.item)), None)
            return best and PortRef(*best, False)
        given = editing.outputs(graph, registry, hit.item)
        return PortRef(given[0].node, given[0].output, True) if given else None

    def _verdict(self, found: PortRef) -> Verdict:
        if found not in self._verdicts:
            said = [self._one(fixed, found) for fixed in self.fixed]
            worst = min(said, key=lambda each: (each.allowed, each.fits))
            self._verdicts[found] = worst
        return self._verdicts[found]

    def _one(self, fixed: PortRef, found: PortRef) -> Verdict:
        editor = self.canvas.editor
        source, target = (fixed, found) if self.forward else (found, fixed)
        graph = editor.graph
        value = Source(source.id, source.name)
        return editing.verdict(graph, editor.document.registry, editor.checking.found, value, target.id, target.name)

    def release(self, press: Press) -> None:
        """Connect, take away, or ask what to add."""
        self.move(press)
        if not self.dragging:
            self._click()
        elif self.found is not None:
            self._drop(self.found)
        elif is_void(press):
            self._drop_in_void(press)

    def _click(self) -> None:
        """A press on a port without a drag selects its node."""
        item = self.pressed.hit.item or self.origin.id
        self.canvas.editor.select([item], item)

    def _drop(self, found: PortRef) -> None:
        editor, graph = self.canvas.editor, self.canvas.editor.graph
        if found == self.origin:
            return
        if not self.moved:
            editing.connect(editor, *((self.fixed[0], found) if self.forward else (found, self.fixed[0])))
            return
        if self.forward:
            (wire,) = self.moved
            label = f"Move {editing.wire_name(graph, wire)} to {editing.port_name(graph, found.id, found.name)}"
            editor.attempt(label, lambda t: editing.move_end(t, wire, found.id, found.name))
            return
        source = Source(found.id, found.name)
        label = f"Move {editing.wires_counted(len(self.moved))} to {editing.source_name(graph, source)}"
        editor.attempt(label, lambda t: editing.move_source(t, self.moved, source))

    def _drop_in_void(self, press: Press) -> None:
        editor = self.canvas.editor
        if self.moved:
            label = editing.cut_label(editor.graph, self.moved)
            editor.attempt(label, self._cut)
            return
        self.canvas.search_wanted.emit(Place(press.x, press.y, self.fixed[0], None))

    def _cut(self, t: Transaction) -> None:
        editing.cut(t, self.moved)

    def paint(self, painter: QPainter) -> None:
        """The wires, green or red, and the reason; the loop that would close."""
        if not self.dragging:
            return
        theme, said = self.canvas.theme, self.said
        colour, mark = theme.accent, ""
        if said is not None:
            colour, mark = (theme.good, "✓") if said.allowed and said.fits else (theme.error, "✗")
            self._paint_loop(painter, said)
        end = (self.now.x, self.now.y)
        if self.found is not None:
            end = self._position(self.found) or end
        for fixed in self.fixed:
            start = self._position(fixed)
            if start is not None:
                points = (start, end) if self.forward else (end, start)
                draw_path(painter, curve(*points), colour, 2.5, dashed=said is not None and not said.fits)
        if said is not None:
            note = " · may be dropped all the same" if said.allowed and not said.fits else ""
            draw_text(painter, theme, (self.now.x, self.now.y), said.text + note, colour, mark)

    def _position(self, port: PortRef) -> tuple[float, float] | None:
        try:
            return self.canvas.scene.position(port)
        except LookupError:
            return None  # within a collapsed group, or another group is entered

    def _paint_loop(self, painter: QPainter, said: Verdict) -> None:
        graph = self.canvas.editor.graph
        for source, target in zip(said.loop, said.loop[1:], strict=False):
            for wire in graph.consumers(source):
                if wire.target == target:
                    draw_wire(painter, self.canvas, wire, self.canvas.theme.error)


class Break(Gesture):
    """Alt+click on a port takes all its wires off."""

    @classmethod
    def start(cls, canvas: Canvas, press: Press) -> Gesture | None:
        """Done at the press: nothing is dragged."""
        alt = press.button == Qt.MouseButton.LeftButton and press.modifiers & ALT
        if not alt or press.hit.port is None:
            return None
        port, editor = canvas.scene.real(press.hit.port), canvas.editor
        wires = editing.wires_at(editor.graph, *port)
        if wires:
            editor.attempt(editing.cut_label(editor.graph, wires), lambda t: editing.cut(t, wires))
        else:
            name = editor.graph.node(port.id).name
            editor.told.emit(f"there are no wires at {name}.{port.name}", "note")
        return cls()
