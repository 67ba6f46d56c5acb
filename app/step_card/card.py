"""One array of a step and how it is made: rule, numbers of one element, picture, sentences, and a check."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from ..inspecting.parts import label
from ..inspecting.sheet import small
from ..look.fonts import mono
from ..look.theme import Theme
from .element_section import ElementSection
from .elements import Index
from .going_through import Ways
from .names import NodeButton, PlaceField, by_tab
from .picture import Picture
from .verdict import CheckResult
from .working import Working

TEXT = 10.5  # lines of text that the words are wide at least, where the picture stands beside them
SINGLE = 1.15  # times as large as other text the numbers of a working are that is of numbers only
LARGE = 1.7  # times as large a picture is where there is room


class WorkingCard(QWidget):
    """Shows one `Working`. The element that is told stays while the same array is shown."""

    node_wanted = Signal(str)
    check_wanted = Signal()
    placed = Signal()  # another element is told

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.working: Working | None = None
        self.index: Index = ()
        self.title, self.field, self.check = NodeButton(), PlaceField(), by_tab(QPushButton("Check"))
        self.title.clicked.connect(self._show_node)
        self.field.placed.connect(self.place)
        self.check.setFont(small())
        self.check.setToolTip("Hold this against a difference quotient of the op, in float64")
        self.check.clicked.connect(self.check_wanted)
        head = QHBoxLayout()
        head.setSpacing(5)
        head.addWidget(self.title, 1)
        head.addWidget(self.field)
        head.addWidget(self.check)
        self.rule, self.numbers = (label("", None, mono(0.92), wrap=True) for _ in range(2))
        self.says = label("", "dim", small(), wrap=True)
        self.picture, self.result = Picture(theme), CheckResult(theme)
        self.picture.chosen.connect(self.place)
        self.element = ElementSection(theme)
        self.element.chosen.connect(self.place)
        self.ways = Ways()
        self.ways.chosen.connect(self._spread)
        self._lay_out(head)

    def _lay_out(self, head: QHBoxLayout) -> None:
        self._texts, self._pictured = QVBoxLayout(), QVBoxLayout()
        for words in (self.rule, self.numbers, self.says, self.result):
            self._texts.addWidget(words)
        for widget in (self.picture, self.ways):
            self._pictured.addWidget(widget)
        for part in (self._texts, self._pictured):
            part.setSpacing(4)
            part.addStretch(1)
        self._body = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._body.setSpacing(12)
        self._body.addLayout(self._pictured)
        self._body.addWidget(self.element)
        self._body.addLayout(self._texts, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(head)
        column.addLayout(self._body)

    def show_working(self, working: Working) -> None:
        """Show how another array is made, or the same one at another moment."""
        before = self.working
        same = before is not None and (before.title, before.array.shape) == (working.title, working.array.shape)
        self.index = self.index if same and before is not None and before.rule == working.rule else working.largest
        self.working = working
        self.title.show_text(working.title)
        self.title.setEnabled(working.node is not None)
        self.rule.setText(working.rule if working.stage > 0 else "waits for its turn")
        self.says.setText("\n".join(working.says))
        self.says.setVisible(bool(working.says) and working.stage > 1)
        self.check.setVisible(working.delivery is not None and working.array.size > 0 and working.stage > 1)
        self._tell()

    def place(self, index: Index) -> None:
        """Tell another element."""
        self.index = index
        self._tell()
        self.placed.emit()

    @property
    def flat(self) -> int:
        """The chosen element, counted through."""
        shape = () if self.working is None else self.working.array.shape
        return int(np.ravel_multi_index(self.index, shape)) if shape else 0

    def _tell(self) -> None:
        working = self.working
        assert working is not None
        self.result.clear()
        self.field.show_place(working.array.shape, self.index, working.title.removeprefix("to "))
        lines = working.told(self.index) if working.array.size else ["no elements"]
        self.numbers.setText("\n".join(lines))
        for told in (self.rule, self.numbers):
            told.setFont(mono(SINGLE if working.array.size == 1 and not working.picture else 0.92))
        self.numbers.setVisible(bool(lines))
        self.rule.setVisible(bool(working.rule))
        self.picture.show_working(working, self.index)
        self.element.show_element(working, self.index)
        several = working.picture if self.picture.isVisibleTo(self) else ()
        self.ways.show_terms(several, self.picture.way, self.element.axes)
        place, at = (self._texts, 2) if self.element.isHidden() else (self._pictured, 0)
        if place.indexOf(self.says) < 0:  # beneath the pictures of one element, else with the other words
            place.insertWidget(at, self.says)
        self._arrange()

    def _spread(self, way: str) -> None:
        """Draw planes along other axes."""
        self.picture.lay_out(way)
        self._tell()

    def _show_node(self) -> None:
        if self.working is not None and self.working.node is not None:
            self.node_wanted.emit(self.working.node)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        """The picture stands beside the words where there is room for both, and is larger where there is more."""
        ways, text = QBoxLayout.Direction, TEXT * self.fontMetrics().height()
        room = self.width() - text - self._body.spacing()
        drawn = [self.picture.needed(1.0)] if self.picture.isVisibleTo(self) else []
        drawn += [] if self.element.isHidden() else [self.element.sizeHint().width()]
        beside = sum(drawn) + self._body.spacing() * (len(drawn) - 1) <= room
        self._body.setDirection(ways.LeftToRight if beside else ways.BottomToTop)
        self.picture.enlarge(LARGE if self.picture.needed(LARGE) <= room - text / 2 else 1.0)
