"""The tables of breakpoints and watches: rows that are edited where they stand, and taken away with Delete."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, Qt
from PySide6.QtGui import QColor, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLineEdit,
    QStyledItemDelegate,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from ..look.fonts import mono

EDITED = Qt.ItemDataRole.UserRole + 1  # what is typed in the place of the text that is shown
HOW_TO_EDIT = "F2 or a double click edits it"
CONDITION = "always; or where …   grad > 10, iteration > 3"
SHARES = 0.4, 0.3  # of the width, that the first two columns have in any case, where they need as much
MOST_LINES = 6  # of a row; all of a longer text stands in its tip
EDGES, CHECK = 20, 24  # pixels of a cell's width beside its text, and of the box that is checked
FIXED = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
_ROLES = (Qt.ItemDataRole.CheckStateRole, Qt.ItemDataRole.ToolTipRole, EDITED)


class Acts(NamedTuple):
    """What becomes of a row: it is taken away, or has another text."""

    remove: Callable[[int], None]
    edit: Callable[[int, str], None]


class MarksTable(QTableWidget):
    """A table of three columns; what stands in the first is edited in place."""

    def __init__(self, heads: tuple[str, str, str], acts: Acts) -> None:
        super().__init__(0, len(heads))
        self.acts = acts
        self.setHorizontalHeaderLabels(heads)
        self.setAccessibleName(heads[0])
        self.verticalHeader().hide()
        self.setShowGrid(False)
        self.setFont(mono())
        self.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)  # what is long is broken into lines
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)  # rows may be high
        triggers = QAbstractItemView.EditTrigger
        self.setEditTriggers(triggers.DoubleClicked | triggers.EditKeyPressed)
        self.setItemDelegateForColumn(0, _Typing(self))
        for column, mode in enumerate(("Fixed", "Fixed", "Stretch")):
            self.horizontalHeader().setSectionResizeMode(column, QHeaderView.ResizeMode[mode])

    def join(self, row: int, joined: bool) -> None:
        """Let what stands in the second column of a row have the third as well, or no longer."""
        if joined != (self.columnSpan(row, 1) > 1):
            self.setSpan(row, 1, 1, 2 if joined else 1)

    def fit(self) -> None:
        """Share the room among the columns, and make rows as high as the lines that their texts then have.

        The first two have what they need as long as each other column has its share; the last has the rest.
        """
        room = self.viewport().width()
        first, second, last = (self._wanted(column) for column in range(3))
        first = min(first, max(int(SHARES[0] * room), room - second - last))
        second = min(second, max(int(SHARES[1] * room), room - first - last))
        if any(self.columnSpan(row, 1) > 1 for row in range(self.rowCount())):
            first = min(first, room // 2)  # an error has the other half
        self.setColumnWidth(0, first)
        self.setColumnWidth(1, second)
        for row in range(self.rowCount()):
            self.setRowHeight(row, self._height(row))

    def _wanted(self, column: int) -> int:
        """How wide a column must be for all that stands in it alone to be in one line."""
        items = [self.item(row, column) for row in range(self.rowCount()) if self.columnSpan(row, column) == 1]
        wide = [self.fontMetrics().horizontalAdvance(item.text()) + self._aside(item) for item in items if item]
        return max([*wide, self.horizontalHeader().sectionSizeHint(column)])

    def _height(self, row: int) -> int:
        """Of the cell in the row that has the most lines."""
        lines, high = 1, self.fontMetrics().lineSpacing()
        for column in range(self.columnCount()):
            item = self.item(row, column)
            if item is not None and item.text():
                joined = range(column, column + self.columnSpan(row, column))
                wide = sum(self.columnWidth(each) for each in joined) - self._aside(item)
                box = QRect(0, 0, max(wide, 1), 100 * high)
                told = self.fontMetrics().boundingRect(box, int(Qt.TextFlag.TextWordWrap), item.text())
                lines = max(lines, min(round(told.height() / high), MOST_LINES))
        return self.verticalHeader().defaultSectionSize() + (lines - 1) * high

    def _aside(self, item: QTableWidgetItem) -> int:
        """What of a cell's width is no room for its text."""
        checked = item.flags() & Qt.ItemFlag.ItemIsUserCheckable
        return EDGES + (CHECK if checked else 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()

    def put(self, row: int, texts: tuple[QTableWidgetItem | str, ...]) -> None:
        """Fill a row. What stands there already stays: it may just be edited."""
        for column, text in enumerate(texts):
            item = text if isinstance(text, QTableWidgetItem) else cell(text)
            item.setToolTip(item.toolTip() or item.text())
            old = self.item(row, column)
            if column or old is None or old.text() != item.text() or any(old.data(r) != item.data(r) for r in _ROLES):
                self.setItem(row, column, item)

    def edit_row(self, row: int) -> None:
        """Begin to edit a row."""
        self.setCurrentCell(row, 0)
        self.edit(self.model().index(row, 0))

    def mouseDoubleClickEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        """Anywhere in a row it is the text in front that is edited."""
        row = self.rowAt(event.position().toPoint().y())
        if row >= 0 and self.columnAt(event.position().toPoint().x()) > 0:
            self.edit_row(row)
        else:
            super().mouseDoubleClickEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        row, key = self.currentRow(), event.key()
        if self.state() == QAbstractItemView.State.EditingState:
            super().keyPressEvent(event)  # a key that the field has passed on
        elif row >= 0 and key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.acts.remove(row)
        elif row >= 0 and key in (Qt.Key.Key_F2, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.edit_row(row)
        else:
            super().keyPressEvent(event)


def cell(text: str, colour: str | None = None) -> QTableWidgetItem:
    """A cell that is only read."""
    item = QTableWidgetItem(text)
    item.setFlags(FIXED)
    if colour is not None:
        item.setForeground(QColor(colour))
    return item


def typed(shown: str, text: str) -> QTableWidgetItem:
    """A cell that shows one text and is edited as another: `at sin, where grad > 1` as `grad > 1`."""
    item = QTableWidgetItem(shown)
    item.setFlags(FIXED | Qt.ItemFlag.ItemIsEditable)
    item.setData(EDITED, text)
    item.setToolTip(f"{shown}\n{HOW_TO_EDIT}")
    return item


class _Typing(QStyledItemDelegate):
    """The field in which a row is edited."""

    def __init__(self, table: MarksTable) -> None:
        super().__init__(table)
        self.table = table

    def setEditorData(self, editor: QWidget, index: QModelIndex | QPersistentModelIndex) -> None:
        if isinstance(editor, QLineEdit):
            editor.setText(str(index.data(EDITED) or ""))
            editor.setPlaceholderText(CONDITION)  # seen of what halts always: its condition is empty

    def setModelData(self, editor: QWidget, model: object, index: QModelIndex | QPersistentModelIndex) -> None:
        if isinstance(editor, QLineEdit) and editor.text().strip() != index.data(EDITED):
            self.table.acts.edit(index.row(), editor.text())
