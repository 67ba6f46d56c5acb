"""Whether what is dragged goes into a frame, or out of one: only with Shift held, never by where it comes to lie."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from ... import editing
from .drawing import draw_box

if TYPE_CHECKING:
    from ..canvas import Canvas


class Membership:
    """Knows for one drag the frames as they were when it began."""

    def __init__(self, canvas: Canvas, roots: Sequence[str], ids: Sequence[str]) -> None:
        scene = canvas.scene
        self._canvas, self._roots = canvas, roots
        frames = [scene.items.at(slot).id for slot in scene.items.nesting.frames]  # the innermost first
        self._frames = {id: QRectF(*scene.rect(id)) for id in frames if id not in set(ids)}
        self.group: str | None = canvas.editor.group  # what lies under the pointer: a frame, or what is entered
        self.taken = False  # a release puts it there
        self.words = ""

    @property
    def label(self) -> str:
        """What it would be in the history."""
        return editing.put_label(self._canvas.editor.graph, self._roots, self.group)

    def over(self, x: float, y: float, shift: bool) -> None:
        """The pointer is here now."""
        editor = self._canvas.editor
        self.group = next((id for id, box in self._frames.items() if box.contains(x, y)), editor.group)
        other = any(editor.graph.item(root).group != self.group for root in self._roots)
        self.taken = other and shift
        label = self.label if other else ""
        words = label if shift or not label else f"hold Shift to {label[:1].lower()}{label[1:]}"
        if words and words != self.words:
            editor.told.emit(words, "note")
        self.words = words

    def paint(self, painter: QPainter) -> None:
        """The frame that is meant."""
        canvas = self._canvas
        if self.words and self.group in canvas.scene.visible:
            colour = canvas.theme.good if self.taken else canvas.theme.accent
            draw_box(painter, QRectF(*canvas.scene.rect(self.group)), colour, dashed=not self.taken)
