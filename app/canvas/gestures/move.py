"""Drag nodes and groups: move, duplicate, put into a wire, pull out of the wires."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QPainter

from ....core.document import Transaction
from ....core.graph import Wire
from ... import editing
from ...layout.making_room import make_room
from ...look.theme import GRID
from ..scene import PortRef
from .drawing import Point, draw_box, draw_path, draw_text, path_of
from .gesture import Gesture, Press
from .membership import Membership
from .select import ALT, CONTROL, SHIFT, is_void

if TYPE_CHECKING:
    from ..canvas import Canvas

THRESHOLD = 4.0  # logical pixels that the pointer goes before a press becomes a drag


class Wiggle:
    """Notices a pointer that is shaken from side to side."""

    TURNS, REACH, SECONDS = 4, 14.0, 0.9

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._turns: list[float] = []
        self._extreme: float | None = None
        self._way = 0

    def shaken(self, x: float) -> bool:
        """Whether the pointer, now at `x` logical pixels, has turned often enough lately."""
        if self._extreme is None:
            self._extreme = x
        gone = x - self._extreme
        if self._way and gone * self._way > 0:
            self._extreme = x
        elif abs(gone) >= self.REACH:
            if self._way:
                self._turns.append(self._clock())
            self._way, self._extreme = (1 if gone > 0 else -1), x
        now = self._clock()
        self._turns = [turn for turn in self._turns if now - turn <= self.SECONDS]
        return len(self._turns) >= self.TURNS


class Move(Gesture):
    """Drag of what is selected, or of what is under the pointer. A press without a drag selects."""

    clock: ClassVar[Callable[[], float]] = time.monotonic

    def __init__(self, canvas: Canvas, press: Press) -> None:
        assert press.hit.item is not None
        self.canvas, self.item, self.pressed = canvas, press.hit.item, press
        self.before = canvas.editor.selection, canvas.editor.active
        self.toggles = bool(press.modifiers & (SHIFT | CONTROL)) and not press.modifiers & ALT
        self.pulled = bool(press.modifiers & ALT and press.modifiers & CONTROL)
        self.copies = bool(press.modifiers & ALT) and not self.pulled
        self.dragging = False
        self.offset = (0.0, 0.0)
        self.wire: Wire | None = None
        self.ids: list[str] = []
        self.membership: Membership | None = None  # once it is a drag
        self.now = press
        self._wiggle = Wiggle(type(self).clock)
        if not self.toggles and self.item not in canvas.editor.selection:
            canvas.editor.select([self.item], self.item)

    @classmethod
    def start(cls, canvas: Canvas, press: Press) -> Gesture | None:
        """Begins where the left button goes down on a node or group."""
        left = press.button == Qt.MouseButton.LeftButton and not press.double
        return cls(canvas, press) if left and press.hit.port is None and not is_void(press) else None

    def move(self, press: Press) -> None:
        """Show what is dragged where it would go."""
        self.now = press
        if self.item not in self.canvas.scene.visible:
            return
        if not self.dragging:
            if QLineF(self.pressed.screen, press.screen).length() < THRESHOLD:
                return
            self._begin()
        dx, dy = press.x - self.pressed.x, press.y - self.pressed.y
        if press.modifiers & CONTROL and not self.pulled:
            x, y = self.canvas.scene.rect(self.item)[:2] if self.copies else self.corner
            dx, dy = round((x + dx) / GRID) * GRID - x, round((y + dy) / GRID) * GRID - y
        self.offset = (dx, dy)
        if not self.copies:
            self.canvas.scene.dragging.displace(dict.fromkeys(self.ids, self.offset))
            if not self.pulled and self._wiggle.shaken(press.screen.x()) and _wired(self):
                self.pulled = True
        self.wire = _wire_below(self) if not press.modifiers & ALT or self.pulled else None
        if self.membership is not None:
            self.membership.over(press.x, press.y, bool(press.modifiers & SHIFT))

    def _begin(self) -> None:
        editor = self.canvas.editor
        if self.item not in editor.selection:
            editor.select([*editor.selection, self.item], self.item)
        self.dragging = True
        self.corner = self.canvas.scene.rect(self.item)[:2]
        self.roots = editing.outermost(editor.graph, editor.selection)
        self.ids = editing.with_interior(editor.graph, self.roots)
        if not self.copies:
            self.membership = Membership(self.canvas, self.roots, self.ids)

    def release(self, press: Press) -> None:
        """Move, or select where the pointer stayed where it was."""
        if self.item not in self.canvas.scene.visible:
            return
        if not self.dragging:
            self._click()
            return
        self.move(press)
        self.canvas.scene.dragging.settle()
        editor, graph = self.canvas.editor, self.canvas.editor.graph
        called = editing.counted(graph, self.roots)
        if self.copies:
            new = editor.attempt(
                f"Duplicate {called}",
                lambda t: editing.duplicate(t, editor.document.values, self.roots, self.offset),
            )
            if new:
                editor.select(new)
            return
        if self.wire is not None:
            label = editing.insert_label(graph, graph.item(self.roots[0]).name, self.wire, self.canvas.editor.group)
        else:
            label = f"Pull {called} out" if self.pulled else f"Move {called}"
            if self.membership is not None and self.membership.taken:
                label = self.membership.label
        if self.offset != (0.0, 0.0) or self.pulled:
            editor.attempt(label, self._drop)

    def _drop(self, t: Transaction) -> None:
        registry, checked = self.canvas.editor.document.registry, self.canvas.editor.checking.found
        if self.pulled:
            editing.bridge(t, self.roots, checked)
        editing.move(t, self.roots, *self.offset)
        if self.wire is not None and t.graph.fed(self.wire.target, self.wire.port) == self.wire.source:
            editing.insert_on_wire(t, registry, self.roots[0], self.wire, checked)
            make_room(self.canvas, t, self.roots[0], self.wire)
        if self.membership is not None and self.membership.taken:
            editing.put_into(t, self.roots, self.membership.group)

    def _click(self) -> None:
        editor = self.canvas.editor
        if self.toggles:
            chosen = editor.selection ^ {self.item}
            editor.select(chosen, self.item if self.item in chosen else None)
        else:
            editor.select([self.item], self.item)
            editor.questions.pairing.take_other(self.item)

    def cancel(self) -> None:
        """Everything is where it was, and selected as it was."""
        self.canvas.scene.dragging.settle()
        self.canvas.editor.select(*self.before)

    def paint(self, painter: QPainter) -> None:
        """The wire that would be opened, the copies, and what would happen in words."""
        if not self.dragging or self.item not in self.canvas.scene.visible:
            return  # an undo in the middle of the drag has taken it away
        scene, theme = self.canvas.scene, self.canvas.theme
        if self.copies:
            for id in scene.visible.intersection(self.roots):
                x, y, width, height = scene.rect(id)
                draw_box(painter, QRectF(x + self.offset[0], y + self.offset[1], width, height), theme.accent)
        if self.wire is not None:
            draw_wire(painter, self.canvas, self.wire, theme.good)
        if self.membership is not None:
            self.membership.paint(painter)
        text = self._words()
        if text:
            draw_text(painter, theme, (self.now.x, self.now.y), text, theme.good if self.wire else theme.accent)

    def _words(self) -> str:
        graph = self.canvas.editor.graph
        if self.wire is not None:
            return editing.insert_label(graph, graph.item(self.roots[0]).name, self.wire, self.canvas.editor.group)
        if self.membership is not None and self.membership.words:
            return self.membership.words
        return "pulled out of its wires" if self.pulled else "duplicate" if self.copies else ""


def _wired(move: Move) -> bool:
    return bool(editing.selected_wires(move.canvas.editor.graph, move.roots))


def _wire_below(move: Move) -> Wire | None:
    """The wire that what is dragged would go into: it lies under the middle of the one item."""
    editor, scene = move.canvas.editor, move.canvas.scene
    if len(move.roots) != 1 or move.copies:
        return None
    (root,) = move.roots
    if not move.pulled and not editing.insertable(editor.graph, editor.document.registry, root):
        return None
    _, _, width, height = scene.rect(move.item)
    x, y = move.corner[0] + move.offset[0], move.corner[1] + move.offset[1]
    return wire_under(move.canvas, (x, y, width, height), move.ids)


def wire_under(canvas: Canvas, box: tuple[float, float, float, float], own: Collection[str] = ()) -> Wire | None:
    """A wire that runs through the middle of a box, of those that do not end at one of the nodes `own`."""
    x, y, width, height = box
    inset = min(width, 24.0) / 2, min(height, 12.0) / 2
    left, top, right, bottom = x + inset[0], y + inset[1], x + width - inset[0], y + height - inset[1]
    find, inside = canvas.scene.find, set(own)
    found = find.wires_across(left, top, right, bottom) + find.wires_across(left, bottom, right, top)
    return next((w for w in found if w.target not in inside and w.source.node not in inside), None)


def draw_wire(painter: QPainter, canvas: Canvas, wire: Wire, colour: str) -> None:
    """A wire of the graph drawn once more, wide and in another colour, where it is shown."""
    wires = canvas.scene.wires
    slot = wires.slots.get((wire.target, wire.port))
    if slot is not None:
        draw_path(painter, path_of(wires.paths(np.array([slot]), 12)[0]), colour, 4.0)


def ends_of(canvas: Canvas, wire: Wire) -> tuple[Point, Point] | None:
    """Where a wire begins and ends on the canvas, None where an end is not shown."""
    try:
        start = canvas.scene.position(PortRef(wire.source.node, wire.source.output, True))
        end = canvas.scene.position(PortRef(wire.target, wire.port, False))
    except LookupError:
        return None
    return start, end
