"""The table of rows: as the file has them or as the network gets them, with what is wrong at its place."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QBrush, QColor
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from ..inspecting.sheet import small
from ..look.fonts import mono
from ..look.theme import Theme
from .grid import Cell, Grid

Index = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole
NONE = QModelIndex()
EMPTY = Grid((), (), (), (), ())
WIDEST = 220  # pixels of a column
LOOKED_AT = 20  # rows by which columns get their width
BESIDE = 16  # beside the text of a cell
LONG = 200  # letters of a cell that are shown
WRONG = "✗"
TINT = 26  # of 255, of the accent behind the target


class GridModel(QAbstractTableModel):
    """A grid, read cell by cell."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme, self.grid = theme, EMPTY

    def show_grid(self, grid: Grid) -> None:
        """Show another one."""
        self.beginResetModel()
        self.grid = grid
        self.endResetModel()

    def rowCount(self, parent: Index = NONE) -> int:
        return 0 if parent.isValid() else len(self.grid.rows)

    def columnCount(self, parent: Index = NONE) -> int:
        return 0 if parent.isValid() else len(self.grid.names)

    def fault(self, row: int, column: int) -> str | None:
        """What is wrong with a cell, or with its whole row."""
        marks = self.grid.marks
        return marks.get(Cell(row, column)) or marks.get(Cell(row, -1))

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        row, column = index.row(), index.column()
        text, fault = self.grid.rows[row][column], self.fault(row, column)
        match role:
            case Role.DisplayRole:
                line = text[:LONG].replace("\n", "⏎")
                return line if Cell(row, column) not in self.grid.marks else f"{WRONG} {line or 'empty'}"
            case Role.ToolTipRole:
                return fault or (text[:2000] if len(text) > 20 else None)
            case Role.AccessibleTextRole:
                name = self.grid.names[column] or f"column {column}"
                return f"{name}, {self.grid.row_names[row]}: {text}" + (f". {fault}" if fault else "")
            case Role.ForegroundRole if fault:
                return QBrush(QColor(self.theme.error))
            case Role.BackgroundRole if fault or column == self.grid.target:
                colour = QColor(self.theme.error if fault else self.theme.accent)
                colour.setAlpha(TINT)
                return QBrush(colour)
            case Role.TextAlignmentRole if column in self.grid.numbers:
                return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Role.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Vertical:
            wrong = Cell(section, -1) in self.grid.marks
            return f"{WRONG} " * wrong + self.grid.row_names[section] if role == Role.DisplayRole else None
        name = self.grid.names[section]
        if role == Role.DisplayRole:
            shown = name if len(name) <= 24 else f"{name[:23]}…"
            mark = "  ◂ target" if section == self.grid.target else ""
            return f"{shown}{mark}\n{self.grid.about[section]}"
        if role == Role.ToolTipRole:
            return name
        if role == Role.TextAlignmentRole:
            return int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        return None


class RowsView(QTableView):
    """Shows a grid; `column_chosen(number)` where the name of a column was clicked, and that may be chosen."""

    column_chosen = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.grid_model = GridModel(theme, self)
        self.setModel(self.grid_model)
        self.setFont(mono(0.92))
        self.setAccessibleName("Rows of the data")
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setMinimumHeight(150)
        across, down = self.horizontalHeader(), self.verticalHeader()
        across.setFont(small())
        across.setMaximumSectionSize(WIDEST)
        across.setHighlightSections(False)
        across.sectionClicked.connect(self._choose)
        down.setFont(small())
        down.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        down.setDefaultSectionSize(self.fontMetrics().height() + 6)
        self._choosable = False

    def show_grid(self, grid: Grid, choosable: bool) -> None:
        """Show rows; where the columns stay the same, at the same place."""
        before = self.grid_model.grid
        at = self.horizontalScrollBar().value(), self.verticalScrollBar().value(), self.currentIndex()
        self._choosable = choosable
        cursor = Qt.CursorShape.PointingHandCursor if choosable else Qt.CursorShape.ArrowCursor
        self.horizontalHeader().setCursor(cursor)
        self.horizontalHeader().setToolTip("Click a column to make it the target" if choosable else "")
        self.grid_model.show_grid(grid)
        self._fit()
        if before.names == grid.names:
            if at[2].isValid() and at[2].row() < len(grid.rows):
                self.setCurrentIndex(self.grid_model.index(at[2].row(), at[2].column()))
            self.horizontalScrollBar().setValue(at[0])
            self.verticalScrollBar().setValue(at[1])

    def _fit(self) -> None:
        """Columns as wide as what stands in their first rows; asked of each cell, Qt takes as long as ten frames."""
        above, within, model = self.horizontalHeader().fontMetrics(), self.fontMetrics(), self.grid_model
        for column in range(model.columnCount()):
            head = model.headerData(column, Qt.Orientation.Horizontal).split("\n")
            cells = (model.index(row, column).data() for row in range(min(LOOKED_AT, model.rowCount())))
            longest = max(cells, key=len, default="")
            wide = max(max(map(above.horizontalAdvance, head)), within.horizontalAdvance(longest)) + BESIDE
            self.setColumnWidth(column, min(wide, WIDEST))

    def go_to(self, cell: Cell) -> None:
        """Make a cell the current one, in the middle of what is seen; to the side only as far as it must."""
        index, across = self.grid_model.index(cell.row, max(cell.column, 0)), self.horizontalScrollBar()
        left = across.value()
        self.setCurrentIndex(index)
        self.scrollTo(index, QAbstractItemView.ScrollHint.PositionAtCenter)
        across.setValue(left)
        self.scrollTo(index)

    def _choose(self, section: int) -> None:
        if self._choosable:
            self.column_chosen.emit(self.grid_model.grid.columns[section])
