"""The frame of every plot: its title, what it shows of itself at the right, "?" and a menu, and the plot beneath."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QAction, QColor, QFont, QFontMetricsF, QPainter
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMenu, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from ..inspecting.how_to_read import HowToRead
from ..inspecting.parts import Elided
from ..inspecting.sheet import small
from ..look.theme import Theme
from .legend import SWATCH, Entry, draw_swatch

Array = np.ndarray[Any, Any]
SUFFIXES = (".png", ".svg", ".csv", ".json")


class Sheet(NamedTuple):
    """Columns of one length, by name, of one part of a plot."""

    name: str
    columns: dict[str, Array]


class Card(QFrame):
    """A plot in its frame. What is special comes in by `body`, `aside` and the functions."""

    export_wanted = Signal(object, str)  # this card, and the suffix of the file

    def __init__(
        self, theme: Theme, title: str, explain: Callable[[], tuple[str, ...]], parent: QWidget | None
    ) -> None:
        super().__init__(parent)
        self.theme, self.title = theme, title
        self.setObjectName("plot")
        self.name = QLabel(title)
        self.name.setFont(small(bold=True))
        self.name.setTextFormat(Qt.TextFormat.PlainText)
        self.head = Elided(parent=self)
        self.head.setObjectName("head")
        self.head.setFont(small())
        self.help = HowToRead(theme, explain, self)
        self.options = QToolButton()
        self.options.setText("⋯")
        self.options.setAccessibleName(f"Options of {title}")
        self.options.setToolTip("Options and export")
        self.options.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.menu = QMenu(self.options)
        self.options.setMenu(self.menu)
        self._head = QHBoxLayout()
        self._head.setContentsMargins(10, 4, 6, 0)
        self._head.setSpacing(6)
        for part in (self.name, self.help, self.options):
            self._head.addWidget(part)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(1, 1, 1, 1)
        self.column.setSpacing(0)
        self.column.addLayout(self._head)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(title)
        self._restyle()

    def put(self, body: QWidget, aside: QWidget | None = None) -> None:
        """What stands beneath the title, and what stands beside it: where nothing is given, what `put_head` says."""
        self.column.addWidget(body, 1)
        self._head.insertWidget(1, aside or self.head, 1)
        self.head.setVisible(aside is None)

    def put_head(self, text: str) -> None:
        """Say something beside the title, and behind it on an exported picture."""
        self.head.show_text(text)

    def add_exports(self) -> None:
        """Offer the formats at the end of the menu."""
        self.menu.addSeparator()
        for suffix in SUFFIXES:
            action = QAction(f"Export {suffix[1:].upper()}…", self.menu)
            action.triggered.connect(lambda _=False, suffix=suffix: self.export_wanted.emit(self, suffix))
            self.menu.addAction(action)

    def offer(self, text: str, act: Callable[[bool], object], checkable: bool = False) -> QAction:
        """One more line of the menu."""
        action = QAction(text, self.menu)
        action.setCheckable(checkable)
        action.triggered.connect(act)
        self.menu.addAction(action)
        return action

    def set_theme(self, theme: Theme) -> None:
        """Show it in other colours."""
        self.theme = self.help.theme = theme
        self._restyle()

    def _restyle(self) -> None:
        theme = self.theme
        self.setStyleSheet(
            f"QFrame#plot {{ background: {theme.background}; border: 1px solid {theme.line}; border-radius: 5px; }}"
            "QToolButton::menu-indicator { image: none; width: 0; }"
            f"QLabel#head {{ color: {theme.text}; background: transparent; }}"
        )
        self.name.setStyleSheet(f"color: {theme.dim}; background: transparent;")

    @property
    def told_title(self) -> str:
        """The title as it stands on an exported picture."""
        return f"{self.title} · {self.head.whole()}" if self.head.whole() else self.title

    def entries(self) -> Iterable[Entry]:
        """What an exported picture names beside its title."""
        return ()

    def sheets(self) -> tuple[Sheet, ...]:
        """The numbers, as they are exported."""
        raise NotImplementedError(f"{type(self).__name__} has no numbers")

    def draw_body(self, painter: QPainter, place: QRectF) -> None:
        """What stands beneath the title, into another picture."""
        raise NotImplementedError(f"{type(self).__name__} has no picture")

    def draw(self, painter: QPainter, place: QRectF) -> None:
        """The whole plot without its buttons."""
        painter.fillRect(place, QColor(self.theme.background))
        font = small(bold=True)
        high = QFontMetricsF(font).height()
        painter.setFont(font)
        painter.setPen(QColor(self.theme.dim))
        top = place.top() + 6
        painter.drawText(QPointF(place.left() + 10, top + QFontMetricsF(font).ascent()), self.told_title)
        top = self._draw_entries(painter, place, QFontMetricsF(font).horizontalAdvance(self.told_title), top)
        painter.setFont(QFont(small()))
        self.draw_body(painter, QRectF(place.left(), top + high + 2, place.width(), place.bottom() - top - high - 2))

    def _draw_entries(self, painter: QPainter, place: QRectF, after: float, top: float) -> float:
        """The legend from the right of the title on, in as many lines as it takes; the top of the last."""
        font = small()
        metrics = QFontMetricsF(font)
        painter.setFont(font)
        at = place.left() + 10 + after + 16
        for entry in self.entries():
            wide = SWATCH + 2 + metrics.horizontalAdvance(entry.name) + 12
            if at + wide > place.right() and at > place.left() + 10:
                at, top = place.left() + 10, top + metrics.height() + 2
            draw_swatch(painter, QPointF(at, top + metrics.height() / 2), entry.colour, entry.dashes)
            painter.setPen(QColor(self.theme.text))
            painter.drawText(QPointF(at + SWATCH + 2, top + metrics.ascent()), entry.name)
            at += wide
        return top
