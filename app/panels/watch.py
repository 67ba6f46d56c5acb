"""Breakpoints and watches: what halts a run through the steps, and what is looked at after each."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QMenu,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ...core.stepping.expressions import FITS, FUNCTIONS, spelled
from ..look.fonts import mono
from ..look.numbers import significant
from ..look.theme import Theme
from ..stepping.sparkline import POINTS, SparklineDelegate

if TYPE_CHECKING:
    from ..editor import Editor

HELP = f"{FITS}; functions: {', '.join(map(spelled, FUNCTIONS))}"
LOGGED = "counts only"  # beside a breakpoint that halts nothing
COMPUTING = "…"  # stands there until what is shown is of this moment
_FIXED = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable


class WatchPanel(QWidget):
    """Two tables side by side, each with a field beneath it that adds a row. Delete takes a row away."""

    def __init__(self, editor: Editor, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.editor, self.theme = editor, theme
        self._refusals: list[QLabel] = []
        marks = editor.breakpoints
        self.breakpoints = _Table(("Halt", "Hits", ""), marks.remove)
        self.breakpoints.itemChanged.connect(self._switch)
        self.breakpoints.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.breakpoints.customContextMenuRequested.connect(self._offer)
        self.watches = _Table(("Watch", "Now", "Moments"), marks.unwatch)
        self.lines = SparklineDelegate(self)
        self.lines.theme = theme
        self.watches.setItemDelegateForColumn(2, self.lines)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 6, 8, 6)
        row.setSpacing(12)
        self.halt = self._side(row, self.breakpoints, "Halt where …   (F9 halts at the selected node)", marks.add)
        self.expression = self._side(row, self.watches, "Watch …   x.grad, rms(w.value)", marks.watch)
        marks.changed.connect(self.refresh)
        editor.watching.changed.connect(self._refresh_watches)
        editor.replaced.connect(self.refresh)
        self.refresh()

    def _side(self, row: QHBoxLayout, table: QTableWidget, hint: str, add: Callable[[str], str | None]) -> QLineEdit:
        """A table with its field, and the line that says why what was typed cannot be read."""
        field, refusal = QLineEdit(), QLabel()
        field.setPlaceholderText(hint)
        field.setFont(mono())
        field.setToolTip(HELP)
        refusal.setWordWrap(True)
        refusal.setStyleSheet(f"color: {self.theme.error};")
        refusal.hide()
        self._refusals.append(refusal)

        def take() -> None:
            reason = add(field.text())
            refusal.setText(reason or "")
            refusal.setVisible(reason is not None)
            if reason is None:
                field.clear()

        field.returnPressed.connect(take)
        field.textChanged.connect(refusal.hide)  # it was told of another text
        column = QVBoxLayout()
        for part in (table, field, refusal):
            column.addWidget(part)
        row.addLayout(column)
        return field

    def set_theme(self, theme: Theme) -> None:
        self.theme = self.lines.theme = theme
        for refusal in self._refusals:
            refusal.setStyleSheet(f"color: {theme.error};")
        self.refresh()

    def refresh(self) -> None:
        """Show what there is now."""
        marks, graph = self.editor.breakpoints, self.editor.graph
        table = self.breakpoints
        table.blockSignals(True)
        table.setRowCount(len(marks.points))
        for i, point in enumerate(marks.points):
            name = QTableWidgetItem(marks.told(point, graph))
            name.setFlags(_FIXED | Qt.ItemFlag.ItemIsUserCheckable)
            name.setCheckState(Qt.CheckState.Checked if point.enabled else Qt.CheckState.Unchecked)
            here = "◀ here" if point == marks.halted else LOGGED if point.logged else ""
            table.put(i, (name, str(marks.hits.get(point, 0)), marks.errors.get(point, here)))
        table.fit()
        table.blockSignals(False)
        self._refresh_watches()

    def _refresh_watches(self) -> None:
        watches, active = self.editor.breakpoints.watches, self.editor.stepper.active
        self.watches.setRowCount(len(watches))
        for i, text in enumerate(watches):
            seen = self.editor.watching.seen(text)
            if seen is None:
                self.watches.put(i, (text, COMPUTING if active else "–", self._line(text)))
            else:
                told = "–" if seen.error else _told(seen.value)
                self.watches.put(i, (text, told, seen.error or self._line(text)))
        self.watches.fit()

    def _line(self, text: str) -> QTableWidgetItem | str:
        """The cell with how a watch went over the moments that were shown."""
        line = self.editor.watching.line(text)
        if line is None:
            return ""
        item = QTableWidgetItem()
        item.setFlags(_FIXED)
        item.setData(POINTS, line)
        item.setData(Qt.ItemDataRole.AccessibleTextRole, line.words)
        item.setToolTip(line.words)
        return item

    def _offer(self, point: QPoint) -> None:
        """A menu of what can be done with a breakpoint: that beneath the pointer, from the keyboard the current one."""
        row = self.breakpoints.rowAt(point.y())
        row = self.breakpoints.currentRow() if row < 0 else row
        marks = self.editor.breakpoints
        if not 0 <= row < len(marks.points):
            return
        menu, shown = QMenu(self), marks.points[row]
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for text, field in (("On", "enabled"), ("Count hits only, halt nothing", "logged")):
            action = menu.addAction(text)
            action.setCheckable(True)
            action.setChecked(getattr(shown, field))
            action.triggered.connect(lambda on, field=field: marks.change(row, **{field: on}))
        menu.addSeparator()
        menu.addAction("Remove", lambda: marks.remove(row))
        menu.popup(self.breakpoints.viewport().mapToGlobal(point))

    def _switch(self, item: QTableWidgetItem) -> None:
        if item.column() == 0:
            self.editor.breakpoints.change(item.row(), enabled=item.checkState() == Qt.CheckState.Checked)


class _Table(QTableWidget):
    """Rows that can be taken away with Delete."""

    def __init__(self, heads: tuple[str, ...], remove: Callable[[int], None]) -> None:
        super().__init__(0, len(heads))
        self._remove = remove
        self.setHorizontalHeaderLabels(heads)
        self.setAccessibleName(heads[0])
        self.verticalHeader().hide()
        self.setShowGrid(False)
        self.setFont(mono())
        self.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
        self.setWordWrap(False)  # or what is cut at a word looks as if there were no room
        for column, mode in enumerate(("Fixed", "ResizeToContents", "Stretch")):
            self.horizontalHeader().setSectionResizeMode(column, QHeaderView.ResizeMode[mode])

    def fit(self) -> None:
        """The first column as wide as its texts, but not so that the last one has less than it needs, or a third."""
        room = self.viewport().width() - self.columnWidth(1)
        first, last = (self.sizeHintForColumn(column) + 12 for column in (0, 2))
        self.setColumnWidth(0, max(min(max(first, room // 2), room - min(last, room // 3)), 60))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()

    def put(self, row: int, texts: tuple[QTableWidgetItem | str, ...]) -> None:
        """Fill a row."""
        for column, text in enumerate(texts):
            item = text if isinstance(text, QTableWidgetItem) else QTableWidgetItem(text)
            if not isinstance(text, QTableWidgetItem):
                item.setFlags(_FIXED)
            item.setToolTip(item.toolTip() or item.text())
            self.setItem(row, column, item)

    def keyPressEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and self.currentRow() >= 0:
            self._remove(self.currentRow())
        else:
            super().keyPressEvent(event)


def _told(value: object) -> str:
    """What an expression comes to: a number, yes or no, or a norm with the shape; of what is not finite how much is."""
    if value is None:
        return "not yet"
    if isinstance(value, (bool, np.bool_)):
        return "yes" if value else "no"
    array = np.asarray(value)
    if array.size == 1:
        return significant(array.reshape(()), 5)
    shape, bad = "×".join(map(str, array.shape)), int(np.count_nonzero(~np.isfinite(array)))
    told = significant(np.linalg.norm(array.astype(np.float64)), 5)
    if bad:
        return f"norm {told} · {bad:,} of {array.size:,} not finite · {shape}"
    return f"norm {told} · {shape}"
