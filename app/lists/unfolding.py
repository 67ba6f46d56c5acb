"""The row of a list that shows all of its detail: the one with the keyboard, or the only one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject

if TYPE_CHECKING:
    from .view import ListView


class Unfolding(QObject):
    """Of one list: gives that row the height for its detail, and the one before its own height again."""

    def __init__(self, view: ListView) -> None:
        super().__init__(view)
        self.row = -1
        self._view = view
        view.selectionModel().currentChanged.connect(lambda *_: self.refresh())
        view.viewport().installEventFilter(self)

    def refresh(self) -> None:
        """Look which row it is now."""
        view, count = self._view, self._view.rows.count
        last, self.row = self.row, view.current if view.current >= 0 else 0 if count == 1 else -1
        if 0 <= last < count and last != self.row:
            view.setRowHeight(last, view.row_height)
        if 0 <= self.row < count:
            more = len(view.painter_of_rows.lines_of(view.rows.row_at(self.row))) - 1
            view.setRowHeight(self.row, view.row_height + max(more, 0) * view.fontMetrics().lineSpacing())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self.refresh()  # the texts are cut at another width
        return False
