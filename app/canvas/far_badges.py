"""The findings of diagnoses where nodes are too small for letters: as large on the screen as elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from .badges import HIGH, OVER, on_colour
from .finding_badge import Word, word
from .items import Slots
from .lettering import LABEL, font, width

if TYPE_CHECKING:
    from .canvas import Canvas

WORDS = 12  # in view: of more only alerts are told, and of more alerts each is a mere "!", or they would hide the graph
PADDING = 5.0  # pixels
_CENTER = int(Qt.AlignmentFlag.AlignCenter)


class FarBadge(NamedTuple):
    """What is told of which item, and where it stands in pixels of the canvas: on its item's upper edge."""

    told: Word
    place: QRectF
    item: str


def far_badges(canvas: Canvas, slots: Slots) -> list[FarBadge]:
    """Those of these items."""
    found = list(_found(canvas, set(slots.tolist())))
    if len(found) > WORDS:
        found = [each for each in found if each[0].grave]
    if len(found) > WORDS:
        found = [(Word("!", grave=True), at, id) for _, at, id in found]
    placed: list[FarBadge] = []
    for told, at, id in sorted(found, key=lambda each: not each[0].grave):
        for shown in (told, Word("!", told.grave)):  # a word where it covers no other, else a sign
            place = _place(canvas, shown, at)
            if not any(place.intersects(other.place) for other in placed):
                placed.append(FarBadge(shown, place, id))
                break
    return placed


def _place(canvas: Canvas, told: Word, at: QPointF) -> QRectF:
    """Over the upper left corner of its item; while that is in view not beyond the right edge of the canvas."""
    wide = max(HIGH, width(told.word, LABEL) + 2 * PADDING)
    left = at.x() - OVER
    if 0 <= left < canvas.width():
        left = max(min(left, canvas.width() - wide - OVER), 0.0)
    return QRectF(left, at.y() - HIGH + OVER, wide, HIGH)


def _found(canvas: Canvas, slots: set[int]) -> Iterator[tuple[Word, QPointF, str]]:
    scene = canvas.scene
    for id, findings in canvas.marks.findings.items():
        sources = scene.item(id).sources if scene.items.slots.get(id) in slots else ()
        shown = canvas.values.of(sources[0], canvas.theme, canvas.decimals) if sources else None
        told = word(findings, shown)
        if told.word:
            yield told, canvas.view.to_screen(*scene.rect(id)[:2]), id


def paint_far_badges(painter: QPainter, canvas: Canvas, slots: Slots) -> None:
    """Draw what is told of these items: alerts filled, hints as an outline."""
    theme = canvas.theme
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setFont(font(LABEL))
    for told, place, _ in far_badges(canvas, slots):
        painter.setPen(QPen(QColor(theme.background if told.grave else theme.warning), 1.5))
        painter.setBrush(QColor(theme.warning if told.grave else theme.panel))
        painter.drawRoundedRect(place, 4, 4)
        painter.setPen(on_colour(theme) if told.grave else QColor(theme.text))
        painter.drawText(place, _CENTER, told.word)
