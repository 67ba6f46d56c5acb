"""The page of a step: a head with what its op is for, and beneath it cards, plot and ledgers side by side."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QPushButton, QVBoxLayout, QWidget

from ...core.stepping.lifetimes import Memory
from ..inspecting.parts import Elided, label
from ..inspecting.sheet import small
from ..look.theme import Theme
from .asking import Asking
from .card import WorkingCard
from .columns import COLUMN, Columns
from .ledger import Ledger, PartsTable
from .plot import CurvePlot
from .reading import Reading
from .room_plot import RoomSection
from .typesetting import Formula

BESIDE = 2.0  # columns from which on the formula stands beside the words


class StepPage(QWidget):
    """Shows a `Reading`. Widgets are kept from one step to the next, so that nothing flickers or loses the keyboard."""

    node_wanted = Signal(str)
    seeked = Signal(object)  # a Cursor
    expand_wanted = Signal(str)  # a node is to be shown as the ops of which it is made

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("page")
        self.theme = theme
        self.reading: Reading | None = None
        self.asking = Asking(self)
        self.title = Elided()
        self.title.setFont(small(bold=True))
        self.stale = label("⟳ stale", "warning", small())
        self.stale.setToolTip("Recorded in another graph, or with other values, than are there now")
        self.role = label("", "dim", small(), wrap=True)
        self.formula = Formula(theme)
        self.expand = QPushButton("Expand to see its parts")
        self.expand.setProperty("role", "way")
        self.expand.setFont(small())
        self.expand.setToolTip("Show the ops of which it is made in its place, and step through them")
        self.expand.clicked.connect(self._expand)
        self._head = self._make_head()
        self.room = RoomSection(theme, self)
        self.room.hide()
        self.room.plot.seeked.connect(self.seeked)
        self.columns = Columns()
        self._sections: list[QWidget] = []
        self._memory: Memory | None = None
        self.cards: list[WorkingCard] = []
        self.ledgers: list[Ledger] = []
        self.plot = CurvePlot(theme, self)
        self.plot.chosen.connect(self._choose)
        self.given = PartsTable(theme, ("given", "value", "norm"))
        self.given.setAccessibleName("values that are given")
        self.given.chosen.connect(self.node_wanted)
        for widget in (self.plot, self.given):
            widget.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 6, 10, 8)
        column.setSpacing(9)
        column.addLayout(self._head)
        column.addWidget(self.columns)
        column.addStretch(1)

    def _make_head(self) -> QBoxLayout:
        words = QVBoxLayout()
        words.setSpacing(2)
        first = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        first.addWidget(self.title, 1)
        first.addWidget(self.stale)
        words.addLayout(first)
        words.addWidget(self.role)
        words.addWidget(self.expand, 0, Qt.AlignmentFlag.AlignLeft)
        made = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        made.setSpacing(12)
        made.addLayout(words, 1)
        made.addWidget(self.formula, 0, Qt.AlignmentFlag.AlignVCenter)
        return made

    def show_reading(self, reading: Reading) -> None:
        """Show a step."""
        self.reading = reading
        self.asking.forget()
        self.title.show_text(reading.title)
        self.role.setText(reading.role)
        self.formula.show_formula(reading.formula)
        self.expand.setVisible(reading.composite)
        while len(self.cards) < len(reading.workings):
            self.cards.append(self._card())
        while len(self.ledgers) < len(reading.accounts):
            self.ledgers.append(self._ledger())
        cards, ledgers = self.cards[: len(reading.workings)], self.ledgers[: len(reading.accounts)]
        plot = [self.plot] if reading.curve is not None and cards else []
        given = [self.given] if reading.given else []
        for card, working in zip(cards, reading.workings, strict=True):
            card.show_working(working)
        for ledger, account in zip(ledgers, reading.accounts, strict=True):
            ledger.show_account(account)
        if given:
            self.given.show_rows(reading.given, None)
        self._show_curve()
        self._sections = [*plot, *cards, *ledgers, *given]
        self._show_sections()

    def _expand(self) -> None:
        if self.reading is not None and self.reading.node is not None:
            self.expand_wanted.emit(self.reading.node)

    def show_memory(self, memory: Memory | None) -> None:
        """Show what is in use at the moment, None: nothing of it."""
        self._memory = memory
        if memory is not None:
            self.room.show_memory(memory)
        self._show_sections()

    def _show_sections(self) -> None:
        room = [self.room] if self._memory is not None else []
        self.columns.show_sections([*self._sections, *room])

    def show_stale(self, stale: bool) -> None:
        """Say whether the graph has changed since the step was recorded."""
        self.stale.setVisible(stale)

    def _card(self) -> WorkingCard:
        card = WorkingCard(self.theme, self)
        card.node_wanted.connect(self.node_wanted)
        card.check_wanted.connect(lambda: self.asking.check(self.reading, card))
        card.placed.connect(self._show_curve)
        return card

    def _ledger(self) -> Ledger:
        ledger = Ledger(self.theme, self)
        ledger.node_wanted.connect(self.node_wanted)
        ledger.way_wanted.connect(lambda way: self.asking.split(self.reading, ledger, way))
        return ledger

    def _show_curve(self) -> None:
        reading = self.reading
        if reading is None or reading.curve is None or not reading.workings:
            return
        working = reading.workings[0]
        self.plot.show_curve(reading.curve, self.cards[0].flat, working.slope if working.stage > 0 else None)

    def _choose(self, flat: int) -> None:
        """Tell the element whose dot was pointed at: the argument of an element-wise op is shaped as its result."""
        card = self.cards[0]
        if card.working is not None:
            shape = card.working.array.shape
            card.place(tuple(int(i) for i in np.unravel_index(flat, shape)))

    def minimumSizeHint(self) -> QSize:
        """As narrow as need be; the height follows from the width, and else there would be room for narrower text."""
        return QSize(COLUMN * self.fontMetrics().height() // 2, 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        beside = self.width() > BESIDE * COLUMN * self.fontMetrics().height()
        ways = QBoxLayout.Direction
        self._head.setDirection(ways.LeftToRight if beside else ways.TopToBottom)
