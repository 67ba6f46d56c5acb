"""Rings around the nodes that an answer tells of, each with a word where it covers nothing that is read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from ..badges import HIGH as BADGE
from ..badges import growth
from ..batch import Floats
from ..lettering import LABEL, font, width
from ..nodes import NAMES
from .chip_places import kept_clear
from .forks import chips_in_view

if TYPE_CHECKING:
    from ..canvas import Canvas

RING = 7.0  # between a node and the line around it
HIGH, PADDING = 18.0, 7.0  # of the word
APART = 3.0  # between a word and the ring, or another word
MOST = 200  # words for which the best place is looked for: of more nobody reads all


def paint_rings(painter: QPainter, canvas: Canvas, ids: Iterable[str]) -> None:
    """Draw the rings, before the nodes are drawn: their badges stand over them."""
    scene = canvas.scene
    painter.save()
    painter.setTransform(canvas.view.transform, True)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(canvas.theme.warning), max(2.5, 1.5 / canvas.view.scale)))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for face in {scene.face(id) for id in ids if id in scene.graph.nodes}:
        if face is not None:
            painter.drawRoundedRect(_ring(canvas, face), 11, 11)
    painter.restore()


def paint_words(painter: QPainter, canvas: Canvas, rings: Mapping[str, str]) -> None:
    """Draw the word of each node that is itself in view."""
    scene = canvas.scene
    if canvas.view.scale < NAMES:
        return
    told = [(id, word) for id, word in rings.items() if id in scene.graph.nodes and scene.face(id) == id]
    painter.save()
    painter.setTransform(canvas.view.transform, True)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setFont(font(LABEL))
    for place, (_, word) in zip(word_places(canvas, told), told, strict=True):
        _paint_word(painter, canvas, place, word)
    painter.restore()


def _paint_word(painter: QPainter, canvas: Canvas, place: QRectF, word: str) -> None:
    size = place.height() / HIGH
    painter.save()
    painter.translate(place.topLeft())
    painter.scale(size, size)
    within = QRectF(0, 0, place.width() / size, HIGH)
    painter.setPen(QPen(QColor(canvas.theme.warning), 2.0))
    painter.setBrush(QColor(canvas.theme.panel))
    painter.drawRoundedRect(within, HIGH / 2, HIGH / 2)
    painter.setPen(QColor(canvas.theme.text))
    painter.drawText(within, int(Qt.AlignmentFlag.AlignCenter), word)
    painter.restore()


def _ring(canvas: Canvas, face: str) -> QRectF:
    x, y, wide, high = canvas.scene.rect(face)
    return QRectF(x - RING, y - RING, wide + 2 * RING, high + 2 * RING)


def word_places(canvas: Canvas, told: Sequence[tuple[str, str]]) -> list[QRectF]:
    """Where the word of each item stands: above it or beneath it, where it covers least of nodes, chips and words."""
    size, found = growth(canvas.view.scale), []
    full = _taken(canvas) if len(told) <= MOST else np.empty((0, 4))
    window = np.array(canvas.view.window(canvas.width(), canvas.height()))
    for face, word in told:
        wide, high = (width(word, LABEL) + 2 * PADDING) * size, HIGH * size
        corners = np.array(list(_corners(_ring(canvas, face), wide, high, BADGE * size - RING)))
        low = np.maximum(corners[:, None], full[None, :, :2])
        end = np.minimum(corners[:, None] + (wide, high), full[None, :, :2] + full[None, :, 2:])
        covered = (end - low).clip(0.0).prod(axis=2).sum(axis=1)
        seen = np.minimum(corners + np.array([wide, high]), window[2:]) - np.maximum(corners, window[:2])
        covered += wide * high - seen.clip(0.0).prod(axis=1)  # what is out of view is as bad
        x, y = corners[int(covered.argmin())]  # the first of those that cover as little
        found.append(QRectF(x, y, wide, high))
        full = np.concatenate([full, [[x - APART, y - APART, wide + 2 * APART, high + 2 * APART]]])
    return found


def _corners(ring: QRectF, wide: float, high: float, above: float) -> Iterable[tuple[float, float]]:
    """Left top corners where a word of a ring may stand, the best first; `above` it are badges."""
    ways = (ring.left() + RING, ring.right() - RING - wide, ring.center().x() - wide / 2)
    for row in range(3):
        away = row * (high + APART)
        for x in ways:
            yield x, ring.top() - above - APART - high - away
        for x in ways:
            yield x, ring.bottom() + APART + away


def _taken(canvas: Canvas) -> Floats:
    """The boxes (n, 4) of what is read in view: nodes with their badges, the chips of forks."""
    scene, view = canvas.scene, canvas.view
    window = view.window(canvas.width(), canvas.height())
    boxes = scene.items.boxes[scene.find.slots_in(*window)].copy()
    above = BADGE * growth(view.scale)
    boxes[:, 1] -= above
    boxes[:, 3] += above
    also = [*kept_clear(canvas), *chips_in_view(canvas)]
    return np.concatenate([boxes, np.array([place.getRect() for place in also]).reshape(-1, 4)])
