"""The table of runs: chosen by mouse and keys, notes edited in place, and what was chosen stays so as rows move."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QModelIndex, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QPalette
from PySide6.QtWidgets import QAbstractItemView, QStyledItemDelegate, QStyleOptionViewItem, QTableView, QWidget

from ..inspecting.sheet import small
from .columns import NOTES
from .model import Index, RunModel

if TYPE_CHECKING:
    from ...core.runs.listed import ListedRun

SETTLED = 80  # milliseconds after which what is chosen is told: arrow keys held down choose many
NARROW, WIDE = 56, 260  # pixels of a column at first
LOOKED_AT = 60  # rows after whose texts columns are made as wide
ROOM = 18  # pixels in a cell beside its text


class _Cells(QStyledItemDelegate):
    """Cells whose colour says something have it in selected rows as well."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        super().initStyleOption(option, index)
        colour = index.data(Qt.ItemDataRole.ForegroundRole)
        if colour is not None:
            option.palette.setBrush(QPalette.ColorRole.HighlightedText, colour)


class RunTable(QTableView):
    """`chosen` when other runs are selected, `opened` on Enter or a double click, `delete_wanted` on Delete."""

    chosen = Signal()
    opened = Signal(object)  # a path
    delete_wanted = Signal()
    menu_wanted = Signal(QPoint)

    def __init__(self, model: RunModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.runs = model
        self._kept: tuple[list[Path], Path | None, int] = [], None, 0
        self._widths: dict[str, int] = {}
        self._soon = QTimer(self, singleShot=True, interval=SETTLED)
        self._soon.timeout.connect(self.chosen)
        self.setModel(model)
        self.setItemDelegate(_Cells(self))
        self.setFont(small())
        self.setAccessibleName("Runs")
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.DoubleClicked | QAbstractItemView.EditTrigger.EditKeyPressed)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 8)
        header = self.horizontalHeader()
        header.setFont(small())
        header.setHighlightSections(False)
        header.setSortIndicator(*model.indicator)
        header.setSectionsClickable(True)
        header.setSortIndicatorShown(True)
        header.sortIndicatorChanged.connect(model.sort)
        header.sectionResized.connect(self._remember_width)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self.menu_wanted)
        self.doubleClicked.connect(self._open)
        model.modelAboutToBeReset.connect(self._keep)
        model.modelReset.connect(self._bring_back)

    @property
    def selected(self) -> list[ListedRun]:
        """The runs that are selected, from above."""
        rows = sorted(index.row() for index in self.selectionModel().selectedRows())
        return [self.runs.shown[row] for row in rows if row < len(self.runs.shown)]

    @property
    def editing(self) -> bool:
        """Whether notes are being edited."""
        return self.state() == QAbstractItemView.State.EditingState

    def select(self, paths: Iterable[Path]) -> None:
        """Select just these."""
        wanted, chosen = set(paths), QItemSelection()
        for row, run in enumerate(self.runs.shown):
            if run.path in wanted:
                index = self.runs.index(row, 0)
                chosen.select(index, index)
        how = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
        self.selectionModel().select(chosen, how)

    def edit_notes(self) -> None:
        """Edit the notes on the run that has the keyboard."""
        heads = [column.head for column in self.runs.columns]
        index = self.runs.index(self.currentIndex().row(), heads.index(NOTES))
        if index.isValid():
            self.setCurrentIndex(index)
            self.edit(index)

    def _keep(self) -> None:
        row = self.currentIndex().row()
        current = self.runs.shown[row].path if 0 <= row < len(self.runs.shown) else None
        self._kept = [run.path for run in self.selected], current, self.verticalScrollBar().value()

    def _bring_back(self) -> None:
        chosen, current, scrolled = self._kept
        self._fit()
        self.select(chosen)
        row = None if current is None else self.runs.row_of(current)
        if row is not None:
            self.selectionModel().setCurrentIndex(self.runs.index(row, 0), QItemSelectionModel.SelectionFlag.NoUpdate)
        self.verticalScrollBar().setValue(scrolled)
        self._soon.start()

    def _fit(self) -> None:
        """Columns that are new are as wide as their texts, the others as wide as they were."""
        metrics, header = self.fontMetrics(), self.horizontalHeader()
        for number, column in enumerate(self.runs.columns):
            wide = self._widths.get(column.head)
            if wide is None:
                texts = [column.text(run) for run in self.runs.shown[:LOOKED_AT]]
                longest = max((metrics.horizontalAdvance(text) for text in texts), default=0)
                least = WIDE // 2 if column.head == NOTES else NARROW
                heading = header.fontMetrics().horizontalAdvance(column.heading) + 22  # with the sign of the order
                wide = min(max(longest + ROOM + 18 * (number == 0), heading, least), WIDE)
            header.blockSignals(True)
            self.setColumnWidth(number, wide)
            header.blockSignals(False)
        header.blockSignals(True)
        header.setSortIndicator(*self.runs.indicator)
        header.blockSignals(False)

    def _remember_width(self, number: int, _: int, wide: int) -> None:
        self._widths[self.runs.columns[number].head] = wide

    def _open(self, index: QModelIndex) -> None:
        if self.runs.columns[index.column()].head != NOTES:
            self.opened.emit(self.runs.shown[index.row()].path)

    def selectionChanged(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        super().selectionChanged(selected, deselected)
        self._soon.start()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, row = event.key(), self.currentIndex().row()
        if key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and self.selected:
            self.delete_wanted.emit()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not self.editing and 0 <= row < len(self.runs.shown):
            self.opened.emit(self.runs.shown[row].path)
        elif key == Qt.Key.Key_F2:
            self.edit_notes()
        else:
            super().keyPressEvent(event)
