"""The head of the page of a step: its name, what its op is for, and the formula beside the words or beneath them."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QLayout, QPushButton, QVBoxLayout, QWidget

from ..inspecting.parts import Elided, label
from ..inspecting.sheet import small
from ..look.theme import Theme
from .columns import COLUMN
from .names import by_tab
from .reading import Reading
from .typesetting import Formula

SCROLL_BAR = 24  # logical pixels that it takes at most: that one comes or goes is no other width
BESIDE = 2.0  # columns from which on the formula stands beside the words


class Steady(QWidget):
    """As high as what is in it has been at this width: what stands beneath moves down at times, never up and down."""

    def __init__(self, content: QLayout) -> None:
        super().__init__()
        self._wide = 0  # of which the height is
        content.setContentsMargins(0, 0, 0, 0)
        self.setLayout(content)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if abs(self.width() - self._wide) > SCROLL_BAR:
            self._wide = self.width()
            self.setMinimumHeight(0)
        else:
            self.setMinimumHeight(max(self.minimumHeight(), self.height()))


class Head(QBoxLayout):
    """Shows what a `Reading` says of its step as a whole."""

    expand_wanted = Signal(str)  # a node is to be shown as the ops of which it is made

    def __init__(self, theme: Theme) -> None:
        super().__init__(QBoxLayout.Direction.LeftToRight)
        self._node: str | None = None
        self.title = Elided()
        self.title.setFont(small(bold=True))
        self.stale = label("⟳ stale", "warning", small())
        self.stale.setToolTip("Recorded in another graph, with other values or for other roots, than are there now")
        self.role = label("", "dim", small(), wrap=True)
        self.formula = Formula(theme)
        self.expand = by_tab(QPushButton("Expand to see its parts"))
        self.expand.setProperty("role", "way")
        self.expand.setFont(small())
        self.expand.setToolTip("Show the ops of which it is made in its place, and step through them")
        self.expand.clicked.connect(self._expand)
        self.whole = label("", "dim", small(), wrap=True)
        words = QVBoxLayout()
        words.setSpacing(2)
        first = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        first.addWidget(self.title, 1)
        first.addWidget(self.stale)
        words.addLayout(first)
        words.addWidget(self.role)
        words.addWidget(self.whole)
        words.addWidget(self.expand, 0, Qt.AlignmentFlag.AlignLeft)
        self.setSpacing(12)
        self.addLayout(words, 1)
        self.addWidget(self.formula, 0, Qt.AlignmentFlag.AlignVCenter)

    def show_reading(self, reading: Reading) -> None:
        """Show a step."""
        self._node = reading.node
        self.title.show_text(reading.title)
        self.role.setText(reading.role)
        self.formula.show_formula(reading.formula)
        self.expand.setVisible(reading.composite)
        self.whole.setText(reading.whole)
        self.whole.setVisible(bool(reading.whole))

    def fit(self, width: int, line: int) -> None:
        """Lay it out for a page so many pixels wide; its lines are so many high."""
        beside = width > BESIDE * COLUMN * line
        self.setDirection(self.Direction.LeftToRight if beside else self.Direction.TopToBottom)

    def _expand(self) -> None:
        if self._node is not None:
            self.expand_wanted.emit(self._node)
