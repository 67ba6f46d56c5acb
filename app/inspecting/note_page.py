"""The page of a note: its text, to be read and changed."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QPlainTextEdit, QPushButton, QWidget

from ..editor import Editor
from ..look.theme import Theme
from .page import Page
from .parts import Section, label
from .sheet import large, small

LOW = 120  # pixels of height at least


def note_key(id: str) -> tuple[object, ...]:
    """What a page of a note is made for."""
    return ("note", id)


class NoteText(QPlainTextEdit):
    """Several lines: `entered(text)` at Ctrl+Enter or when the focus leaves, if they were changed."""

    entered = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._shown = ""
        self.setTabChangesFocus(True)
        self.setMinimumHeight(LOW)
        self.setAccessibleName("Text of the note")

    def show_text(self, text: str) -> None:
        """Show the text as it is now, unless the user is typing."""
        typing = self.toPlainText() != self._shown
        self._shown = text
        if not typing and self.toPlainText() != text:
            self.setPlainText(text)

    def finish(self) -> None:
        """Tell the text if it is another."""
        if self.toPlainText() != self._shown:
            self._shown = self.toPlainText()
            self.entered.emit(self._shown)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        control = event.modifiers() & Qt.KeyboardModifier.ControlModifier
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and control:
            self.finish()
        elif event.key() == Qt.Key.Key_Escape and self.toPlainText() != self._shown:
            self.setPlainText(self._shown)
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.finish()


class NotePage(Page):
    """One note."""

    def __init__(self, editor: Editor, theme: Theme, id: str, parent: QWidget | None = None) -> None:
        super().__init__(editor, theme, note_key(id), parent)
        self.id = id
        self.text = NoteText()
        self.text.entered.connect(self._write)
        self.delete = QPushButton("Delete the note")
        self.delete.clicked.connect(lambda: self.attempt("Delete a note", lambda t: t.remove(id)))
        about = label(
            "Ctrl+Enter takes the text; on the canvas, Enter or a double-click edits it", "dim", small(), True
        )
        head = Section("")
        head.caption.hide()
        self.column.addWidget(head.add(label("Note", None, large()), self.text, about))
        self.column.addWidget(self.delete)
        self.column.addStretch(1)
        self.refresh()

    def _write(self, text: str) -> None:
        if self.id not in self.editor.graph.groups:  # it was deleted while it was typed
            return
        if text.strip():
            self.attempt("Change a note", lambda t: t.set_note(self.id, text))
        else:
            self.attempt("Delete a note", lambda t: t.remove(self.id))

    def refresh(self) -> None:
        self.text.show_text(self.editor.graph.groups[self.id].note or "")
