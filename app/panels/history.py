"""All that was done to the document, and going back and forth in it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ...core.errors import GradwireError
from ..lists.view import ListView, Row
from ..look.theme import Theme

if TYPE_CHECKING:
    from ..editor import Editor


LONGEST, MOST_LINES = 1200, 16  # characters and lines of Python in a tip


class HistoryPanel(QWidget):
    """The beginning, then a row for each undo, oldest first; choosing one makes the document as it was then."""

    def __init__(self, editor: Editor, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.editor = editor
        self._stale = True
        self._going = False
        self.list = ListView(theme, self)
        self.list.setAccessibleName("History")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 4)
        layout.addWidget(self.list)
        self.list.chosen.connect(self.go_to)
        editor.changed.connect(self.refresh)
        editor.replaced.connect(self.refresh)
        self.refresh()

    def set_theme(self, theme: Theme) -> None:
        self.list.set_theme(theme)

    def refresh(self, *_: object) -> None:
        """Show the history as it is now; a hidden panel waits until it is seen."""
        self._stale = True
        if self.isVisible() and not self._going:
            self._show()

    def _show(self) -> None:
        history = self.editor.document.history
        self.entries, self.position = history.entries, history.position
        self.list.show_rows(len(self.entries) + 1, self._row, self.position)
        self._stale = False

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._stale:
            self._show()

    def _row(self, index: int) -> Row:
        text = self.entries[index - 1].label if index else self._beginning()
        # What has no file was never saved, though nothing of it would be lost.
        saved = self.editor.session.path is not None and self._state(index) == self.editor.document.saved_state
        mark = "here" if index == self.position else "none"
        note = "saved" if saved else "undone" if index > self.position else ""
        tip = partial(self._tip, index) if index else "Choose to undo everything"
        return Row(text, note=note, mark=mark, faded=index > self.position, ticked=saved, tip=tip)

    def _tip(self, index: int) -> str:
        """What choosing it does, and its lines as Python where they are few."""
        from ...core.scripting.echoing import echo_of_entry  # with all that it needs, at the first tip

        lines = echo_of_entry(self.editor.session, index - 1)
        shown = f"\n\n{lines}" if lines and len(lines) <= LONGEST and lines.count("\n") < MOST_LINES else ""
        return f"Choose to make the document as it was after this{shown}"

    def _beginning(self) -> str:
        path = self.editor.session.path
        return f"Opened {path.name}" if path is not None else "New graph"

    def _state(self, index: int) -> tuple[int, int]:
        """The state that the document has after so many entries."""
        history = self.editor.document.history
        if index:
            return history.state[0], self.entries[index - 1].after
        return (history.state[0], self.entries[0].before) if self.entries else history.state

    def go_to(self, position: int) -> None:
        """Undo or redo until so many entries are done."""
        document = self.editor.document
        steps = position - document.history.position
        step = document.redo if steps > 0 else document.undo
        self._going = True
        try:
            for _ in range(abs(steps)):
                if step() is None:
                    break
        except GradwireError as error:
            self.editor.told.emit(str(error), "refusal")
        finally:
            self._going = False
            self.refresh()
        if steps:
            count = abs(steps)
            word = "Redone" if steps > 0 else "Undone"
            self.editor.told.emit(f"{word}: {count} step{'s' if count > 1 else ''}", "note")
