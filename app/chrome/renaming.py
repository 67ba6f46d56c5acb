"""A field over the title of a node or group, in which its name is typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

if TYPE_CHECKING:
    from ..editor import Editor


class NameField(QLineEdit):
    """Enter, or going elsewhere, takes the name; Escape leaves the old one."""

    def __init__(self, editor: Editor, id: str, parent: QWidget, corner: QPoint, width: int) -> None:
        super().__init__(parent)
        self._editor, self._id = editor, id
        self._old = editor.graph.item(id).name
        self._ended = False
        self.setAccessibleName(f"Name of {self._old}")
        self.setText(self._old)
        self.resize(max(width, 120), self.sizeHint().height())
        self.move(min(max(corner.x(), 0), max(parent.width() - self.width(), 0)), max(corner.y(), 0))

    def open(self) -> None:
        """Show it, with the whole name selected."""
        self.show()
        self.setFocus(Qt.FocusReason.PopupFocusReason)
        self.selectAll()

    def end(self, taken: bool) -> None:
        """Take the name or not, and give the keyboard back to the canvas."""
        if self._ended:
            return
        self._ended = True
        name, graph = self.text().strip(), self._editor.graph
        there = self._id in graph.nodes or self._id in graph.groups
        if taken and there and name and name != self._old:
            self._editor.attempt(f"Rename {self._old} to {name}", lambda t: t.rename(self._id, name))
        held = self.hasFocus()
        self.hide()
        if held:
            self.parentWidget().setFocus()
        self.deleteLater()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.end(taken=False)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.end(taken=True)
        else:
            super().keyPressEvent(event)
        event.accept()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()  # while a name is typed no letter is a key of the canvas
            return True
        return super().event(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.ActiveWindowFocusReason:
            self.end(taken=True)
