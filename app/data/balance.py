"""How many samples each class has among those to train with and those held out, as bars; of real targets by ranges."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QHelpEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from ...core.data import Dataset, class_counts
from ..inspecting.sheet import small
from ..look.theme import Theme
from .grid import told_number

MOST = 60  # classes that are shown
RANGES = 10  # of real targets
BAR, GAP = 7, 2  # pixels
LEGEND = "to train with", "held out"


class Bar(NamedTuple):
    """A class or a range, and how many samples of it train and are held out."""

    name: str
    train: int
    held: int


class Balance(NamedTuple):
    """All bars, and what they are of."""

    about: str
    bars: tuple[Bar, ...]
    more: int = 0  # classes that are not shown

    @property
    def words(self) -> str:
        """What they show, for those who do not see it."""
        told = "; ".join(f"{bar.name}: {bar.train:,} {LEGEND[0]}, {bar.held:,} {LEGEND[1]}" for bar in self.bars)
        return f"{self.about}. {told}" + (f"; and {self.more:,} more" if self.more else "")


def balance_of(training: Dataset, validation: Dataset) -> Balance:
    """Counted by class, or by ranges of the first real target."""
    if training.class_names is None:
        return _of_ranges(training, validation)
    train, held = class_counts(training), class_counts(validation)
    bars = [Bar(_spelled(name), train[name], held[name]) for name in train]
    what = "samples of each class" if training.y.ndim == 1 else "characters that come next"
    return Balance(what, tuple(bars[:MOST]), max(len(bars) - MOST, 0))


def _of_ranges(training: Dataset, validation: Dataset) -> Balance:
    train, held = training.y[:, 0], validation.y[:, 0]
    edges = np.histogram_bin_edges(np.concatenate([train, held]), RANGES)
    counts = [np.histogram(part, edges)[0].tolist() for part in (train, held)]
    names = [f"{told_number(low)} … {told_number(high)}" for low, high in pairwise(edges)]
    what = "samples by their target" if training.y.shape[1] == 1 else "samples by the first of their targets"
    return Balance(what, tuple(Bar(*each) for each in zip(names, *counts, strict=True)))


class BalanceBars(QWidget):
    """Two bars for each class: filled for the samples to train with, an outline for those held out."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.balance = Balance("", ())
        self.setFont(small())
        self.setAccessibleName("Class balance")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_balance(self, balance: Balance | None) -> None:
        """Show other counts; None: they are not known."""
        self.balance = balance or Balance("", ())
        self.setAccessibleDescription(self.balance.words if balance else "")
        self.updateGeometry()
        self.update()

    @property
    def row(self) -> int:
        """The height of a class."""
        return max(2 * BAR + GAP + 5, self.fontMetrics().height() + 3)

    def sizeHint(self) -> QSize:
        rows = len(self.balance.bars) + (self.balance.more > 0) + 1
        return QSize(200, rows * self.row if self.balance.bars else 0)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self.balance.bars:
            return
        painter, metrics = QPainter(self), self.fontMetrics()
        names, counts = self._widths()
        left, room = names + 6, max(self.width() - names - counts - 12, 10)
        most = max(max(bar.train, bar.held) for bar in self.balance.bars) or 1
        self._legend(painter)
        for number, bar in enumerate(self.balance.bars, 1):
            top = number * self.row
            painter.setPen(QColor(self.theme.text))
            name = metrics.elidedText(bar.name, Qt.TextElideMode.ElideRight, names)
            painter.drawText(QRectF(0, top, names, self.row), _LEFT, name)
            painter.drawText(QRectF(self.width() - counts, top, counts, self.row), _RIGHT, _counts(bar))
            upper = top + (self.row - 2 * BAR - GAP) / 2
            self._bar(painter, QRectF(left, upper, room * bar.train / most, BAR), True)
            self._bar(painter, QRectF(left, upper + BAR + GAP, room * bar.held / most, BAR), False)
        if self.balance.more:
            painter.setPen(QColor(self.theme.dim))
            top = (len(self.balance.bars) + 1) * self.row
            painter.drawText(QRectF(0, top, self.width(), self.row), _LEFT, f"and {self.balance.more:,} more")
        painter.end()

    def _legend(self, painter: QPainter) -> None:
        """What either bar is; beside the counts in the same order."""
        x, middle = 0.0, self.row / 2
        for text, filled in zip(LEGEND, (True, False), strict=True):
            self._bar(painter, QRectF(x + 1, middle - BAR / 2, 16, BAR), filled)
            painter.setPen(QColor(self.theme.dim))
            wide = self.fontMetrics().horizontalAdvance(text)
            painter.drawText(QRectF(x + 22, 0, wide + 2, self.row), _LEFT, text)
            x += 22 + wide + 14

    def _bar(self, painter: QPainter, place: QRectF, filled: bool) -> None:
        colour = QColor(self.theme.accent)
        if filled:
            painter.fillRect(place, colour)
            return
        painter.setPen(QPen(colour, 1))
        painter.setBrush(QBrush(colour, Qt.BrushStyle.Dense6Pattern))
        if place.width():
            painter.drawRect(place.adjusted(0.5, 0.5, -0.5, -0.5))

    def _widths(self) -> tuple[int, int]:
        """Of the names, which are cut where they would take too much, and of the counts, which are not."""
        metrics = self.fontMetrics()
        names = max(metrics.horizontalAdvance(bar.name) for bar in self.balance.bars) + 2
        counts = max(metrics.horizontalAdvance(_counts(bar)) for bar in self.balance.bars) + 2
        return min(names, round(self.width() * 0.4)), counts

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            number = event.pos().y() // self.row - 1
            if 0 <= number < len(self.balance.bars):
                bar = self.balance.bars[number]
                told = f"{bar.name}: {bar.train:,} {LEGEND[0]}, {bar.held:,} {LEGEND[1]}"
                QToolTip.showText(event.globalPos(), told, self)
                return True
        return super().event(event)


_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


def _spelled(name: str) -> str:
    """A class so that it is seen: it may be a character of a text."""
    return ("␣" * len(name) if name.isspace() else name) if name.isprintable() else ascii(name)[1:-1]


def _counts(bar: Bar) -> str:
    return f"{bar.train:,} · {bar.held:,}"
