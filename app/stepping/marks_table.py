"""The tables of breakpoints and watches: rows that are edited where they stand, and taken away with Delete."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt
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
        self.setWordWrap(False)  # or what is cut at a word looks as if there were no room
        triggers = QAbstractItemView.EditTrigger
        self.setEditTriggers(triggers.DoubleClicked | triggers.EditKeyPressed)
        self.setItemDelegateForColumn(0, _Typing(self))
        for column, mode in enumerate(("Fixed", "ResizeToContents", "Stretch")):
            self.horizontalHeader().setSectionResizeMode(column, QHeaderView.ResizeMode[mode])

    def fit(self) -> None:
        """The first column half as wide as there is room, or as its texts; but the last one has what it needs.

        Of what both need the first has half: then an error is read as far as it goes.
        """
        room = self.viewport().width() - self.columnWidth(1)
        first, last = (self.sizeHintForColumn(column) + 12 for column in (0, 2))
        self.setColumnWidth(0, max(min(max(first, room // 2), room - last), min(first, room // 2), 60))

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

    def setModelData(self, editor: QWidget, model: object, index: QModelIndex | QPersistentModelIndex) -> None:
        if isinstance(editor, QLineEdit) and editor.text().strip() != index.data(EDITED):
            self.table.acts.edit(index.row(), editor.text())
