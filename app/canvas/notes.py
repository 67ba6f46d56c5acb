"""Notes: texts that lie on the canvas as calm cards."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from ..look.theme import Theme
from .lettering import LABEL, font, metrics, width

if TYPE_CHECKING:
    from .anatomy import Item
    from .nodes import State

LEAST, WIDEST, SIDE, TOP, STRIP = 110.0, 260.0, 12.0, 9.0, 3.0
ROOM = WIDEST - 2 * SIDE - STRIP  # of a line
NOTHING = "an empty note"
_BESIDE = 3.0  # scene units beside a text that is cut, at its usual size
_ONE_LINE = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
LETTERS = 11.0  # scene units of a letter, of which some are smaller than others
EASY, LEAST_LETTERS = 9.0, 5.5  # pixels of letters that are read without effort, and that are drawn at all
READ = EASY / LETTERS  # the zoom from which all of a text is read
ENOUGH = LEAST_LETTERS / LETTERS  # and that from which it is drawn, as all texts are: a lesson is then laid once
_WRAP = int(Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft)
_LINE = 1.25  # of the size of letters, from one line to the next


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
    wide = min(max(words.width() + 2 * SIDE + STRIP + 2, LEAST), WIDEST)
    return -(-wide // 2) * 2, float(-(-(words.height() + 2 * TOP) // 2) * 2)


def _strip(high: float, card: QPainterPath) -> QPainterPath:
    """What of a card is coloured at its left: a shape of its own, as pictures in SVG know no clipping."""
    strip = QPainterPath()
    strip.addRect(QRectF(0, 0, STRIP, high))
    return card.intersected(strip)


def paint_note(painter: QPainter, item: Item, state: State, theme: Theme, scale: float) -> None:
    """Draw a note from its left top corner, in scene units."""
    whole = QRectF(0, 0, item.width, item.height)
    card = QPainterPath()
    card.addRoundedRect(whole, 4, 4)
    painter.fillPath(card, QColor(theme.panel))
    painter.fillPath(_strip(item.height, card), QColor(theme.dim))
    chosen = state.selected
    wide = 2.0 if chosen else 1.0
    painter.setPen(QPen(QColor(theme.accent if chosen else theme.line), max(wide, 0.75 / scale)))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(card)
    painter.setPen(QColor(theme.text if item.note else theme.dim))
    if scale * LETTERS < LEAST_LETTERS:
        _paint_beginning(painter, item, scale)
        return
    painter.setFont(font(LABEL))
    room = whole.adjusted(SIDE + STRIP, TOP, -SIDE + 2, -TOP + 2)
    painter.drawText(room, _wrap(item.note), item.note or NOTHING)


def _paint_beginning(painter: QPainter, item: Item, scale: float) -> None:
    """Draw as much of the text, from its beginning, as there is room for in letters that are read."""
    size = EASY / scale / LETTERS  # of what is drawn, against its usual size
    wide = (item.width - STRIP) / size - 2 * _BESIDE
    lines = beginning(item.note or NOTHING, wide, int(item.height / size / (_LINE * LETTERS)))
    painter.save()
    painter.setFont(font(LABEL))
    painter.translate(STRIP, (item.height - len(lines) * _LINE * LETTERS * size) / 2)
    painter.scale(size, size)
    for row, line in enumerate(lines):
        painter.drawText(QRectF(_BESIDE, row * _LINE * LETTERS, 2 * wide, _LINE * LETTERS), _ONE_LINE, line)
    painter.restore()


@lru_cache(maxsize=1000)
def beginning(text: str, wide: float, most: int) -> tuple[str, ...]:
    """The first of the lines, so `wide` at their usual size, in which a text has room; the last of these ends with …"""
    lines, rest = list[str](), text.split()
    while rest and len(lines) < most:
        count = 1
        while count < len(rest) and width(" ".join(rest[: count + 1]), LABEL) <= wide:
            count += 1
        lines.append(" ".join(rest[:count]))
        rest = rest[count:]
    if rest and lines:
        lines[-1] += "…"
    return tuple(line if width(line, LABEL) <= wide else _cut(line, wide) for line in lines)


def _cut(line: str, wide: float) -> str:
    line = line.removesuffix("…")
    while line and width(line + "…", LABEL) > wide:
        line = line[:-1]
    return line + "…"
