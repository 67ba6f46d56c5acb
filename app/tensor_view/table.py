"""The table of a plane: a model that reads the array when a cell is painted, whatever its size."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QBrush, QColor

from ..look.numbers import significant
from ..look.theme import Theme

Array = np.ndarray[Any, Any]
Index = QModelIndex | QPersistentModelIndex
MOST = 2**31 - 1  # rows that Qt can count
NUMBER = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)


class PlaneModel(QAbstractTableModel):
    """The elements of a plane (rows, columns), never copied."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.plane: Array = np.zeros((0, 0))
        self.digits = 5

    def show_plane(self, plane: Array) -> None:
        """Show another plane; the view keeps its place where the shape stays."""
        same = plane.shape == self.plane.shape
        if not same:
            self.beginResetModel()
        self.plane = plane
        if not same:
            self.endResetModel()
        elif plane.size:
            self.dataChanged.emit(self.index(0, 0), self.index(plane.shape[0] - 1, plane.shape[1] - 1))

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else min(self.plane.shape[0], MOST)

    def columnCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else min(self.plane.shape[1], MOST)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return NUMBER
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ForegroundRole, Qt.ItemDataRole.ToolTipRole):
            return None
        number = self.plane[index.row(), index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return significant(number, self.digits)
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"row {index.row()}, column {index.column()}: {number!r}"
        if number.dtype.kind == "f" and not np.isfinite(number):
            return QBrush(QColor(self.theme.error))
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        return str(section) if role == Qt.ItemDataRole.DisplayRole else None
