"""The table of what is loaded into which parameter: the choice of each row is made in place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QBrush, QColor
from PySide6.QtWidgets import QComboBox, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from ...core.files.transferring import BY_SHAPE, Match, Values, choose, fitting_sources
from ..look.theme import Theme

Index = QModelIndex | QPersistentModelIndex
NO_INDEX = QModelIndex()
HEADS = ("Parameter", "Shape", "Value", "")
CHOSEN = 2  # the column of what it is given
NOTHING = "nothing"


class MatchModel(QAbstractTableModel):
    """A row for each parameter of a graph; `matches` as they are by now."""

    def __init__(self, matches: Sequence[Match], values: Values, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.matches, self.values, self.theme = list(matches), values, theme

    def rowCount(self, parent: Index = NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self.matches)

    def columnCount(self, parent: Index = NO_INDEX) -> int:
        return 0 if parent.isValid() else len(HEADS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return HEADS[section]
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        match = self.matches[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return self._text(match, index.column())
        if role == Qt.ItemDataRole.EditRole and index.column() == CHOSEN:
            return match.source if match.loads else ""
        if role == Qt.ItemDataRole.ForegroundRole and index.column() >= CHOSEN:
            sure = match.how != BY_SHAPE  # a shape alone is a guess, to be looked at
            return QBrush(QColor((self.theme.good if sure else self.theme.warning) if match.loads else self.theme.dim))
        return None

    def _text(self, match: Match, column: int) -> str:
        shape = " × ".join(map(str, match.shape)) or "a number"
        told = match.how if match.loads else match.reason
        return (match.path, shape, match.source if match.loads else "–", told)[column]

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = super().flags(index)
        return flags | Qt.ItemFlag.ItemIsEditable if index.column() == CHOSEN else flags

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.EditRole or index.column() != CHOSEN:
            return False
        row = index.row()
        if value != self.data(index, role):
            self.matches[row] = choose(self.matches[row], self.values, str(value))
            self.dataChanged.emit(self.index(row, 0), self.index(row, len(HEADS) - 1))
        return True


class Chooser(QStyledItemDelegate):
    """Offers for a parameter what it could be given by its shape, transposed where it fits only so."""

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        model = index.model()
        assert isinstance(model, MatchModel)
        box = QComboBox(parent)
        box.addItem(NOTHING, "")
        for name in fitting_sources(model.matches[index.row()], model.values):
            box.addItem(name, name)
        box.activated.connect(lambda _: self._take(box))
        return box

    def _take(self, box: QComboBox) -> None:
        self.commitData.emit(box)
        self.closeEditor.emit(box)

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        assert isinstance(editor, QComboBox)
        editor.setCurrentIndex(max(editor.findData(index.data(Qt.ItemDataRole.EditRole)), 0))

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:
        assert isinstance(editor, QComboBox)
        model.setData(index, editor.currentData())
