"""A picture of many small things, of which pointer or arrow keys are at one at a time."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from ..inspecting.sheet import small
from ..look.theme import Theme

Spot = tuple[int, ...]  # which thing, and which part of it
BESIDE = 10.0  # pixels beside the words at the foot
MOVES = {  # across and down
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}


class Drawer(Protocol):
    """Draws what a board shows, and knows where in it things are."""

    def draw(self, painter: QPainter, place: QRectF, spot: Spot | None, theme: Theme) -> None: ...

    def find(self, point: QPointF, place: QRectF) -> Spot | None:
        """What is there."""

    def go(self, spot: Spot | None, across: int, down: int, far: bool, place: QRectF) -> Spot | None:
        """What is beside it, a whole thing further where `far`; the first where there was none."""

    def has(self, spot: Spot) -> bool:
        """Whether there is such a spot."""

    def words(self, spot: Spot) -> str:
        """What is told of it."""


def draw_words(painter: QPainter, place: QRectF, words: str, theme: Theme) -> QRectF:
    """Write what is told of a spot at the foot of a place; the line that it stands in."""
    metrics = QFontMetricsF(painter.font())
    foot = place.adjusted(BESIDE, 0, -BESIDE, -3)
    foot.setTop(foot.bottom() - metrics.height())
    painter.setPen(QColor(theme.text))
    text = metrics.elidedText(words, Qt.TextElideMode.ElideMiddle, foot.width())
    painter.drawText(foot, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)
    return foot


class Board(QWidget):
    """What the pointer is at comes before what was chosen by keys or a click, which stays until Escape."""

    told = Signal()  # something else

    def __init__(self, theme: Theme, drawer: Drawer, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme, self._drawer = theme, drawer
        self._pointed: Spot | None = None
        self._chosen: Spot | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(140, 120)
        self.setFont(small())

    def sizeHint(self) -> QSize:
        return QSize(320, 280)

    @property
    def spot(self) -> Spot | None:
        """What is told of."""
        return self._pointed or self._chosen

    @property
    def words(self) -> str:
        """What is told of it, nothing where the pointer is at nothing and nothing is chosen."""
        return "" if self.spot is None else self._drawer.words(self.spot)

    def refresh(self) -> None:
        """The drawer has something else to draw: what is told stays with its spot, where there still is one."""
        self._set(*(each if each and self._drawer.has(each) else None for each in (self._pointed, self._chosen)))

    def restyle(self, theme: Theme) -> None:
        """Draw in other colours."""
        self.theme = theme
        self.update()

    def _set(self, pointed: Spot | None, chosen: Spot | None) -> None:
        self._pointed, self._chosen = pointed, chosen
        words = self.words
        if words != self.accessibleDescription():
            self.setAccessibleDescription(words)
        self.told.emit()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        place = QRectF(self.rect())
        self._drawer.draw(painter, place, self.spot, self.theme)
        if self.hasFocus():
            painter.setPen(QPen(QColor(self.theme.accent), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(place.adjusted(0.5, 0.5, -0.5, -0.5))
        painter.end()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        found = self._drawer.find(event.position(), QRectF(self.rect()))
        if found != self._pointed:
            self._set(found, self._chosen)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        found = self._drawer.find(event.position(), QRectF(self.rect()))
        self._set(found, found)

    def leaveEvent(self, event: QEvent) -> None:
        self._set(None, self._chosen)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Any other key is left to the window."""
        move = MOVES.get(Qt.Key(event.key()))
        far = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if move is not None:
            self._set(None, self._drawer.go(self.spot, *move, far, QRectF(self.rect())))
        elif event.key() == Qt.Key.Key_Escape and self.spot is not None:
            self._set(None, None)
        else:
            super().keyPressEvent(event)
