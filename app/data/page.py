"""All of one dataset node: which set, what it is, how it is split, its rows; in as many columns as find room."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from ..editor import Editor
from ..inspecting.parts import Elided, Section, label
from ..inspecting.sheet import small
from ..look.theme import Theme
from .balance import BalanceBars
from .choosing import choose
from .columns import Part, Side
from .fault_line import FaultLine
from .faults import Fault
from .reader import DataReader
from .reading import Look
from .rows import Rows
from .settings import DataSettings, settings_key
from .source_bar import SourceBar

TWO, THREE = 560, 860  # pixels from which on there are so many columns
SIDE, ANY = 290, 16_777_215  # pixels of one with fields; as wide as it may be
ROWS_HIGH = 300  # of the rows beneath everything else
TAB = Qt.FocusPolicy.TabFocus
READING = "is being read …"


class DataPage(QWidget):
    """Made for one node; `refresh` shows it as it is now, and reads its set where that is another."""

    def __init__(self, editor: Editor, theme: Theme, id: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.editor, self.theme, self.id = editor, theme, id
        self.look = Look(whole=False)
        self._asked: object = None  # parameters and folder
        self._source: object = None
        self._columns = 0
        self.settings: DataSettings | None = None
        self.reader = DataReader(self)
        self.reader.found.connect(self._show)
        self.reader.failed.connect(lambda line: self._show(Look(self.look.title, faults=(Fault(line),))))
        editor.checking.on_disk.changed.connect(self._follow_disk)
        self._make()
        self.refresh()

    def _make(self) -> None:
        self.name = Elided(rows=2)
        self.name.setFont(small(bold=True))
        self.bar = SourceBar()
        self.bar.chosen.connect(lambda name: _choose(self, name))
        self.bar.refused.connect(self._refuse)
        self.refused = label("", "error", None, wrap=True)
        self.refused.hide()
        self.about = label("", "dim", small(), wrap=True)
        self.faults = FaultLine()
        self.bars = BalanceBars(self.theme)
        self.balance = Section("Class balance").add(self.bars)
        self.rows = Rows(self.theme)
        self.faults.chosen.connect(self.rows.go_to)
        self.rows.target_chosen.connect(self._choose_target)
        self.head, self.facts = Part(self.name, self.bar, self.refused), Part(self.faults, self.about)
        self.fields = Part()
        self.sides = Side(), Side()
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(0, 0, 0, 0)
        self.row.setSpacing(0)
        for side in self.sides:
            self.row.addWidget(side)

    # Its columns.

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange(1 + (self.width() >= TWO) + (self.width() >= THREE))

    def _arrange(self, columns: int) -> None:
        if columns == self._columns:
            return
        self._columns = columns
        first: list[QWidget] = [self.head, self.facts, self.fields, self.balance]
        second: list[QWidget] = []
        if columns == 3:
            first, second = [self.head, self.fields], [self.facts, self.balance]
        elif columns == 1:
            first.append(self.rows)
        for side, parts in zip(self.sides, (first, second), strict=True):
            for part in parts:
                side.part.column.addWidget(part)
            side.setVisible(bool(parts))
            side.setMinimumWidth(SIDE if columns > 1 else 0)
            side.setMaximumWidth(SIDE if columns > 1 else ANY)
        if columns > 1:
            self.row.addWidget(self.rows, 1)
        self.rows.shown.setMinimumHeight(ROWS_HIGH if columns == 1 else 0)
        self.rows.show()
        order_keys((self.head, self.fields, self.facts, self.rows))

    # What is shown.

    def refresh(self) -> None:
        """Show the node as it is now."""
        editor = self.editor
        node, folder = editor.graph.nodes[self.id], editor.session.folder
        self.bar.folder = folder
        if self.settings is None or self.settings.key != settings_key(editor, self.id):
            self._make_settings()
        else:
            self.settings.refresh()
        self._show_name()
        if (node.params, folder) == self._asked:
            return
        self._asked = node.params, folder
        self.refused.hide()
        source = node.params.get("source", "digits")
        if other := (source, folder) != self._source:
            self._source = source, folder
            self._show(Look(f"{source} {READING}", whole=False))
        self.reader.read(node.params, folder, editor.graph, other)

    def forget(self) -> None:
        """Stop reading, and look at the file anew with the next refresh: it may have changed."""
        self.reader.stop()
        self._asked = None

    def _follow_disk(self) -> None:
        """Read the set anew where it is shown: there may be another on the disk by now."""
        if self._asked is not None and self.id in self.editor.graph.nodes:
            self.forget()
            self.refresh()

    def _make_settings(self) -> None:
        held = self.settings
        self.settings = DataSettings(self.editor, self.theme, self.id)
        if self.look.columns:
            self.settings.offer_columns(self.look.columns)
        self.fields.column.addWidget(self.settings)
        order_keys((self.head, self.fields, self.facts, self.rows))
        if held is not None:
            self.settings.take_focus(held)
            held.hide()
            held.deleteLater()

    def _show(self, look: Look | None) -> None:
        """Show what was found; of a part of it what is known already, and of another set nothing of the old one."""
        if look is None or self.id not in self.editor.graph.nodes:
            return
        self.look = look
        self._show_name()
        self.about.setText(look.about)
        self.about.setVisible(bool(look.about))
        self.faults.show_faults(look.faults)
        self.bars.show_balance(look.balance)
        self.balance.setVisible(look.balance is not None)
        if look.balance is not None:
            self.balance.caption.show_text(look.balance.about.upper())
        if look.columns and self.settings is not None:
            self.settings.offer_columns(look.columns)
        self.rows.show_look(look)
        if look.faults:
            self.rows.go_to(self.faults.faults[self.faults.number])

    def _show_name(self) -> None:
        path = self.editor.graph.path(self.id)
        self.name.show_text(f"{path}: {self.look.title}" if self.look.title else path)

    def _refuse(self, line: str) -> None:
        self.refused.setText(line)
        self.refused.show()
        self.editor.told.emit(line, "refusal")

    def _choose_target(self, number: int) -> None:
        if self.settings is not None:
            self.settings.choose_target(self.look.columns, number)


def _choose(page: DataPage, name: str) -> None:
    """Read this set; where it is the same again, the user says that it has changed."""
    if name == page.editor.graph.nodes[page.id].params.get("source", "digits"):
        page.editor.checking.on_disk.tell()
    else:
        choose(page.editor, page.id, name)


def order_keys(parts: Iterable[QWidget]) -> None:
    """Let Tab go through these as they stand there: what is made anew would else come last."""
    found = [each for part in parts for each in part.findChildren(QWidget) if each.focusPolicy() & TAB]
    widgets = [each for each in found if each.window() is found[0].window()]  # no menu, and no list of a choice
    for one, following in pairwise(widgets):
        QWidget.setTabOrder(one, following)
