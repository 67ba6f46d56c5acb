"""Plots side by side, in as many columns as there is room for."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QScrollArea, QWidget

from ..look.fonts import shown_scale
from .card import Card

WIDE, HIGH = 290, 190  # pixels that a plot has at least, at a text scale of 1
MARGIN = 8
WHOLE = 10_000  # one beneath the other


class CardGrid(QScrollArea):
    """What has no room beneath is scrolled to."""

    def __init__(self, wide: int = WIDE, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._wide = wide
        self.cards: list[Card] = []
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # Tab leads to what is in it
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inside = QWidget()
        self._grid = QGridLayout(inside)
        self._grid.setSpacing(8)
        self.setWidget(inside)

    def add(self, card: Card, place: int | None = None) -> None:
        """One more plot, at this place among the others, else behind them."""
        self.cards.insert(len(self.cards) if place is None else place, card)
        self._arrange()

    def clear(self) -> None:
        """No plot any more."""
        for card in self.cards:
            self._grid.removeWidget(card)
            card.close()
            card.deleteLater()
        self.cards = []

    def _arrange(self) -> None:
        bar = self.verticalScrollBar()
        spare = 0 if bar.isVisible() else bar.sizeHint().width()  # plots are as wide without it
        self._grid.setContentsMargins(MARGIN, MARGIN, MARGIN + spare, MARGIN)
        scale = max(shown_scale(), 1.0)
        wide = round(self._wide * scale)
        columns = max(1, min((self.viewport().width() - spare) // wide, len(self.cards)))
        for number, card in enumerate(self.cards):
            card.setMinimumHeight(max(card.minimumSizeHint().height(), round(HIGH * scale)))
            self._grid.addWidget(card, number // columns, number % columns)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._arrange()
