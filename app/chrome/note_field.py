"""A field on the canvas in which the text of a note is typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QPlainTextEdit

from ..editing.places import whole
from ..layout.making_room import show_added
from .over_canvas import OverCanvas, is_enter

if TYPE_CHECKING:
    from ..canvas.canvas import Canvas
    from ..editor import Editor

WIDTH, HEIGHT = 280, 130  # logical pixels
MODIFIERS = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.MetaModifier


class NoteField(QPlainTextEdit):
    """Ctrl+Enter, or going elsewhere, takes the text; Escape leaves the old one. Enter begins a line."""

    def __init__(self, editor: Editor, id: str | None, place: tuple[float, float], canvas: Canvas) -> None:
        super().__init__(canvas)
        self._editor, self._id, self._place, self._canvas = editor, id, place, canvas
        self._group = editor.group
        self._old = "" if id is None else editor.graph.groups[id].note or ""
        self.setAccessibleName("Text of the note")
        self.setPlaceholderText("A note. Ctrl+Enter ends it")
        self.setTabChangesFocus(True)
        self.setPlainText(self._old)
        self.resize(WIDTH, HEIGHT)
        OverCanvas(self, canvas, canvas.view.to_screen(*place).toPoint(), self._take, _ends)

    def _take(self) -> None:
        editor, id, text = self._editor, self._id, self.toPlainText().rstrip()
        if text == self._old:
            return
        if id is None:
            into = self._group if self._group in editor.graph.groups else None
            new = editor.attempt("Add a note", lambda t: t.add_note(text, group=into, position=whole(self._place)))
            if new is not None:
                show_added(self._canvas, new)
        elif editor.graph.is_note(id):
            if text:
                editor.attempt("Change a note", lambda t: t.set_note(id, text))
            else:
                editor.attempt("Delete a note", lambda t: t.remove(id))


def _ends(event: QKeyEvent) -> bool:
    return is_enter(event) and bool(event.modifiers() & MODIFIERS)
