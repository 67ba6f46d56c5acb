"""Plots side by side, in as many columns as there is room for."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QScrollArea, QWidget

from .card import Card

WIDE, HIGH = 330, 190  # pixels that a plot has at least
WHOLE = 10_000  # one beneath the other


class CardGrid(QScrollArea):
    """What has no room beneath is scrolled to."""

    def __init__(self, wide: int = WIDE, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._wide = wide
        self.cards: list[Card] = []
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inside = QWidget()
        self._grid = QGridLayout(inside)
        self._grid.setContentsMargins(8, 8, 8, 8)
        self._grid.setSpacing(8)
        self.setWidget(inside)

    def add(self, card: Card) -> None:
        """One more plot, behind the others."""
        card.setMinimumHeight(max(card.minimumSizeHint().height(), HIGH))
        self.cards.append(card)
        self._arrange()

    def clear(self) -> None:
        """No plot any more."""
        for card in self.cards:
            self._grid.removeWidget(card)
            card.close()
            card.deleteLater()
        self.cards = []

    def _arrange(self) -> None:
        columns = max(1, min(self.viewport().width() // self._wide, len(self.cards)))
        for number, card in enumerate(self.cards):
            self._grid.addWidget(card, number // columns, number % columns)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()
