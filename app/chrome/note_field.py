"""A field on the canvas in which the text of a note is typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QPlainTextEdit

if TYPE_CHECKING:
    from ..canvas.canvas import Canvas
    from ..editor import Editor

WIDTH, HEIGHT = 280, 130  # logical pixels
MODIFIERS = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.MetaModifier


class NoteField(QPlainTextEdit):
    """Ctrl+Enter, or going elsewhere, takes the text; Escape leaves the old one. Enter begins a line."""

    def __init__(self, editor: Editor, id: str | None, place: tuple[float, float], canvas: Canvas) -> None:
        super().__init__(canvas)
        self._editor, self._id, self._place = editor, id, place
        self._group = editor.group
        self._old = "" if id is None else editor.graph.groups[id].note or ""
        self._ended = False
        self.setAccessibleName("Text of the note")
        self.setPlaceholderText("A note. Ctrl+Enter ends it")
        self.setTabChangesFocus(True)
        self.setPlainText(self._old)
        self.resize(WIDTH, HEIGHT)
        corner = canvas.view.to_screen(*place).toPoint()
        right, low = canvas.width() - self.width(), canvas.height() - self.height()
        self.move(min(max(corner.x(), 0), max(right, 0)), min(max(corner.y(), 0), max(low, 0)))

    def open(self) -> None:
        """Show it, with the cursor behind the text."""
        self.show()
        self.setFocus(Qt.FocusReason.PopupFocusReason)
        self.selectAll()

    def end(self, taken: bool) -> None:
        """Take the text or not, and give the keyboard back to the canvas."""
        if self._ended:
            return
        self._ended = True
        text = self.toPlainText().rstrip()
        if taken and text != self._old:
            self._take(text)
        held = self.hasFocus()
        self.hide()
        if held:
            self.parentWidget().setFocus()
        self.deleteLater()

    def _take(self, text: str) -> None:
        editor, id = self._editor, self._id
        if id is None:
            into = self._group if self._group in editor.graph.groups else None
            new = editor.attempt("Add a note", lambda t: t.add_note(text, group=into, position=self._place))
            if new is not None:
                editor.select([new], new)
        elif editor.graph.is_note(id):
            if text:
                editor.attempt("Change a note", lambda t: t.set_note(id, text))
            else:
                editor.attempt("Delete a note", lambda t: t.remove(id))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if event.key() == Qt.Key.Key_Escape:
            self.end(taken=False)
        elif enter and event.modifiers() & MODIFIERS:
            self.end(taken=True)
        else:
            super().keyPressEvent(event)
        event.accept()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()  # while a note is typed no letter is a key of the canvas
            return True
        return super().event(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        kept = Qt.FocusReason.ActiveWindowFocusReason, Qt.FocusReason.PopupFocusReason  # its own menu
        if event.reason() not in kept:
            self.end(taken=True)
