"""What was predicted of what was true: a table of counts, or of shares of each row."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QWidget

from ..inspecting.sheet import small
from ..look.fonts import mono
from ..look.numbers import significant
from ..look.theme import Theme
from .board import Board, Spot, draw_words
from .card import Array, Card, Sheet
from .data import Confusion

LEAST = 26.0  # pixels of a cell that has room for a number
ROOM = 6.0
_BESIDE = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextDontClip  # rows may be lower
STRONGEST = 0.47  # how much of its colour a cell has: numbers must be read on it


def shares_of_rows(counts: Array) -> Array:
    """Each count by that of its row, 0 where a row has none."""
    total = counts.sum(axis=1, keepdims=True)
    return np.divide(counts, total, out=np.zeros(counts.shape), where=total > 0)


def widest(metrics: QFontMetricsF, names: tuple[str, ...]) -> float:
    """Pixels of the longest name."""
    return max((metrics.horizontalAdvance(name) + 1 for name in names), default=0.0)


class Matrix:
    """What a board draws of it; a spot is a row and a column."""

    def __init__(self) -> None:
        self.confusion: Confusion | None = None
        self.as_shares = False

    def has(self, spot: Spot) -> bool:
        """Whether there are such classes."""
        return self.confusion is not None and max(spot) < len(self.confusion.classes)

    def words(self, spot: Spot) -> str:
        """How many of a class were predicted as another."""
        found = self.confusion
        if found is None:
            return ""
        row, column = spot
        count, total = int(found.counts[row, column]), int(found.counts[row].sum())
        share = significant(100 * count / total, 3) if total else "0"
        true, predicted = found.classes[row], found.classes[column]
        return f"{count:,} of {total:,} that are {true} were predicted as {predicted} ({share} %)"

    def find(self, point: QPointF, place: QRectF) -> Spot | None:
        """The cell there."""
        if self.confusion is None:
            return None
        grid, size = self.grid(place), len(self.confusion.classes)
        side = grid.width() / size
        row, column = int((point.y() - grid.top()) // side), int((point.x() - grid.left()) // side)
        return (row, column) if 0 <= row < size and 0 <= column < size else None

    def go(self, spot: Spot | None, across: int, down: int, far: bool, place: QRectF) -> Spot | None:
        """The cell beside; where `far`, that at the edge."""
        if self.confusion is None:
            return None
        if spot is None:
            return 0, 0
        last = len(self.confusion.classes) - 1
        steps = (down, across) if not far else (down * last, across * last)
        row, column = (min(max(at + step, 0), last) for at, step in zip(spot, steps, strict=True))
        return row, column

    def grid(self, place: QRectF) -> QRectF:
        """Where the cells stand: square, beside the names of rows and beneath those of columns."""
        assert self.confusion is not None
        metrics = QFontMetricsF(small())
        left = min(widest(metrics, self.confusion.classes), place.width() * 0.25) + metrics.height() + 3 * ROOM
        top = 2 * metrics.height() + 2 * ROOM
        foot = metrics.height() + ROOM  # where a cell is told
        side = max(min(place.width() - left - ROOM, place.height() - top - foot), 1.0)
        aside = max(place.width() - left - ROOM - side, 0.0) / 2
        return QRectF(place.left() + left + aside, place.top() + top, side, side)

    def draw(self, painter: QPainter, place: QRectF, spot: Spot | None, theme: Theme) -> None:
        """The table, and beneath it the cell that is told of."""
        found = self.confusion
        painter.setFont(small())
        if found is None:
            painter.setPen(QColor(theme.dim))
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, "No predictions have been counted yet")
            return
        grid, size = self.grid(place), len(found.classes)
        side, shares = grid.width() / size, shares_of_rows(found.counts)
        font = mono(min(0.85, max(0.6, side / 44)))
        for row in range(size):
            for column in range(size):
                cell = QRectF(grid.left() + column * side, grid.top() + row * side, side, side)
                _draw_cell(painter, cell, row == column, float(shares[row, column]), theme)
                if side >= LEAST and found.counts[row, column]:
                    painter.setFont(font)
                    painter.setPen(QColor(theme.text))
                    self._draw_number(painter, cell, int(found.counts[row, column]), float(shares[row, column]))
        painter.setFont(small())
        if spot is not None and self.has(spot):
            row, column = spot
            painter.setPen(QPen(QColor(theme.text), 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(grid.left() + column * side, grid.top() + row * side, side, side))
            draw_words(painter, place, self.words(spot), theme)
        _draw_names(painter, place, grid, found.classes, theme)

    def _draw_number(self, painter: QPainter, cell: QRectF, count: int, share: float) -> None:
        text = f"{100 * share:.0f}%" if self.as_shares else f"{count:,}".replace(",", " ")
        if share and self.as_shares and share < 0.005:
            text = "<1%"
        if QFontMetricsF(painter.font()).horizontalAdvance(text) > cell.width() - 2:
            text = significant(float(count), 1)
        painter.drawText(cell, Qt.AlignmentFlag.AlignCenter, text)


def _draw_cell(painter: QPainter, cell: QRectF, right: bool, share: float, theme: Theme) -> None:
    """What is right in one colour, what is wrong in another, the stronger the larger its share of the row."""
    colour = QColor(theme.accent if right else theme.warning)
    colour.setAlphaF(STRONGEST * share**0.5)
    painter.fillRect(cell.adjusted(0.5, 0.5, -0.5, -0.5), QColor(theme.raised))
    painter.fillRect(cell.adjusted(0.5, 0.5, -0.5, -0.5), colour)


def _draw_names(painter: QPainter, place: QRectF, grid: QRectF, classes: tuple[str, ...], theme: Theme) -> None:
    metrics, side = QFontMetricsF(painter.font()), grid.width() / len(classes)
    high, every = metrics.height(), max(1, int(np.ceil(metrics.height() / max(side, 1))))
    painter.setPen(QColor(theme.dim))
    left = grid.left() - ROOM - max(min(widest(metrics, classes), place.width() * 0.25), 1.0)
    middle = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextDontClip  # the table may be smaller than a word
    painter.drawText(QRectF(grid.left(), place.top() + 1, grid.width(), high), middle, "predicted")
    painter.save()
    painter.translate(left - high - ROOM, grid.center().y())
    painter.rotate(-90)
    painter.drawText(QRectF(-grid.height() / 2, 0, grid.height(), high), middle, "true")
    painter.restore()
    painter.setPen(QColor(theme.text))
    for number in range(0, len(classes), every):
        room = grid.left() - ROOM - left
        name = metrics.elidedText(classes[number], Qt.TextElideMode.ElideRight, room)
        at = QRectF(left, grid.top() + number * side, room, side)
        painter.drawText(at, _BESIDE, name)
        name = metrics.elidedText(classes[number], Qt.TextElideMode.ElideRight, side * every - 2)
        at = QRectF(grid.left() + number * side, grid.top() - high - 3, side, high)
        painter.drawText(at, middle, name)


class ConfusionMatrix(Card):
    """The matrix in its frame; pointer or keys tell a cell."""

    def __init__(self, theme: Theme, title: str = "confusion", parent: QWidget | None = None) -> None:
        super().__init__(theme, title, self.explanation, parent)
        self.matrix = Matrix()
        self.board = Board(theme, self.matrix)
        self.board.setAccessibleName(title)
        self.put(self.board)
        self._shares = self.offer("Shares of rows", self.set_shares, checkable=True)
        self.add_exports()

    def show_confusion(self, confusion: Confusion | None) -> None:
        """Show another one, None: there is none."""
        if confusion is self.matrix.confusion and confusion is not None:
            return
        self.matrix.confusion = confusion
        self.put_head("" if confusion is None else confusion.about)
        self.board.refresh()
        self.help.refresh()

    def set_shares(self, shares: bool) -> None:
        """Shares of the rows in the cells, or counts."""
        self.matrix.as_shares = shares
        self._shares.setChecked(shares)
        self.board.update()

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self.board.restyle(theme)

    def explanation(self) -> tuple[str, ...]:
        """How it is read, by the most frequent mistake."""
        found = self.matrix.confusion
        if found is None:
            return ("Nothing has been counted yet: predictions are counted at the end of an epoch.",)
        counts = np.array(found.counts)
        right, total = int(np.trace(counts)), int(counts.sum())
        np.fill_diagonal(counts, 0)
        row, column = np.unravel_index(int(np.argmax(counts)), counts.shape)
        lines = [
            "A row for each class that is true, a column for each that was predicted: what is right is on the diagonal."
        ]
        if total:
            lines.append(f"{right:,} of {total:,} are right, {significant(100 * right / total, 4)} %.")
        if counts[row, column]:
            lines.append(
                f"The most frequent mistake: {found.classes[row]} taken for {found.classes[column]},"
                f" {int(counts[row, column]):,} times."
            )
        return tuple(lines)

    def sheets(self) -> tuple[Sheet, ...]:
        found = self.matrix.confusion
        if found is None:
            return ()
        size = len(found.classes)
        names = np.array(found.classes)
        columns = {
            "true": np.repeat(names, size),
            "predicted": np.tile(names, size),
            "count": np.asarray(found.counts).reshape(-1),
            "share of row": shares_of_rows(found.counts).reshape(-1),
        }
        return (Sheet(self.title, columns),)

    def draw_body(self, painter: QPainter, place: QRectF) -> None:
        self.matrix.draw(painter, place, self.board.spot, self.theme)
