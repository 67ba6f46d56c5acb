"""The badges on the upper edge of a node: what is told of all of it by a sign or a word, and where each stands."""

from __future__ import annotations

from math import pi, tan
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from ..look.theme import Theme
from .anatomy import Item
from .fates import paint_pin
from .lettering import LABEL, font, width

if TYPE_CHECKING:
    from .nodes import State

HIGH, LOW = 16.0, 3.0  # of a badge, and how far it reaches down into its node; scene units
OVER = 4.0  # how far they reach beyond the sides of a node, and how far they stand apart
PIN, ORDER, FINDING, VERSION, HALT = "pin", "order", "finding", "version", "halt"
ORIGIN, MODE = "origin", "mode"
READ, LARGEST = 0.8, 2.2  # below this zoom they grow, so that they can be read; at most so many times
REACH = LARGEST * HIGH - LOW  # how far above its node one reaches


class Badge(NamedTuple):
    """One of them: of which `kind`, and its place from the corner of its node."""

    kind: str
    text: str
    place: QRectF


def growth(scale: float, largest: float = LARGEST) -> float:
    """How many times as large what is read over nodes is drawn at a zoom."""
    return max(1.0, min(READ / scale, largest))


def badges(item: Item, state: State, scale: float) -> list[Badge]:
    """All that an item bears: from the right edge what is known of it, from the left its number and a finding."""
    right, left = _from_right(item, state), _from_left(state)
    room = item.width + 2 * OVER
    needed = sum(width + OVER for _, _, width in (*right, *left)) - OVER
    size = max(1.0, min(growth(scale), room / max(needed, 1.0)))
    top, high = LOW - HIGH * size, HIGH * size
    found, edge = [], item.width + OVER
    for kind, text, wide in right:
        edge -= wide * size
        found.append(Badge(kind, text, QRectF(edge, top, wide * size, high)))
        edge -= OVER
    edge = -OVER if state.order is not None or state.halts else 0.0
    for kind, text, wide in left:
        found.append(Badge(kind, text, QRectF(edge, top, wide * size, high)))
        edge += wide * size + OVER
    return found


def _from_right(item: Item, state: State) -> list[tuple[str, str, float]]:
    """Kind, text and width of each, the gravest first."""
    fates = state.fates
    pinned = "keep" in item.flags or (fates is not None and fates.leaf)
    texts = [("problem", "!" if state.problem else ""), (ORIGIN, state.origin)]
    texts += [(flag, sign) for flag, sign in (("detach", "✂"), ("freeze", "❄")) if flag in item.flags]
    texts += [(VERSION, state.version), (MODE, state.mode)]
    return [(kind, text, _wide(text)) for kind, text in texts if text] + [(PIN, "", HIGH)] * pinned


def _from_left(state: State) -> list[tuple[str, str, float]]:
    number = "" if state.order is None else str(state.order)
    found = [(HALT, "", HIGH)] if state.halts else []
    found += [(ORDER, number, _wide(number))] if number else []
    word = state.finding.word
    return [*found, (FINDING, word, width(word, LABEL) + 14.0)] if word else found


def _wide(text: str) -> float:
    return max(HIGH, width(text, LABEL) + 8)


def paint_badges(painter: QPainter, item: Item, state: State, theme: Theme, scale: float) -> None:
    """Draw all of an item's badges."""
    for badge in badges(item, state, scale):
        size = badge.place.height() / HIGH
        painter.save()
        painter.translate(badge.place.topLeft())
        painter.scale(size, size)
        if badge.kind == PIN:
            paint_pin(painter, QPointF(HIGH / 2, HIGH / 2), theme, own="keep" in item.flags)
        elif badge.kind == HALT:
            _paint_stop(painter, theme)
        else:
            _paint(painter, badge, QRectF(0, 0, badge.place.width() / size, HIGH), state, theme)
        painter.restore()


def _paint(painter: QPainter, badge: Badge, place: QRectF, state: State, theme: Theme) -> None:
    """A filled badge with its text; a finding that is no alert as an outline."""
    finding = badge.kind == FINDING
    outlined = badge.kind == MODE or (finding and not state.finding.grave)
    round = 4.0 if finding else HIGH / 2
    colour = QColor(_colour(badge.kind, theme))
    painter.setPen(QPen(colour if outlined else QColor(theme.background), 1.5))
    painter.setBrush(QColor(theme.panel) if outlined else colour)
    painter.drawRoundedRect(place, round, round)
    painter.setFont(font(LABEL))
    painter.setPen(QColor(theme.text) if outlined else on_colour(theme))
    painter.drawText(place, int(Qt.AlignmentFlag.AlignCenter), badge.text)


def _paint_stop(painter: QPainter, theme: Theme) -> None:
    """An octagon, as the sign at a crossing: here a run halts."""
    short, long, middle = 0.42 * HIGH * tan(pi / 8), 0.42 * HIGH, HIGH / 2
    around = [(short, -long), (long, -short), (long, short), (short, long)]
    around += [(-x, -y) for x, y in around]
    painter.setPen(QPen(QColor(theme.background), 1.5))
    painter.setBrush(QColor(theme.error))
    painter.drawPolygon(QPolygonF([QPointF(middle + x, middle + y) for x, y in around]))


def on_colour(theme: Theme) -> QColor:
    """The colour of what is read on a filled badge."""
    return QColor("#101418") if theme.name == "dark" else QColor("#ffffff")


def _colour(kind: str, theme: Theme) -> str:
    return {
        "problem": theme.error,
        ORIGIN: theme.nonfinite,
        "detach": theme.gradient,
        "freeze": theme.accent,
        FINDING: theme.warning,
        MODE: theme.dim,
    }.get(kind, theme.good)
