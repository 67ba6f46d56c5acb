"""What was predicted of what was true: a table of counts, or of shares of each row."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from ..inspecting.sheet import small
from ..look.fonts import mono
from ..look.numbers import significant
from ..look.theme import Theme
from .card import Array, Card, Sheet
from .data import Confusion

LEAST = 26.0  # pixels of a cell that has room for a number
ROOM = 6.0
STRONGEST = 0.47  # how much of its colour a cell has: numbers must be read on it
_MOVES = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}


def shares_of_rows(counts: Array) -> Array:
    """Each count by that of its row, 0 where a row has none."""
    total = counts.sum(axis=1, keepdims=True)
    return np.divide(counts, total, out=np.zeros(counts.shape), where=total > 0)


def widest(metrics: QFontMetricsF, names: tuple[str, ...]) -> float:
    """Pixels of the longest name."""
    return max((metrics.horizontalAdvance(name) + 1 for name in names), default=0.0)


class Matrix(QWidget):
    """The table; the cell under the pointer, or the one that the arrow keys are at, is told."""

    told = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.confusion: Confusion | None = None
        self.as_shares = False
        self.cell: tuple[int, int] | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(140, 120)
        self.setFont(small())

    def sizeHint(self) -> QSize:
        return QSize(320, 280)

    def show_confusion(self, confusion: Confusion | None) -> None:
        """Show another one."""
        self.confusion = confusion
        if confusion is None or (self.cell and max(self.cell) >= len(confusion.classes)):
            self.cell = None
        self._tell()

    def _tell(self) -> None:
        self.update()
        found, cell = self.confusion, self.cell
        if found is None or cell is None:
            self.told.emit("")
            return
        count, row = int(found.counts[cell]), int(found.counts[cell[0]].sum())
        share = significant(100 * count / row, 3) if row else "0"
        true, predicted = found.classes[cell[0]], found.classes[cell[1]]
        words = f"{count:,} of {row:,} that are {true} were predicted as {predicted} ({share} %)"
        self.setAccessibleDescription(words)
        self.told.emit(words)

    def grid(self, place: QRectF) -> QRectF:
        """Where the cells stand: square, beside the names of rows and beneath those of columns."""
        assert self.confusion is not None
        metrics = QFontMetricsF(self.font())
        left = min(widest(metrics, self.confusion.classes), place.width() * 0.25) + metrics.height() + 3 * ROOM
        top = 2 * metrics.height() + 2 * ROOM
        side = max(min(place.width() - left - ROOM, place.height() - top - ROOM), 1.0)
        aside = max(place.width() - left - ROOM - side, 0.0) / 2
        return QRectF(place.left() + left + aside, place.top() + top, side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        self.draw(painter, QRectF(self.rect()))
        if self.hasFocus():
            painter.setPen(QPen(QColor(self.theme.accent), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))
        painter.end()

    def draw(self, painter: QPainter, place: QRectF) -> None:
        """Draw it into a place."""
        found = self.confusion
        if found is None:
            painter.setPen(QColor(self.theme.dim))
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, "No predictions have been counted yet")
            return
        grid, size = self.grid(place), len(found.classes)
        side, shares = grid.width() / size, shares_of_rows(found.counts)
        font = mono(min(0.85, max(0.6, side / 44)))
        for row in range(size):
            for column in range(size):
                cell = QRectF(grid.left() + column * side, grid.top() + row * side, side, side)
                self._draw_cell(painter, cell, row == column, float(shares[row, column]))
                if side >= LEAST and found.counts[row, column]:
                    painter.setFont(font)
                    self._draw_number(painter, cell, int(found.counts[row, column]), float(shares[row, column]))
        if self.cell is not None:
            row, column = self.cell
            painter.setPen(QPen(QColor(self.theme.text), 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(grid.left() + column * side, grid.top() + row * side, side, side))
        self._draw_names(painter, place, grid, found.classes)

    def _draw_cell(self, painter: QPainter, cell: QRectF, right: bool, share: float) -> None:
        """What is right in one colour, what is wrong in another, the stronger the larger its share of the row."""
        colour = QColor(self.theme.accent if right else self.theme.warning)
        colour.setAlphaF(STRONGEST * share**0.5)
        painter.fillRect(cell.adjusted(0.5, 0.5, -0.5, -0.5), QColor(self.theme.raised))
        painter.fillRect(cell.adjusted(0.5, 0.5, -0.5, -0.5), colour)

    def _draw_number(self, painter: QPainter, cell: QRectF, count: int, share: float) -> None:
        text = f"{100 * share:.0f}%" if self.as_shares else f"{count:,}".replace(",", " ")
        if share and self.as_shares and share < 0.005:
            text = "<1%"
        if QFontMetricsF(painter.font()).horizontalAdvance(text) > cell.width() - 2:
            text = significant(float(count), 1)
        painter.setPen(QColor(self.theme.text))
        painter.drawText(cell, Qt.AlignmentFlag.AlignCenter, text)

    def _draw_names(self, painter: QPainter, place: QRectF, grid: QRectF, classes: tuple[str, ...]) -> None:
        metrics, side = QFontMetricsF(self.font()), grid.width() / len(classes)
        high, every = metrics.height(), max(1, int(np.ceil(metrics.height() / max(side, 1))))
        painter.setFont(self.font())
        painter.setPen(QColor(self.theme.dim))
        left = grid.left() - ROOM - max(min(widest(metrics, classes), place.width() * 0.25), 1.0)
        middle = Qt.AlignmentFlag.AlignCenter
        painter.drawText(QRectF(grid.left(), place.top() + 1, grid.width(), high), middle, "predicted")
        painter.save()
        painter.translate(left - high - ROOM, grid.center().y())
        painter.rotate(-90)
        painter.drawText(QRectF(-grid.height() / 2, 0, grid.height(), high), middle, "true")
        painter.restore()
        painter.setPen(QColor(self.theme.text))
        for number in range(0, len(classes), every):
            room = grid.left() - ROOM - left
            name = metrics.elidedText(classes[number], Qt.TextElideMode.ElideRight, room)
            at = QRectF(left, grid.top() + number * side, room, side)
            painter.drawText(at, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, name)
            name = metrics.elidedText(classes[number], Qt.TextElideMode.ElideRight, side * every - 2)
            at = QRectF(grid.left() + number * side, grid.top() - high - 3, side, high)
            painter.drawText(at, middle | Qt.TextFlag.TextDontClip, name)

    def _at(self, point: QPointF) -> tuple[int, int] | None:
        if self.confusion is None:
            return None
        grid, size = self.grid(QRectF(self.rect())), len(self.confusion.classes)
        side = grid.width() / size
        row, column = int((point.y() - grid.top()) // side), int((point.x() - grid.left()) // side)
        return (row, column) if 0 <= row < size and 0 <= column < size else None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.cell = self._at(event.position())
        self._tell()

    def leaveEvent(self, event: QEvent) -> None:
        self.cell = None
        self._tell()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        move = _MOVES.get(Qt.Key(event.key()))
        if move is None or self.confusion is None:
            super().keyPressEvent(event)
            return
        row, column = self.cell or (0, 0)
        if self.cell is not None:
            row, column = (
                min(max(a + b, 0), len(self.confusion.classes) - 1) for a, b in zip(self.cell, move, strict=True)
            )
        self.cell = row, column
        self._tell()


class ConfusionMatrix(Card):
    """The matrix in its frame, with a line that tells a cell."""

    def __init__(self, theme: Theme, title: str = "confusion", parent: QWidget | None = None) -> None:
        super().__init__(theme, title, self.explanation, parent)
        self.matrix = Matrix(theme)
        self.matrix.setAccessibleName(title)
        self.line = QLabel("")
        self.line.setFont(small())
        self.line.setTextFormat(Qt.TextFormat.PlainText)
        self.line.setContentsMargins(10, 0, 6, 4)
        self.line.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.put(self.matrix)
        self.column.addWidget(self.line)
        self.matrix.told.connect(self._told)
        self._shares = self.offer("Shares of rows", self.set_shares, checkable=True)
        self.add_exports()

    def show_confusion(self, confusion: Confusion | None) -> None:
        """Show another one, None: there is none."""
        self.matrix.show_confusion(confusion)
        self.help.refresh()

    def set_shares(self, shares: bool) -> None:
        """Shares of the rows in the cells, or counts."""
        self.matrix.as_shares = shares
        self._shares.setChecked(shares)
        self.matrix.update()

    def _told(self, words: str) -> None:
        found = self.matrix.confusion
        self.line.setText(words or (found.about if found is not None else ""))

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self.matrix.theme = theme
        self.matrix.update()

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
        self.matrix.draw(painter, place)
