"""Drag from port to port: a new wire, the end of an old one, or all that leave an output.

While the pointer is over a port, the wire is green, or red with the reason beside it; a loop is drawn and named.
"""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING

from PySide6.QtCore import QLineF, Qt
from PySide6.QtGui import QPainter

from ....core.graph import Source, Wire
from ... import editing
from ...editing import Verdict
from ..scene import Place, PortRef
from .drawing import curve, draw_path, draw_text
from .gesture import Gesture, Press
from .move import THRESHOLD, draw_wire
from .offering import Offers, offers, paint_offers
from .select import ALT, CONTROL, is_void

if TYPE_CHECKING:
    from ..canvas import Canvas


class Connect(Gesture):
    """From a port to another one. What is dropped in the void asks what to add there."""

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
        self.said: list[Verdict] = []  # of each wire held, where the pointer is over a port
        self.dragging = False
        self._offers: Offers = {}
        self._verdicts: dict[PortRef, list[Verdict]] = {}

    @classmethod
    def start(cls, canvas: Canvas, press: Press) -> Gesture | None:
        """Begins where the left button goes down on a port."""
        left = press.button == Qt.MouseButton.LeftButton and not press.modifiers & ALT
        return cls(canvas, press) if left and press.hit.port is not None else None

    def move(self, press: Press) -> None:
        """Look at what is under the pointer, and say what a wire there would do."""
        self.now = press
        if not self.dragging and QLineF(self.pressed.screen, press.screen).length() >= THRESHOLD:
            self.dragging = True
            self._offers = offers(self.canvas, self.fixed, self.forward)
        self.found = self._seek(press) if self.dragging else None
        self.said = [] if self.found is None else self._verdict(self.found)
        self.lifted = self._leaving() if self.dragging else frozenset()

    def _leaving(self) -> frozenset[tuple[str, str]]:
        """The wires that a release here would take away: those that are moved, and the one that is replaced."""
        leaving = {wire[1:] for wire in self.moved}
        if self.forward and self.found is not None and not self.is_there(self.found):
            leaving.add((self.found.id, self.found.name))
        elif self.found == self.origin:
            leaving.clear()
        return frozenset(leaving)

    def is_there(self, found: PortRef) -> bool:
        """Whether the very wire leads to a port already."""
        fixed = self.fixed[0]
        return self.canvas.editor.graph.fed(found.id, found.name) == Source(fixed.id, fixed.name)

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

    def _verdict(self, found: PortRef) -> list[Verdict]:
        if found not in self._verdicts:
            self._verdicts[found] = [self._one(fixed, found) for fixed in self.fixed]
        return self._verdicts[found]

    def _one(self, fixed: PortRef, found: PortRef) -> Verdict:
        editor = self.canvas.editor
        source, target = (fixed, found) if self.forward else (found, fixed)
        along = () if self.forward else [each.name for each in self.fixed if each.id == target.id]
        known = editor.graph, editor.document.registry, editor.checking.found
        return editing.verdict(*known, Source(source.id, source.name), target.id, target.name, along)

    def release(self, press: Press) -> None:
        """Connect, take away, or ask what to add."""
        self.move(press)
        if not self.dragging:
            item = self.pressed.hit.item or self.origin.id
            self.canvas.editor.select([item], item)
        elif self.found is not None:
            drop(self, self.found)
        elif is_void(press):
            drop_in_void(self, press)

    def paint(self, painter: QPainter) -> None:
        """What the wire would fit, the wires, green or red, and the reason; the loop that would close."""
        if not self.dragging:
            return
        canvas, theme = self.canvas, self.canvas.theme
        paint_offers(painter, canvas, self._offers, frozenset(port.id for port in self.fixed))
        end = (self.now.x, self.now.y)
        if self.found is not None:
            end = place_of(canvas, self.found) or end
        for fixed, said in zip_longest(self.fixed, self.said):
            start = place_of(canvas, fixed)
            if start is not None:
                points = (start, end) if self.forward else (end, start)
                good = said is not None and said.allowed and said.fits
                colour = theme.accent if said is None else theme.good if good else theme.error
                draw_path(painter, curve(*points), colour, 2.5, dashed=said is not None and not good)
        text, good = words(self)
        for said in self.said:
            _paint_loop(painter, canvas, said)
        if text:
            told = bool(self.said)
            colour, mark = (theme.good, "✓") if good else (theme.error, "✗")
            draw_text(painter, theme, end, text, colour if told else theme.accent, mark if told else "")


# What a wire in the making does where it is dropped.


def words(gesture: Connect) -> tuple[str, bool]:
    """What a release would do here, and whether that is as it should be."""
    graph = gesture.canvas.editor.graph
    if gesture.said:
        worst = min(gesture.said, key=lambda each: (each.allowed, each.fits))
        good = worst.allowed and worst.fits
        of = sum(said.allowed and said.fits for said in gesture.said)
        count = f"{of} of {len(gesture.said)} wires fit: " if 0 < of < len(gesture.said) else ""
        return count + worst.text + (" · may be dropped all the same" if worst.allowed and not good else ""), good
    if gesture.now.hit.port is not None or not is_void(gesture.now):
        return "", True
    if gesture.moved:
        return f"drop: {_lowered(editing.cut_label(graph, gesture.moved))}", True
    return "drop: search for what fits", True


def _lowered(label: str) -> str:
    return label[:1].lower() + label[1:]


def drop(gesture: Connect, found: PortRef) -> None:
    """Connect there, or move there what is held."""
    editor, graph = gesture.canvas.editor, gesture.canvas.editor.graph
    moved, fixed = gesture.moved, gesture.fixed
    if found == gesture.origin:
        return
    if gesture.forward and not moved and gesture.is_there(found):
        editor.told.emit(gesture.said[0].text, "note")
    elif not moved:
        editing.connect(editor, *((fixed[0], found) if gesture.forward else (found, fixed[0])))
    elif gesture.forward:
        (wire,) = moved
        label = f"Move {editing.wire_name(graph, wire)} to {editing.port_name(graph, found.id, found.name)}"
        editor.attempt(label, lambda t: editing.move_end(t, wire, found.id, found.name))
    else:
        source = Source(found.id, found.name)
        label = f"Move {editing.wires_counted(len(moved))} to {editing.source_name(graph, source)}"
        editor.attempt(label, lambda t: editing.move_source(t, moved, source))


def drop_in_void(gesture: Connect, press: Press) -> None:
    """Take away what is moved, or ask what to add there."""
    editor, moved = gesture.canvas.editor, gesture.moved
    if moved:
        editor.attempt(editing.cut_label(editor.graph, moved), lambda t: editing.cut(t, moved))
    else:
        gesture.canvas.search_wanted.emit(Place(press.x, press.y, gesture.fixed[0], None))


def place_of(canvas: Canvas, port: PortRef) -> tuple[float, float] | None:
    """Where a port is; None within a collapsed group, where another group is entered, or where its node is gone."""
    graph = canvas.editor.graph
    if port.id not in graph.nodes and port.id not in graph.groups:
        return None
    try:
        return canvas.scene.position(port)
    except LookupError:
        return None


def _paint_loop(painter: QPainter, canvas: Canvas, said: Verdict) -> None:
    graph = canvas.editor.graph
    for source, target in zip(said.loop, said.loop[1:], strict=False):
        for wire in graph.consumers(source):
            if wire.target == target:
                draw_wire(painter, canvas, wire, canvas.theme.error)


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
