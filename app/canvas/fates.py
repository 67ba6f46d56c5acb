"""What a framework would have freed at the moment that is shown: words beneath a node, struck numbers, pins."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from ...core.stepping.lifetimes import Fate
from ..look.theme import Theme
from ..stepping.fates import Fates
from .anatomy import Item
from .lettering import LABEL, font, shortened, width
from .looks import Look, Number

FREED = 0.55  # opacity of a node whose value is freed
HIGH = 12.0  # of the words beneath a node
AWAY = 6.0  # of the words from the node, beyond the line around the one at work
BAR = 6.0  # what the bar before them takes
CLOSE = 1.0  # the same where there is little room
LEAST = 26.0  # scene units in which words that are cut tell something
ASLANT = 5.0  # how far above and below the middle of a number a line through it ends
ACROSS = 24.0  # scene units that they may be wider than the node


class Room(NamedTuple):
    """Where there is room for words: how far beneath a node, and from where to where."""

    away: float
    left: float
    right: float


def paint_words(painter: QPainter, item: Item, fates: Fates, theme: Theme, room: Room) -> None:
    """Draw the words beneath a node; what is saved for the way back in the colour of gradients, with a bar before."""
    saved = fates.value is Fate.SAVED
    left = room.left + (BAR if saved else 0.0)
    text = shortened(fates.words, LABEL, room.right - left)
    place = QRectF(left, item.height + room.away, width(text, LABEL) + 2, HIGH)
    painter.setFont(font(LABEL))
    painter.setPen(QColor(theme.gradient if saved else theme.dim))
    painter.drawText(place, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), text)
    if saved:
        painter.setPen(QPen(QColor(theme.gradient), 2.0))
        y = place.center().y()
        painter.drawLine(QPointF(place.left() - BAR + 1, y - 4), QPointF(place.left() - BAR + 1, y + 4))


def cross_out(painter: QPainter, item: Item, fates: Fates, theme: Theme) -> None:
    """The same where words are too small to read: a line across what is freed, and one beneath what is saved."""
    if fates.frees_value:
        painter.setPen(QPen(QColor(theme.dim), 2.5))
        painter.drawLine(QPointF(0, item.height), QPointF(item.width, 0))
    elif fates.value is Fate.SAVED:
        painter.setPen(QPen(QColor(theme.gradient), 4.0))
        y = item.height + AWAY + 2
        painter.drawLine(QPointF(0.3 * item.width, y), QPointF(0.7 * item.width, y))


def strike(painter: QPainter, place: QRectF, look: Look, theme: Theme) -> None:
    """A line through a number, aslant: a level one would hide a minus. Of many a thin one from corner to corner."""
    if isinstance(look, Number):
        y, wide = place.center().y(), min(look.width, place.width())
        painter.setPen(QPen(QColor(theme.dim), 1.2))
        painter.drawLine(QPointF(place.right() - wide, y + ASLANT), QPointF(place.right(), y - ASLANT))
    else:
        painter.setPen(QPen(QColor(theme.dim), 0.8))
        painter.drawLine(place.bottomLeft(), place.topRight())


def paint_pin(painter: QPainter, middle: QPointF, theme: Theme, own: bool) -> None:
    """A pin on a node whose gradient is kept; hollow where that is so anyhow."""
    ground, ink = QColor(theme.gradient), QColor("#101418") if theme.name == "dark" else QColor("#ffffff")
    painter.setPen(QPen(QColor(theme.background) if own else ground, 1.5))
    painter.setBrush(ground if own else QColor(theme.background))
    painter.drawRoundedRect(QRectF(middle.x() - 8, middle.y() - 8, 16, 16), 8, 8)
    pen = QPen(ink if own else ground, 1.4)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setPen(pen)
    painter.setBrush(ink if own else Qt.BrushStyle.NoBrush)
    painter.drawEllipse(middle + QPointF(0, -2.2), 2.4, 2.4)
    painter.drawLine(middle + QPointF(0, 0.6), middle + QPointF(0, 5))
