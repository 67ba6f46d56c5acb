"""Rows of a list that are layers of the user's own: renamed and removed by key, or from the menu of the row."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QPoint, Qt, QUrl
from PySide6.QtGui import QAction, QDesktopServices, QKeySequence
from PySide6.QtWidgets import QMenu

from ...core.errors import GradwireError
from ..editor import Editor
from ..lists.view import ListView
from .name_dialog import NameDialog


class OwnRows(QObject):
    """Of one list. `name_at(row)` is the layer that stands there, None where it is none of the user's own."""

    def __init__(self, editor: Editor, rows: ListView, name_at: Callable[[int], str | None]) -> None:
        super().__init__(rows)
        self._editor, self._list, self._name_at = editor, rows, name_at
        self.actions = [
            self._action("Rename…", "F2", self._rename),
            self._action("Remove", "Delete", self._remove),
            self._action("Open their folder", "", self._open_folder),
        ]
        rows.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        rows.customContextMenuRequested.connect(self._offer)

    def _action(self, text: str, key: str, run: Callable[[str], object]) -> QAction:
        made = QAction(text, self._list)
        made.setShortcut(QKeySequence(key))
        made.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        made.triggered.connect(lambda: self._on_row(run))
        self._list.addAction(made)
        return made

    def _on_row(self, run: Callable[[str], object]) -> None:
        name = self._name_at(self._list.current)
        if name is not None:
            run(name)

    def _offer(self, point: QPoint) -> None:
        """The menu of a row: of that beneath the pointer, which a press has made the current one."""
        if self._name_at(self._list.current) is None:
            return
        menu, row = QMenu(self._list), self._list.currentIndex()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addActions(self.actions)
        if self._list.indexAt(point) != row:
            point = self._list.visualRect(row).center()
        menu.popup(self._list.viewport().mapToGlobal(point))

    def _rename(self, name: str) -> None:
        layers = self._editor.own_layers

        def take(new: str, _: bool) -> None:
            if new != name:
                layers.rename(name, new)

        NameDialog("Rename the layer", "Rename", name, take, self._list.window()).open()

    def _remove(self, name: str) -> None:
        try:
            aside = self._editor.own_layers.remove(name)
        except GradwireError as error:
            self._editor.told.emit(str(error), "refusal")
        else:
            self._editor.told.emit(f"Removed {name}: its file lies in {aside.parent}", "note")

    def _open_folder(self, _: str) -> None:
        if self._editor.own_layers.folder is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._editor.own_layers.folder)))
