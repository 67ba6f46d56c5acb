"""The thresholds of diagnoses in a small table: each with its usual number and who published it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ...core.diagnosing.over_training import DIAGNOSES, Diagnosis, limits
from ...core.errors import GradwireError
from ..inspecting.arithmetic import calculate
from ..inspecting.editors import set_property
from ..look.fonts import mono
from .beginning import sound
from .window import THRESHOLDS

if TYPE_CHECKING:
    from PySide6.QtCore import QModelIndex, QPersistentModelIndex

    from ..window import Window

NAME, VALUE, USUAL, SOURCE = range(4)
MARGIN = 24  # pixels
HOW = "They hold from the next run on. A diagnosis that is not ticked is not made. A double click or F2 edits a number."


class _Numbers(QStyledItemDelegate):
    """Lets numbers be edited and nothing else."""

    def createEditor(
        self, parent: QWidget, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QWidget:
        editable = index.column() == VALUE and index.parent().isValid()
        return super().createEditor(parent, option, index) if editable else None  # type: ignore[return-value]


class Thresholds(QDialog):
    """What is set takes effect at once, and is kept."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Thresholds of diagnoses")
        self._window = window
        self._chosen: dict[str, Any] = dict(sound(window.editor.training.thresholds))
        self.table = QTreeWidget()
        self.table.setColumnCount(4)
        self.table.setHeaderLabels(["Diagnosis", "Threshold", "Usual", "From"])
        self.table.setItemDelegate(_Numbers(self.table))
        self.table.setAccessibleName("Thresholds")
        self.said = QLabel(HOW, wordWrap=True)
        self.reset = QPushButton("Usual numbers for all", autoDefault=False)
        done = QPushButton("Close")
        row, column = QHBoxLayout(), QVBoxLayout(self)
        row.addWidget(self.reset)
        row.addStretch(1)
        row.addWidget(done)
        column.addWidget(self.table, 1)
        column.addWidget(self.said)
        column.addLayout(row)
        self.reset.clicked.connect(self._reset)
        done.clicked.connect(self.accept)
        self._fill()
        self.table.itemChanged.connect(self._take)
        scale = window.application.text_scale
        self.resize(self._wide, round(560 * scale))

    def _fill(self) -> None:
        blocked = self.table.blockSignals(True)
        self.table.clear()
        for diagnosis in DIAGNOSES:
            self.table.addTopLevelItem(self._item(diagnosis))
        self.table.expandAll()
        self.table.header().setSectionResizeMode(SOURCE, QHeaderView.ResizeMode.Stretch)
        for part in (NAME, VALUE, USUAL):
            self.table.resizeColumnToContents(part)
        self.table.blockSignals(blocked)

    @property
    def _wide(self) -> int:
        """Pixels in which all is read, as far as the screen has them."""
        table = self.table
        columns = sum(table.sizeHintForColumn(part) for part in (NAME, VALUE, USUAL, SOURCE))
        around = table.verticalScrollBar().sizeHint().width() + 4 * MARGIN
        return min(columns + around, self._window.screen().availableSize().width() - MARGIN)

    def _item(self, diagnosis: Diagnosis) -> QTreeWidgetItem:
        own = self._chosen.get(diagnosis.name, {})
        item = QTreeWidgetItem([diagnosis.name])
        item.setData(NAME, Qt.ItemDataRole.UserRole, (diagnosis.name, ""))
        item.setToolTip(NAME, diagnosis.about)
        item.setCheckState(NAME, Qt.CheckState.Unchecked if own is None else Qt.CheckState.Checked)
        for name, limit in diagnosis.thresholds.items():
            row = QTreeWidgetItem([limit.says, "", f"{limit.usual:g}", limit.source])
            row.setData(NAME, Qt.ItemDataRole.UserRole, (diagnosis.name, name))
            row.setFlags(row.flags() | Qt.ItemFlag.ItemIsEditable)
            row.setFont(USUAL, mono())
            for part, text in ((NAME, limit.says), (SOURCE, limit.source)):
                row.setToolTip(part, text)
            item.addChild(row)
        self._show_numbers(item, diagnosis.name)
        return item

    def _take(self, item: QTreeWidgetItem, column: int) -> None:
        """A box was ticked, or a number typed."""
        diagnosis, name = item.data(NAME, Qt.ItemDataRole.UserRole)
        before = self._chosen.get(diagnosis)
        if not name:
            own = None if item.checkState(NAME) == Qt.CheckState.Unchecked else self._numbers(item)
        elif column == VALUE:
            own = self._numbers(item.parent() or item)
        else:
            return
        try:
            limits(DIAGNOSES, {diagnosis: own})
            self._say(HOW)
        except GradwireError as error:
            self._say(str(error), "refusal")
            own = before if name else {}
        rest = {each: numbers for each, numbers in self._chosen.items() if each != diagnosis}
        self._keep(rest if own == {} else {**rest, diagnosis: own})
        self._show_numbers(item.parent() or item, diagnosis)

    def _say(self, text: str, kind: str = "") -> None:
        self.said.setText(text)
        set_property(self.said, "kind", kind)

    def _numbers(self, item: QTreeWidgetItem) -> dict[str, Any]:
        """What stands beneath a diagnosis and is not usual; as it was typed where that is no number."""
        usual, found = self._diagnosis(item).thresholds, {}
        for row in _rows(item):
            name, text = row.data(NAME, Qt.ItemDataRole.UserRole)[1], row.text(VALUE)
            try:
                number: Any = calculate(text)
            except GradwireError:
                number = text
            if number != usual[name].usual and text != f"{usual[name].usual:g}":
                found[name] = number
        return found

    def _diagnosis(self, item: QTreeWidgetItem) -> Diagnosis:
        wanted = item.data(NAME, Qt.ItemDataRole.UserRole)[0]
        return next(each for each in DIAGNOSES if each.name == wanted)

    def _show_numbers(self, item: QTreeWidgetItem, name: str) -> None:
        """What is kept by now; numbers that are not usual stand out."""
        blocked = self.table.blockSignals(True)
        own, usual = self._chosen.get(name) or {}, self._diagnosis(item).thresholds
        for row in _rows(item):
            key = row.data(NAME, Qt.ItemDataRole.UserRole)[1]
            font = mono()
            font.setBold(key in own)
            row.setText(VALUE, f"{own.get(key, usual[key].usual):g}")
            row.setFont(VALUE, font)
        self.table.blockSignals(blocked)

    def _reset(self) -> None:
        self._keep({})
        self._say(HOW)
        self._fill()

    def _keep(self, chosen: dict[str, Any]) -> None:
        self._chosen = chosen
        settings = self._window.application.settings
        settings.set(THRESHOLDS, chosen or None)
        for window in self._window.application.windows:
            if window.is_filled:
                window.editor.training.thresholds = chosen


def _rows(item: QTreeWidgetItem) -> Iterator[QTreeWidgetItem]:
    """What stands beneath an item."""
    for at in range(item.childCount()):
        if (row := item.child(at)) is not None:
            yield row
