"""Notes: texts that lie on the canvas as calm cards."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from ..look.theme import Theme
from .lettering import LABEL, font, metrics

if TYPE_CHECKING:
    from .anatomy import Item
    from .nodes import State

LEAST, WIDEST, SIDE, TOP, STRIP = 110.0, 260.0, 12.0, 9.0, 3.0
ROOM = WIDEST - 2 * SIDE - STRIP  # of a line
NOTHING = "an empty note"
_WRAP = int(Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft)
_READABLE = 0.35  # the zoom from which the text is drawn


@lru_cache(maxsize=1000)
def _wrap(text: str) -> int:
    """How the text is wrapped: at words; anywhere (which Qt then does for all of them) where a word is too long."""
    fits = all(metrics(LABEL).horizontalAdvance(word) <= ROOM for word in text.split())
    return _WRAP if fits else _WRAP | int(Qt.TextFlag.TextWrapAnywhere)


@lru_cache(maxsize=1000)
def note_size(text: str) -> tuple[float, float]:
    """Width and height of the card with a text, wrapped at words, in scene units."""
    room = QRectF(0, 0, ROOM, 1e6)
    words = metrics(LABEL).boundingRect(room, _wrap(text), text or NOTHING)
    width = min(max(words.width() + 2 * SIDE + STRIP + 2, LEAST), WIDEST)
    return -(-width // 2) * 2, float(-(-(words.height() + 2 * TOP) // 2) * 2)


def paint_note(painter: QPainter, item: Item, state: State, theme: Theme, scale: float) -> None:
    """Draw a note from its left top corner, in scene units."""
    whole = QRectF(0, 0, item.width, item.height)
    card = QPainterPath()
    card.addRoundedRect(whole, 4, 4)
    painter.fillPath(card, QColor(theme.panel))
    painter.save()
    painter.setClipPath(card)
    painter.fillRect(QRectF(0, 0, STRIP, item.height), QColor(theme.dim))
    painter.restore()
    chosen = state.selected
    wide = 2.0 if chosen else 1.0
    painter.setPen(QPen(QColor(theme.accent if chosen else theme.line), max(wide, 0.75 / scale)))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(card)
    if scale < _READABLE:
        return
    painter.setFont(font(LABEL))
    painter.setPen(QColor(theme.text if item.note else theme.dim))
    room = whole.adjusted(SIDE + STRIP, TOP, -SIDE + 2, -TOP + 2)
    painter.drawText(room, _wrap(item.note), item.note or NOTHING)
