"""A field over the title of a node or group, in which its name is typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QLineEdit

from .over_canvas import OverCanvas, is_enter

if TYPE_CHECKING:
    from ..canvas.canvas import Canvas
    from ..editor import Editor

WIDTH = 120  # at least, in logical pixels


class NameField(QLineEdit):
    """Enter, or going elsewhere, takes the name; Escape leaves the old one."""

    def __init__(self, editor: Editor, id: str, canvas: Canvas) -> None:
        super().__init__(canvas)
        self._editor, self._id = editor, id
        self._old = editor.graph.item(id).name
        self.setAccessibleName(f"Name of {self._old}")
        self.setText(self._old)
        x, y, width, _ = canvas.scene.rect(canvas.scene.face(id) or id)
        self.resize(max(round(width * canvas.view.scale), WIDTH), self.sizeHint().height())
        OverCanvas(self, canvas, canvas.view.to_screen(x, y).toPoint(), self._take, is_enter)

    def _take(self) -> None:
        name, graph = self.text().strip(), self._editor.graph
        there = self._id in graph.nodes or self._id in graph.groups
        if there and name and name != self._old:
            self._editor.attempt(f"Rename {self._old} to {name}", lambda t: t.rename(self._id, name))
