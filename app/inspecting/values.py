"""The value that the document holds for a parameter: draw it anew, or edit its elements."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QHBoxLayout, QHeaderView, QPushButton, QTableView, QWidget

from ...core.document import Transaction
from ...core.errors import GradwireError
from ...core.feeding import parameters
from ...core.infer import Binding
from ..editing.reinitialising import drawn, reinitialise, reinitialise_label, reseed
from ..look.fonts import mono
from .page import Page
from .parts import Section, label, short
from .sheet import small

SMALL = 400  # elements: what is larger is not edited by hand

Index = QModelIndex | QPersistentModelIndex


class Elements(QAbstractTableModel):
    """The elements of an array of at most two axes; `change(row, column, number)` is asked for each edit."""

    def __init__(self, change: Any) -> None:
        super().__init__()
        self.array = np.zeros((0, 0))
        self.change = change

    def show_array(self, array: np.ndarray) -> None:
        shape = self.array.shape
        self.array = array
        if shape != array.shape:
            self.beginResetModel()
            self.endResetModel()
        elif array.size:
            self.dataChanged.emit(self.index(0, 0), self.index(array.shape[0] - 1, array.shape[1] - 1))

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else self.array.shape[0]

    def columnCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else self.array.shape[1]

    def flags(self, index: Index) -> Qt.ItemFlag:
        return super().flags(index) | Qt.ItemFlag.ItemIsEditable

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        number = self.array[index.row(), index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return short(number)
        if role == Qt.ItemDataRole.EditRole:
            return repr(number.item())
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        return str(section) if role == Qt.ItemDataRole.DisplayRole else None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        return role == Qt.ItemDataRole.EditRole and bool(self.change(index.row(), index.column(), str(value)))


class Values(Section):
    """Reinitialise, and for a small array a table of its elements that can be typed into."""

    def __init__(self, page: Page, id: str) -> None:
        super().__init__("Held value")
        self.page, self.id = page, id
        self.about = label("", "dim", small(), wrap=True)
        self.same = QPushButton("Reinitialise")
        self.same.setToolTip("Start from the same initial value again (same seed)")
        self.same.clicked.connect(self._same_seed)
        self.new = QPushButton("New seed")
        self.new.setToolTip("Start from other random numbers")
        self.new.clicked.connect(self._new_seed)
        buttons = QWidget()
        row = QHBoxLayout(buttons)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self.same)
        row.addWidget(self.new)
        self.model = Elements(self._change)
        self.table = QTableView()
        self.table.setModel(self.model)
        self.table.setFont(mono(0.9))
        self.table.setAccessibleName("elements of the value")
        for header in (self.table.horizontalHeader(), self.table.verticalHeader()):
            header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
            header.setFont(small())
        self.table.verticalHeader().setDefaultSectionSize(22)
        self.table.horizontalHeader().setDefaultSectionSize(72)
        self.error = label("", "error", small(), wrap=True)
        self.error.hide()
        self.add(self.about, buttons, self.table, self.error)

    def _array(self) -> np.ndarray | None:
        """What the document holds, or what it begins with: never what a moment shows that is stepped to."""
        editor = self.page.editor
        held = editor.document.values.get(self.id)
        if held is not None:
            return held
        shape, session = editor.graph.nodes[self.id].params.get("shape", (1,)), editor.session
        if not all(type(length) is int for length in shape) or prod(shape) > SMALL:
            return None
        try:
            binding = Binding(session.dtype, seed=session.seed)
            return parameters(editor.graph, editor.registry, [self.id], {}, binding)[self.id]
        except GradwireError:  # its settings are wrong, which the check tells
            return None

    def refresh(self) -> None:
        editor = self.page.editor
        held = self.id in editor.document.values
        random = bool(drawn(editor.graph, [self.id]))
        self.about.setText("Held in the document: trained or edited" if held else "As it begins: init and seed say how")
        self.same.setEnabled(held)
        self.new.setEnabled(random)
        self.new.setToolTip(
            "Start from other random numbers; the seed is written into the parameter"
            if random
            else "Nothing is drawn: init is not random"
        )
        array = self._array()
        editable = array is not None and 0 < array.size <= SMALL and array.ndim <= 2
        self.table.setVisible(editable)
        if editable and array is not None:
            flat = array.reshape(1, -1) if array.ndim < 2 else array
            self.model.show_array(flat)
            self.table.setFixedHeight(min(26 + 22 * flat.shape[0] + 12, 190))

    def _attempt(self, what: str, act: Callable[[Transaction], object]) -> bool:
        refused = self.page.attempt(what, act)
        self.error.setText(refused or "")
        self.error.setVisible(refused is not None)
        return refused is None

    def _same_seed(self) -> None:
        what = reinitialise_label(self.page.editor.graph, [self.id])
        self._attempt(what, lambda t: reinitialise(t, [self.id]))

    def _new_seed(self) -> None:
        what = reinitialise_label(self.page.editor.graph, [self.id], seed=True)
        self._attempt(what, lambda t: reseed(t, [self.id]))

    def _change(self, row: int, column: int, text: str) -> bool:
        array = self._array()
        try:
            number = float(text.replace("−", "-"))
        except ValueError:
            self.error.setText(f"an element must be a number, got {text[:40]!r}")
            self.error.show()
            return False
        if array is None:
            return False
        changed = np.array(array)
        changed.reshape(1, -1)[0, column] = number if array.ndim < 2 else changed.reshape(1, -1)[0, column]
        if array.ndim == 2:
            changed[row, column] = number
        name = self.page.editor.graph.nodes[self.id].name
        return self._attempt(f"Edit the value of {name}", lambda t: t.set_values(self.id, changed))
