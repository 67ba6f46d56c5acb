"""What of a file is loaded into which parameter, before it is: matched by name and shape, changed by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from ...core.files.transferring import Values, match, transfer, unused
from ..inspecting.editors import Check
from ..look.theme import Theme
from ..wording import counted
from .model import CHOSEN, Chooser, MatchModel

if TYPE_CHECKING:
    from ..editor import Editor

WIDE, HIGH = 940, 460
COLUMNS = (200, 90, 200)
NAMED = 6  # arrays of the file that are named where nothing takes them


class TransferDialog(QDialog):
    """Loads in one undo what the table says when “Load” is pressed; a refusal is told and leaves it open."""

    def __init__(self, editor: Editor, values: Values, source: str, theme: Theme, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(f"Load values from {source}")
        self.editor, self.values, self.source = editor, values, source
        self.model = MatchModel(match(editor.graph, values), values, theme, self)
        self.model.dataChanged.connect(lambda *_: self._tell())
        self.table = self._made_table()
        self.told = QLabel(wordWrap=True)
        self.beside = QLabel(wordWrap=True)
        self.beside.setProperty("rank", "second")
        self.freeze = Check(theme, "Freeze what is loaded: it is not trained further")
        self.load = QPushButton("Load")
        self.load.setDefault(True)
        self.load.clicked.connect(self._load)
        cancel = QPushButton("Cancel", autoDefault=False)
        cancel.clicked.connect(self.reject)
        row = QHBoxLayout()
        row.addWidget(self.freeze, 1)
        row.addWidget(cancel)
        row.addWidget(self.load)
        column = QVBoxLayout(self)
        column.addWidget(self.table, 1)
        for part in (self.told, self.beside):
            column.addWidget(part)
        column.addLayout(row)
        self.resize(WIDE, HIGH)
        self._tell()

    def _made_table(self) -> QTableView:
        table = QTableView()
        table.setModel(self.model)
        table.setItemDelegateForColumn(CHOSEN, Chooser(table))
        table.setAccessibleName("Parameters and what they are given")
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setEditTriggers(
            QAbstractItemView.EditTrigger.CurrentChanged
            | QAbstractItemView.EditTrigger.SelectedClicked
            | QAbstractItemView.EditTrigger.DoubleClicked
            | QAbstractItemView.EditTrigger.EditKeyPressed
        )
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.verticalHeader().hide()
        table.horizontalHeader().setStretchLastSection(True)
        for number, wide in enumerate(COLUMNS):
            table.setColumnWidth(number, wide)
        return table

    def _tell(self) -> None:
        """How much is loaded, and what of the file is not used."""
        matches = self.model.matches
        loaded = sum(each.loads for each in matches)
        self.told.setText(
            f"{loaded:,} of {counted(len(matches), 'parameter')} {'is' if loaded == 1 else 'are'} loaded."
        )
        left = unused(matches, self.values)
        shapes = (f"{name} ({' × '.join(map(str, self.values[name].shape)) or 'a number'})" for name in left[:NAMED])
        more = f" and {len(left) - NAMED:,} more" if len(left) > NAMED else ""
        self.beside.setText(f"Not used: {', '.join(shapes)}{more}." if left else "All of the file is used.")
        self.load.setEnabled(bool(loaded))

    def _load(self) -> None:
        matches, freeze = self.model.matches, self.freeze.isChecked()
        label = f"Load values from {self.source}"
        done = self.editor.attempt(label, lambda t: transfer(t, matches, self.values, freeze), source="transfer")
        if done is not None:
            self.editor.told.emit(f"Loaded {counted(done, 'value')} from {self.source}{', frozen' * freeze}", "note")
            self.accept()
