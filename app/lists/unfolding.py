"""The rows of a list that show all of their detail: every one where all have room, else the one with the keyboard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject

if TYPE_CHECKING:
    from .view import ListView

MANY = 50  # rows that would have no room, and are not measured


class Unfolding(QObject):
    """Of one list: gives these rows the height for their detail, and the others their own."""

    def __init__(self, view: ListView) -> None:
        super().__init__(view)
        self.rows = range(0)
        self._view = view
        view.selectionModel().currentChanged.connect(lambda *_: self.refresh())
        view.viewport().installEventFilter(self)

    def refresh(self) -> None:
        """Look which rows these are now."""
        view, count, last = self._view, self._view.rows.count, self.rows
        more = {row: self._more(row) for row in range(count)} if count <= MANY else {}
        room = view.viewport().height() - count * view.row_height
        current = range(view.current, view.current + 1) if view.current >= 0 else range(0)
        fit = count <= MANY and sum(more.values()) <= room
        self.rows = range(count) if fit or count == 1 else current
        for row in {*last, *self.rows}:
            if row < count:
                view.setRowHeight(row, view.row_height + (self._more(row) if row in self.rows else 0))

    def _more(self, row: int) -> int:
        """How much higher it is with all of its detail."""
        lines = self._view.painter_of_rows.lines_of(self._view.rows.row_at(row))
        return max(len(lines) - 1, 0) * self._view.fontMetrics().lineSpacing()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self.refresh()  # the texts are cut at another width
        return False
