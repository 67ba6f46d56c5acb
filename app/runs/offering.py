"""What can be done with the runs that are selected in the list: what an action and the menu of a row do alike."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QMenu

from ..wording import counted
from .table import RunTable

if TYPE_CHECKING:
    from ..editor import Editor

DONE = "done"  # the state of a run that came to its end


def document_of(editor: Editor) -> tuple[Path | None, str]:
    """The file of the document, and what it is called: as `ListedRun.of` takes them."""
    path = editor.home.path
    return path, editor.name if path is None else path.stem


class Offering:
    """For one list; `delete` deletes what is selected there."""

    def __init__(self, editor: Editor, table: RunTable, delete: Callable[[], None]) -> None:
        self._editor, self._table, self._delete = editor, table, delete

    @property
    def can_look(self) -> bool:
        """Whether the one run that is selected is of this document, can be read, and nobody trains it."""
        chosen = self._table.selected
        over = len(chosen) == 1 and (chosen[0].goes_on or chosen[0].state == DONE)
        return over and self._editor.training.ready and chosen[0].of(*document_of(self._editor))

    @property
    def can_go_on(self) -> bool:
        """Whether the one run that is selected can be gone on with here."""
        return self.can_look and self._table.selected[0].goes_on

    def look_at(self) -> None:
        """Show the run that is selected in the panel of training, as it was left."""
        self._editor.training.left.begin(self._table.selected[0].path, go_on=False)

    def go_on(self) -> None:
        """Go on with the run that is selected."""
        self._editor.training.left.begin(self._table.selected[0].path, go_on=True)

    def show_menu(self, at: QPoint) -> None:
        """The menu of the rows that are selected."""
        chosen, table = self._table.selected, self._table
        if not chosen:
            return
        menu, wishes, first = QMenu(table), self._editor.wishes, chosen[0].path
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if len(chosen) == 1:
            menu.addAction("Continue", self.go_on).setEnabled(self.can_go_on)
            menu.addAction("Look at its curves and steps", self.look_at).setEnabled(self.can_look)
            menu.addSeparator()
            menu.addAction("Open its graph in a window", lambda: wishes.open_run.emit(first))
            menu.addAction("Edit its notes", table.edit_notes)
            menu.addAction("Event files for TensorBoard…", lambda: wishes.tensorboard.emit(first))
            menu.addSeparator()
        menu.addAction(f"Delete {counted(len(chosen), 'run')}", self._delete)
        menu.popup(table.viewport().mapToGlobal(at))
