"""The list of runs as a table: filtered and put in order here, so that a thousand of them are a list in Python."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QFont, QIcon, QPixmap

from ..look.theme import Theme
from .columns import NOTES, Column, columns_of, varied
from .order import Order

if TYPE_CHECKING:
    from ...core.runs.listed import ListedRun

Index = QModelIndex | QPersistentModelIndex
NO_INDEX = QModelIndex()
SWATCH = QSize(10, 10)
_STATES = {"running": "good", "paused": "warning", "died": "error", "damaged": "error"}


class RunModel(QAbstractTableModel):
    """`shown` are the runs that the search leaves, in their order. `noted` when notes were edited: a path, a text."""

    noted = Signal(object, str)

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.runs: list[ListedRun] = []
        self.shown: list[ListedRun] = []
        self.columns: list[Column] = columns_of(())
        self.order = Order()
        self._colours: Mapping[Path, str] = {}
        self._different: frozenset[str] = frozenset()
        self._marked: frozenset[Path] = frozenset()

    # What is shown.

    def show(self, runs: Sequence[ListedRun]) -> None:
        """Show these; where they are the same as before in the same order, only what has changed is drawn again."""
        if len(runs) == len(self.runs) and all(new is old for new, old in zip(runs, self.runs, strict=True)):
            return  # nothing has been read anew
        self.runs = list(runs)
        columns = columns_of(self.runs)
        found = self.order.found(self.runs, columns)
        same = [run.path for run in found] == [run.path for run in self.shown]
        if same and [column.heading for column in columns] == [column.heading for column in self.columns]:
            changed = [i for i, (old, new) in enumerate(zip(self.shown, found, strict=True)) if old is not new]
            self.shown, self.columns = found, columns
            for row in changed:
                self.dataChanged.emit(self.index(row, 0), self.index(row, len(columns) - 1))
            return
        self.beginResetModel()
        self.shown, self.columns = found, columns
        self.endResetModel()

    def search(self, text: str) -> None:
        """Show only runs in which all these words stand somewhere."""
        words = tuple(text.lower().split())
        if words != self.order.words:
            self.order.words = words
            self._renew()

    @property
    def indicator(self) -> tuple[int, Qt.SortOrder]:
        """The column that the order is by, and the way round."""
        return next((i for i, column in enumerate(self.columns) if column.head == self.order.by), -1), self.order.way

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        self.order.by, self.order.way = self.columns[column].head, order
        self._renew()

    def _renew(self) -> None:
        self.beginResetModel()
        self.shown = self.order.found(self.runs, self.columns)
        self.endResetModel()

    def row_of(self, path: Path) -> int | None:
        """The row of a run, None where it is not shown."""
        return next((row for row, run in enumerate(self.shown) if run.path == path), None)

    # What is marked.

    def mark(self, runs: Iterable[ListedRun], colours: Mapping[Path, str]) -> None:
        """Mark the settings in which these differ, and show the colours of their curves."""
        chosen = list(runs)
        self._different = frozenset(varied(chosen)) if len(chosen) > 1 else frozenset()
        self._marked = frozenset(run.path for run in chosen)
        self._colours = colours
        if self.shown:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self.shown) - 1, len(self.columns) - 1))

    def differs(self, run: ListedRun, column: Column) -> bool:
        """Whether the setting of a column is one in which the marked runs differ, and this is one of them."""
        return run.path in self._marked and column.setting in self._different

    def colours(self) -> Collection[Path]:
        """The runs whose curves are shown."""
        return self._colours.keys()

    # For the view.

    def rowCount(self, parent: Index = NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self.shown)

    def columnCount(self, parent: Index = NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self.columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Horizontal and section < len(self.columns):
            if role == Qt.ItemDataRole.DisplayRole:
                return self.columns[section].heading
            if role == Qt.ItemDataRole.ToolTipRole:
                return self.columns[section].about or None
            if role == Qt.ItemDataRole.TextAlignmentRole:
                return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self.shown):
            return None
        run, column = self.shown[index.row()], self.columns[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return " ".join(column.text(run).split())
        if role == Qt.ItemDataRole.EditRole:
            return run.notes if column.head == NOTES else None
        if role == Qt.ItemDataRole.ToolTipRole:
            return "\n".join(filter(None, (run.name, run.problem))) if index.column() == 0 else column.text(run) or None
        if role == Qt.ItemDataRole.DecorationRole and index.column() == 0 and self._colours:
            picture = QPixmap(SWATCH)
            picture.fill(QColor(self._colours.get(run.path, "transparent")))
            icon = QIcon(picture)
            icon.addPixmap(picture, QIcon.Mode.Selected)  # else it would be tinted
            return icon
        return self._look(run, column, role)

    def _look(self, run: ListedRun, column: Column, role: int) -> Any:
        differs = self.differs(run, column)
        if role == Qt.ItemDataRole.ForegroundRole:
            if column.head == "State" and run.state in _STATES:
                return QBrush(QColor(getattr(self.theme, _STATES[run.state])))
            return QBrush(QColor(self.theme.warning)) if differs else None
        if role == Qt.ItemDataRole.FontRole and differs:
            font = QFont()
            font.setBold(True)
            return font
        if role == Qt.ItemDataRole.AccessibleTextRole and differs:
            return f"{column.text(run)}, differs"
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = super().flags(index)
        editable = index.isValid() and self.columns[index.column()].head == NOTES
        return flags | Qt.ItemFlag.ItemIsEditable if editable else flags

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.EditRole or self.columns[index.column()].head != NOTES:
            return False
        run = self.shown[index.row()]
        if str(value).strip() != run.notes:
            self.noted.emit(run.path, str(value))
        return True
