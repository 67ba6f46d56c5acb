"""Breakpoints and watches: what halts a run through the steps, and what is looked at after each."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ...core.errors import GradwireError
from ...core.stepping.breakpoints import Breakpoint
from ...core.stepping.forms import FITS
from ...core.stepping.functions import described
from ...core.stepping.meaning import Parts
from ...core.stepping.timeline import BACKWARD, FORWARD
from ..look.fonts import mono
from ..look.numbers import significant
from ..look.theme import Theme
from ..stepping.marks_table import FIXED, Acts, MarksTable, cell, typed
from ..stepping.sparkline import POINTS, SparklineDelegate

if TYPE_CHECKING:
    from ..editor import Editor

HELP = (
    f"{FITS}\n\n{described()}\npath(x, loss): what comes back to x of the gradient of loss, by all ways; "
    "path(x, loss).top(3): its parts along the three strongest ways, as in cancellation(path(x, loss).top(3))"
)
SHORT = 40  # letters of what would fit, which an error tells in its row
SHOWN = 3  # of several parts that are told in a cell
HALTS = "Halt where …   iteration > 3   (F9: at a node)"  # short, or it is cut: all forms stand in the tip
PHASES = (("In any phase", None), ("Forward only", FORWARD), ("Backward only", BACKWARD))  # of a node's breakpoint
LOGGED = "counts only"  # beside a breakpoint that halts nothing
COMPUTING = "…"  # stands there until what is shown is of this moment


def show_last(table: QTableWidget) -> None:
    """Bring the last row into view, which may be high."""
    table.scrollTo(table.model().index(table.rowCount() - 1, 0), QTableWidget.ScrollHint.PositionAtTop)


class WatchPanel(QWidget):
    """Two tables side by side, each with a field beneath it that adds a row. Delete takes a row away."""

    def __init__(self, editor: Editor, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.editor, self.theme = editor, theme
        self._halted: Breakpoint | None = None  # whose row has been brought into view
        marks = editor.breakpoints
        self.breakpoints = MarksTable(("Halt", "Hits", ""), Acts(marks.remove, marks.edit))
        self.breakpoints.itemChanged.connect(self._switch)
        self.watches = MarksTable(("Watch", "Now", "Moments"), Acts(editor.watching.unwatch, editor.watching.rewatch))
        for table in (self.breakpoints, self.watches):
            table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
            table.customContextMenuRequested.connect(partial(self._offer, table))
        self.lines = SparklineDelegate(self)
        self.lines.theme = theme
        self.watches.setItemDelegateForColumn(2, self.lines)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 6, 8, 6)
        row.setSpacing(12)
        self.halt = self._side(row, self.breakpoints, HALTS, marks.add)
        self.expression = self._side(row, self.watches, "Watch …   x.grad, rms(w.value)", editor.watching.watch)
        marks.changed.connect(self.refresh)
        editor.watching.changed.connect(self._refresh_watches)
        editor.replaced.connect(self.refresh)
        editor.changed.connect(self._follow)
        self.refresh()

    def _side(self, row: QHBoxLayout, table: QTableWidget, hint: str, add: Callable[[str], None]) -> QLineEdit:
        """A table with its field. What is typed there becomes a row, which says why if it cannot be read."""
        field = QLineEdit()
        field.setPlaceholderText(hint)
        field.setFont(mono())
        field.setToolTip(HELP)

        def take() -> None:
            add(field.text())
            field.clear()
            show_last(table)
            QTimer.singleShot(0, table, lambda: show_last(table))  # again, once all rows have their heights

        field.returnPressed.connect(take)
        column = QVBoxLayout()
        for part in (table, field):
            column.addWidget(part)
        row.addLayout(column)
        return field

    def set_theme(self, theme: Theme) -> None:
        self.theme = self.lines.theme = theme
        self.refresh()

    def _follow(self) -> None:
        """The graph is another: names may mean other nodes now, or none."""
        if self.editor.breakpoints.points or self.editor.watching.texts:
            self.refresh()

    def refresh(self) -> None:
        """Show what there is now."""
        marks, graph = self.editor.breakpoints, self.editor.graph
        table = self.breakpoints
        table.blockSignals(True)
        table.setRowCount(len(marks.points))
        for i, point in enumerate(marks.points):
            name = typed(marks.told(point, graph), point.condition)
            name.setFlags(name.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            name.setCheckState(Qt.CheckState.Checked if point.enabled else Qt.CheckState.Unchecked)
            here = marks.here if point == marks.halted else LOGGED if point.logged else ""
            table.put(i, (name, str(marks.hits.get(point, 0)), self._error(marks.error(point, graph)) or here))
        table.fit()
        table.blockSignals(False)
        if marks.halted is not None and marks.halted is not self._halted and marks.halted in marks.points:
            table.scrollTo(table.model().index(marks.points.index(marks.halted), 0))
        self._halted = marks.halted
        self._refresh_watches()

    def _refresh_watches(self) -> None:
        watches, active = self.editor.watching.texts, self.editor.stepper.active
        self.watches.setRowCount(len(watches))
        for i, text in enumerate(watches):
            seen = self.editor.watching.seen(text, self.editor.graph)
            error = None if seen is None else self._error(seen.error)
            if seen is None:
                self.watches.put(i, (typed(text, text), COMPUTING if active else "–", self._line(text)))
            else:
                self.watches.put(i, (typed(text, text), error or _now(seen.value), self._line(text)))
            self.watches.join(i, error is not None)
        self.watches.fit()

    def _error(self, error: GradwireError | None) -> QTableWidgetItem | None:
        """The cell of an error; what would fit stands in its tip where it is long: other rows are to be seen."""
        if error is None:
            return None
        item = cell(error.message if len(error.hint or "") > SHORT else str(error), self.theme.error)
        item.setToolTip(str(error))
        return item

    def _line(self, text: str) -> QTableWidgetItem | str:
        """The cell with how a watch went over the moments that were shown."""
        line = self.editor.watching.line(text)
        if line is None:
            return ""
        item = QTableWidgetItem()
        item.setFlags(FIXED)
        item.setData(POINTS, line)
        item.setData(Qt.ItemDataRole.AccessibleTextRole, line.words)
        item.setToolTip(line.words)
        return item

    def _offer(self, table: MarksTable, point: QPoint) -> None:
        """A menu of what can be done with a row: that beneath the pointer, from the keyboard the current one."""
        row = table.rowAt(point.y())
        row = table.currentRow() if row < 0 else row
        marks = self.editor.breakpoints
        if not 0 <= row < table.rowCount():
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if table is self.breakpoints:
            for text, field in (("On", "enabled"), ("Count hits only, halt nothing", "logged")):
                action = menu.addAction(text)
                action.setCheckable(True)
                action.setChecked(getattr(marks.points[row], field))
                action.triggered.connect(lambda on, field=field: marks.change(row, **{field: on}))
            if marks.points[row].node is not None:
                self._offer_phases(menu, row)
            menu.addSeparator()
        menu.addAction("Edit", lambda: table.edit_row(row))
        menu.addAction("Remove", lambda: table.acts.remove(row))
        menu.popup(table.viewport().mapToGlobal(point))

    def _offer_phases(self, menu: QMenu, row: int) -> None:
        """In which phases a node's breakpoint halts."""
        marks = self.editor.breakpoints
        menu.addSeparator()
        for text, phase in PHASES:
            action = menu.addAction(text)
            action.setCheckable(True)
            action.setChecked(marks.points[row].phase == phase)
            action.triggered.connect(lambda _, phase=phase: marks.change(row, phase=phase))

    def _switch(self, item: QTableWidgetItem) -> None:
        if item.column() == 0:
            self.editor.breakpoints.change(item.row(), enabled=item.checkState() == Qt.CheckState.Checked)


def _now(value: object) -> QTableWidgetItem:
    """The cell of what an expression comes to; of several parts which each is of stands in its tip."""
    if not isinstance(value, Parts):
        return cell(_told(value))
    parts = [_told(part) for part in value.values]
    item = cell(", ".join(parts[:SHOWN]) + ", …" * (len(parts) > SHOWN) or "none")
    item.setToolTip("\n".join(f"{part} by {name}" for part, name in zip(parts, value.names, strict=True)))
    return item


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
