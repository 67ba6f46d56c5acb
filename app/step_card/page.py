"""The page of a step: a head with what its op is for, and beneath it cards, plot and ledgers side by side."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ...core.stepping.lifetimes import Memory
from ..look.theme import Theme
from .asking import Asking
from .card import WorkingCard
from .columns import COLUMN, Columns
from .head import Head, Steady
from .ledger import Ledger, PartsTable
from .over_iterations import CourseSection, History
from .plot import CurvePlot
from .reading import Reading
from .room_plot import RoomSection


class StepPage(QWidget):
    """Shows a `Reading`. Widgets are kept from one step to the next, so that nothing flickers or loses the keyboard."""

    node_wanted = Signal(str)
    seeked = Signal(object)  # a Cursor
    iteration_wanted = Signal(int)
    expand_wanted = Signal(str)  # a node is to be shown as the ops of which it is made
    answered = Signal(QWidget)  # what tells what was asked for, and has grown by it

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("page")
        self.theme = theme
        self.reading: Reading | None = None
        self.asking = Asking(self)
        self.head = Head(theme)
        self.head.expand_wanted.connect(self.expand_wanted)
        self.room = RoomSection(theme, self)
        self.room.hide()
        self.room.plot.seeked.connect(self.seeked)
        self.course = CourseSection(theme, self)
        self.course.hide()
        self.course.wanted.connect(self.iteration_wanted)
        self.columns = Columns()
        self._sections: list[QWidget] = []
        self._memory: Memory | None = None
        self.cards: list[WorkingCard] = []
        self.ledgers: list[Ledger] = []
        self.plot = CurvePlot(theme, self)
        self.plot.chosen.connect(self._choose)
        self.given = PartsTable(theme, ("given", "value", "norm"), self)
        self.given.setAccessibleName("values that are given")
        self.given.chosen.connect(self.node_wanted)
        for widget in (self.plot, self.given):
            widget.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 6, 10, 8)
        column.setSpacing(9)
        column.addWidget(Steady(self.head))
        column.addWidget(self.columns)
        column.addStretch(1)

    def show_reading(self, reading: Reading) -> None:
        """Show a step."""
        self.reading = reading
        self.asking.forget()
        self.head.show_reading(reading)
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

    def show_memory(self, memory: Memory | None) -> None:
        """Show what is in use at the moment, None: nothing of it."""
        self._memory = memory
        if memory is not None:
            self.room.show_memory(memory)
        self._show_sections()

    def show_history(self, history: History) -> None:
        """Show how a node went over iterations; of fewer than two there is nothing to show."""
        self.course.show_history(history)
        self._show_sections()

    def _show_sections(self) -> None:
        course = [self.course] if self.course.courses else []
        room = [self.room] if self._memory is not None else []
        self.columns.show_sections([*self._sections, *course, *room])

    def show_stale(self, stale: bool) -> None:
        """Say whether the graph has changed since the step was recorded."""
        self.head.stale.setVisible(stale)

    def _card(self) -> WorkingCard:
        card = WorkingCard(self.theme, self)
        card.node_wanted.connect(self.node_wanted)
        card.check_wanted.connect(lambda: self.asking.check(self.reading, card))
        card.placed.connect(self._show_curve)
        card.result.told.connect(lambda: self.answered.emit(card.result))
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
        self.head.fit(self.width(), self.fontMetrics().height())
