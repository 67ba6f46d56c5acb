"""The list of the window: search results, palette, problems and history are all drawn and walked by this one.

Rows are asked for one at a time as they come into view, so that 100,000 of them cost as little as a screenful.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QMimeData,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QMouseEvent, QPalette
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QLineEdit, QTableView, QWidget

from ..look.theme import Theme
from .rows import RowPainter
from .unfolding import Unfolding

Index = QModelIndex | QPersistentModelIndex

NO_INDEX = QModelIndex()
ROW = Qt.ItemDataRole.UserRole
_MOVES = {
    Qt.Key.Key_Up: -1,
    Qt.Key.Key_Down: 1,
    Qt.Key.Key_PageUp: 0,
    Qt.Key.Key_PageDown: 0,
}


class Row(NamedTuple):
    """What one line of a list shows."""

    text: str
    detail: str = ""  # after the text, dim
    note: str = ""  # at the right, dim
    mark: str = ""  # a sign before the text: error, warning, nonfinite, here, open, closed
    found: tuple[int, ...] = ()  # which letters of the text the query met
    section: bool = False  # a heading, which keys pass over
    faded: bool = False
    colour: str = ""  # of the bar before the text
    tip: str | Callable[[], str] = ""
    ticked: bool = False  # a tick before the note
    cut: bool = False  # whether the note says something where it stands with its beginning alone


class RowModel(QAbstractListModel):
    """So many rows, each made when it is looked at."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.count = 0
        self.row_at: Callable[[int], Row] = lambda _: Row("")
        self.mime: Callable[[int], QMimeData | None] | None = None

    def show(self, count: int, row_at: Callable[[int], Row]) -> None:
        """Show `count` rows, of which `row_at(i)` makes each."""
        self.beginResetModel()
        self.count, self.row_at = count, row_at
        self.endResetModel()

    def rowCount(self, parent: Index = NO_INDEX) -> int:
        return 0 if parent.isValid() else self.count

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or not 0 <= index.row() < self.count:
            return None
        if role == ROW:
            return self.row_at(index.row())
        if role == Qt.ItemDataRole.DisplayRole:
            return self.row_at(index.row()).text
        if role == Qt.ItemDataRole.ToolTipRole:
            tip = self.row_at(index.row()).tip
            return tip if isinstance(tip, str) else tip()
        if role == Qt.ItemDataRole.AccessibleTextRole:
            row = self.row_at(index.row())
            return ", ".join(part for part in (row.text, row.detail, row.note) if part)
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren
        return flags | Qt.ItemFlag.ItemIsDragEnabled if self.mime else flags

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        made = self.mime(indexes[0].row()) if self.mime and indexes else None
        return made or QMimeData()


class ListView(QTableView):
    """Rows to walk by mouse and keyboard. `chosen(row)` on Enter, and on a click where `by_click`.

    A table of one column: Qt's list view asks the model for every row before it shows one.
    """

    chosen = Signal(int)

    def __init__(
        self,
        theme: Theme,
        parent: QWidget | None = None,
        *,
        by_click: bool = True,
        column: int = 0,
        over_sections: bool = False,
        unfolds: bool = False,
    ) -> None:
        super().__init__(parent)
        self.by_click = by_click
        self.over_sections = over_sections  # whether keys stop at headings too
        self.column = column  # how wide the texts are that details stand beside; 0: as wide as each is
        self.empty = ""  # what is said where there are no rows
        self.rows = RowModel(self)
        self.setModel(self.rows)
        self.painter_of_rows = RowPainter(self)
        self.setItemDelegate(self.painter_of_rows)
        _make_plain(self)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setMouseTracking(True)
        self.clicked.connect(self._click)
        self.unfolding = Unfolding(self) if unfolds else None  # of rows that have room, or have the keyboard
        self.set_theme(theme)

    @property
    def row_height(self) -> int:
        return self.fontMetrics().height() + 9

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self.verticalHeader().setDefaultSectionSize(self.row_height)

    def set_theme(self, theme: Theme) -> None:
        self.theme = theme
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.Base, QColor(theme.panel))
        palette.setColor(QPalette.ColorRole.Text, QColor(theme.text))
        self.setPalette(palette)
        self.viewport().update()

    # What is shown.

    def show_rows(self, count: int, row_at: Callable[[int], Row], current: int | None = None) -> None:
        """Show other rows, with `current` chosen among them (None: the first that is no heading)."""
        bar = self.verticalScrollBar().value()
        self.rows.show(count, row_at)
        if current is None:
            current = next((i for i in range(min(count, 100)) if not row_at(i).section), -1)
            self.scrollToTop()
        else:
            self.verticalScrollBar().setValue(bar)
        self.go_to(current)
        if self.unfolding is not None:
            self.unfolding.refresh()

    @property
    def current(self) -> int:
        """The row that the keyboard is at, -1 where there is none."""
        return self.currentIndex().row()

    def go_to(self, row: int) -> None:
        """Put the keyboard at `row` and bring it into view."""
        if 0 <= row < self.rows.count:
            self.setCurrentIndex(self.rows.index(row))
            self.scrollTo(self.currentIndex())

    def step(self, by: int) -> None:
        """Go `by` rows on, past headings, and stay where there is none."""
        row, way = self.current + by, 1 if by > 0 else -1
        row = min(max(row, 0), self.rows.count - 1)
        while 0 <= row < self.rows.count and self.rows.row_at(row).section and not self.over_sections:
            row += way
        if not 0 <= row < self.rows.count:
            return self.scrollToTop() if way < 0 else None
        self.go_to(row)
        return None

    def page(self) -> int:
        """How many rows fit."""
        return max(self.viewport().height() // self.row_height - 1, 1)

    # Keys and mouse.

    def steer(self, field: QLineEdit) -> None:
        """Let the arrow, page and Enter keys that are typed into `field` walk this list."""
        field.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and isinstance(watched, QLineEdit):
            return self._walk(event)
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        plain = event.key() in (Qt.Key.Key_Home, Qt.Key.Key_End)
        if plain:
            self.step(-self.rows.count if event.key() == Qt.Key.Key_Home else self.rows.count)
        elif not self._walk(event):
            super().keyPressEvent(event)

    def _walk(self, event: QKeyEvent) -> bool:
        """Whether the key was one of those that walk the list."""
        key = event.key()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self.current >= 0:
                self.chosen.emit(self.current)
            return True
        if key not in _MOVES or event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            return False
        page = self.page()
        self.step({Qt.Key.Key_PageUp: -page, Qt.Key.Key_PageDown: page}.get(Qt.Key(key)) or _MOVES[Qt.Key(key)])
        return True

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if self.current < 0 and event.reason() != Qt.FocusReason.MouseFocusReason:
            self.step(1)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self.indexAt(event.position().toPoint()).isValid():
            super().mousePressEvent(event)

    def _click(self, index: QModelIndex) -> None:
        if self.by_click:
            self.chosen.emit(index.row())

    def paintEvent(self, event: Any) -> None:
        super().paintEvent(event)
        if not self.rows.count and self.empty:
            self.painter_of_rows.paint_empty(self.viewport(), self.empty)
        if self.hasFocus():
            self.painter_of_rows.paint_ring(self.viewport())


def _make_plain(view: ListView) -> None:
    """No headings and no grid, all rows of one height, the column as wide as the view."""
    across, down = view.horizontalHeader(), view.verticalHeader()
    for header in (across, down):
        header.hide()
        header.setMinimumSectionSize(1)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
    across.setStretchLastSection(True)
    down.setDefaultSectionSize(view.row_height)
    view.setShowGrid(False)
    view.setTabKeyNavigation(False)
    view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
