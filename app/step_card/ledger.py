"""The parts of one gradient as a table: what each is, its share, their sum, and how they agree."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QKeyEvent, QPainter, QPixmap, QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QButtonGroup,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ..inspecting.parts import label
from ..inspecting.sheet import small
from ..look.fonts import mono
from ..look.numbers import percent, short
from ..look.theme import Theme
from .accounts import WAYS, Account, Row
from .elements import Array
from .maps import image_of
from .names import AROUND, NodeButton, by_tab, told_apart

_FIXED = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
SHARE = int(Qt.ItemDataRole.UserRole)
APART = SHARE + 1  # what of a name is not that of all
MAP = QSize(40, 14)  # of the picture of a part, in pixels


class PartsTable(QTableWidget):
    """Rows of parts. `chosen(node id)` by a click or Return."""

    chosen = Signal(str)

    def __init__(self, theme: Theme, heads: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(0, len(heads), parent)
        self.theme = theme
        self._nodes: list[str | None] = []
        for column, head in enumerate(heads):
            item = QTableWidgetItem(head)
            item.setFont(small())
            self.setHorizontalHeaderItem(column, item)
        self.setFont(mono(0.88))
        self.setIconSize(MAP)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
        self.setSelectionMode(QTableWidget.SelectionMode.SingleSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setItemDelegateForColumn(0, WayText(self))
        self.setItemDelegateForColumn(len(heads) - 1, ShareBar(theme, self))
        self.verticalHeader().hide()
        header = self.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setHighlightSections(False)
        self.cellClicked.connect(lambda row, _: self._choose(row))

    def show_rows(self, rows: Sequence[Row], sum_row: Row | None, waiting: str = "") -> None:
        """Fill the table; its last row is the sum, or what is waited for."""
        last = [sum_row] if sum_row is not None else []
        self._nodes = [row.node for row in (*rows, *last)] + [None] * bool(waiting)
        self.clearSelection()
        self.setRowCount(len(self._nodes))
        numbers = all(row.value is None or row.value.size == 1 for row in rows)
        self.setColumnHidden(2, numbers)
        apart = told_apart([row.name for row in rows]) + [row.name for row in last]
        for i, row in enumerate((*rows, *last)):
            self._put(i, row, apart[i], bold=i >= len(rows))
        if waiting:
            for column, text in enumerate((waiting, "", "", "")[: self.columnCount()]):
                item = QTableWidgetItem(text)
                item.setFlags(_FIXED)
                self.setItem(len(self._nodes) - 1, column, item)
        high = self.fontMetrics().height() + 6
        self.verticalHeader().setDefaultSectionSize(high)
        self.setFixedHeight(high * len(self._nodes) + self.horizontalHeader().sizeHint().height() + 4)

    def _put(self, at: int, row: Row, apart: str, bold: bool) -> None:
        value = row.value
        single = value is not None and value.size == 1
        number = "none" if value is None else short(value.reshape(-1)[0]) if single else ""
        share = "" if np.isnan(row.share) else percent(row.share)
        norm = "" if np.isnan(row.norm) and value is None else short(row.norm)
        for column, text in enumerate((row.name, number, norm, share)[: self.columnCount()]):
            item = QTableWidgetItem(text)
            item.setFlags(_FIXED)
            item.setToolTip(row.name if column == 0 else text)
            item.setData(APART, apart if column == 0 else None)
            if bold:
                font = self.font()
                font.setBold(True)
                item.setFont(font)
            if column == 1 and row.plane is not None and value is not None:
                item.setIcon(QIcon(self._map(row.plane)))
                item.setData(Qt.ItemDataRole.AccessibleTextRole, f"map of {value.shape}, norm {norm}")
            if column == 3:
                item.setData(SHARE, row.share)
            self.setItem(at, column, item)

    def _map(self, plane: Array) -> QPixmap:
        density = self.devicePixelRatioF()
        image = image_of(plane, self.theme.name == "dark")
        return QPixmap.fromImage(image.scaled(round(MAP.width() * density), round(MAP.height() * density)))

    def _choose(self, row: int) -> None:
        node = self._nodes[row] if 0 <= row < len(self._nodes) else None
        if node is not None:
            self.chosen.emit(node)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._choose(self.currentRow())
        else:
            super().keyPressEvent(event)


class WayText(QStyledItemDelegate):
    """A name; of one that is too long for its column what tells it from the others."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        super().initStyleOption(option, index)
        room = option.rect.width() - 2 * AROUND
        if (apart := index.data(APART)) and option.fontMetrics.horizontalAdvance(option.text) > room:
            option.text = apart


class ShareBar(QStyledItemDelegate):
    """A share as a bar behind its number: blue for what adds to the sum, orange for what opposes it."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.theme = theme

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        share = index.data(SHARE)
        if share is not None and np.isfinite(share):
            colour = QColor(self.theme.accent if share >= 0 else self.theme.warning)
            colour.setAlphaF(0.35)
            box = QRectF(option.rect).adjusted(1, 3, -1, -3)
            box.setWidth(box.width() * min(abs(share), 1.0))
            painter.fillRect(box, colour)
        super().paint(painter, option, index)


class Ledger(QWidget):
    """What one gradient is made of, told by port, or by sample, term or path when asked for."""

    node_wanted = Signal(str)
    way_wanted = Signal(str)  # "by port": what was asked for before is not wanted any more

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.account: Account | None = None  # by port
        self.way = WAYS[0]
        self.title = NodeButton()
        self.title.clicked.connect(self._show_node)
        self.buttons = QButtonGroup(self)
        self._head, row = QBoxLayout(QBoxLayout.Direction.LeftToRight), QHBoxLayout()
        for layout in (self._head, row):
            layout.setSpacing(3)
        self._head.addWidget(self.title, 1)
        self._head.addLayout(row)
        for way in WAYS:
            button = by_tab(QPushButton(way.removeprefix("by ")))
            button.setProperty("role", "way")
            button.setFont(small())
            button.setCheckable(True)
            button.clicked.connect(lambda _, way=way: self.choose(way))
            self.buttons.addButton(button)
            row.addWidget(button)
        self.table = PartsTable(theme, ("through", "∂", "norm", "share"))
        self.table.chosen.connect(self.node_wanted)
        self.notes = label("", "dim", small(), wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(self._head)
        column.addWidget(self.table)
        column.addWidget(self.notes)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Put the ways beneath the title where it has no room beside them."""
        ways = sum(button.sizeHint().width() + self._head.spacing() for button in self.buttons.buttons())
        beside = self.title.needed + ways <= self.width()
        way = QBoxLayout.Direction.LeftToRight if beside else QBoxLayout.Direction.TopToBottom
        if way != self._head.direction():
            self._head.setDirection(way)

    def show_account(self, account: Account) -> None:
        """Show what has arrived by now, by port; another way stays chosen while the gradient is that of one value."""
        same = self.account is not None and self.account.source == account.source and account.total is not None
        self.account = account
        whole = account.total is not None
        for button in self.buttons.buttons():
            way = f"by {button.text()}"
            button.setAccessibleName(f"gradient of {account.title} {way}")
            button.setEnabled(whole)
            button.setToolTip(f"Tell the gradient {way}" if whole else "When all parts have arrived")
        self._put(account)
        self.choose(self.way if same else WAYS[0])

    def choose(self, way: str) -> None:
        """Tell the gradient in this way; before all parts have arrived, by port only."""
        if self.account is None or self.account.total is None:
            way = WAYS[0]
        self.way = way
        for button in self.buttons.buttons():
            button.setChecked(way == f"by {button.text()}")
        if self.account is not None and way == WAYS[0]:
            self._put(self.account)
        else:
            self.notes.setText("splitting …")
            self.notes.show()
        self.way_wanted.emit(way)

    def _show_node(self) -> None:
        if self.account is not None:
            self.node_wanted.emit(self.account.source.node)

    def show_split(self, account: Account) -> None:
        """Show what was asked for by `way_wanted`."""
        self._put(account)

    def show_refusal(self, text: str) -> None:
        """Why the gradient cannot be told that way; the table is empty but for the sum."""
        if self.account is not None:
            self._put(self.account._replace(rows=(), notes=(text,)))

    def _put(self, account: Account) -> None:
        arrived = len(account.rows)
        waits = account.total is None
        self.title.show_text(f"gradient of {account.title}")
        self._fit()
        self.table.setAccessibleName(f"parts of the gradient of {account.title}, {self.way}")
        self.table.show_rows(account.rows, account.total, f"Σ waits: {arrived} of {account.expected}" if waits else "")
        self.notes.setText(" · ".join(account.notes))
        self.notes.setVisible(bool(account.notes))
