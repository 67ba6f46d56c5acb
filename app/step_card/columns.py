"""Sections side by side, in as many columns as there is room for."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

COLUMN = 16  # lines of text that a column is wide at least
GAP = 18


class Columns(QWidget):
    """Each section keeps its place while the width stays; the first ones stand at the head of a column each."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sections: list[QWidget] = []
        self._count = 0
        self._columns: list[QVBoxLayout] = []
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(GAP)

    def show_sections(self, sections: Sequence[QWidget]) -> None:
        """Show these, from left to right, and hide all others that were shown before."""
        if list(sections) == self.sections:
            return
        for section in self.sections:
            section.setVisible(section in sections)
        self.sections = list(sections)
        for section in sections:
            section.setParent(self)
            section.show()
        self._lay_out(self._fitting())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._fitting() != self._count:
            self._lay_out(self._fitting())

    def _fitting(self) -> int:
        room = (self.width() + GAP) // (COLUMN * self.fontMetrics().height() + GAP)
        return max(1, min(room, len(self.sections)))

    def _lay_out(self, count: int) -> None:
        self._count = count
        for column in self._columns:
            while column.count():
                column.takeAt(0)
            self._row.removeItem(column)
            column.deleteLater()
        self._columns = [QVBoxLayout() for _ in range(count)]
        wide = (self.width() - GAP * (count - 1)) // count
        heights = [0] * count
        for i, section in enumerate(self.sections):
            at = i if i < count else heights.index(min(heights))
            self._columns[at].addWidget(section)
            heights[at] += section.heightForWidth(wide) if section.hasHeightForWidth() else section.sizeHint().height()
        for column in self._columns:
            column.setSpacing(12)
            column.setAlignment(Qt.AlignmentFlag.AlignTop)
            column.addStretch(1)
            self._row.addLayout(column, 1)
