"""All that is predicted of one sample: bars of the likeliest classes, or a score and how far it is off."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from ..inspecting.sheet import small
from ..look.theme import Theme
from .data import Samples
from .verdicts import Verdicts, features, percent, signed

WIDE, LEAST, ROOM = 190.0, 120.0, 6.0  # pixels: of all, where there is less room beside the sample, and around
HIGHEST = 5  # classes that are told
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


def draw_detail(
    painter: QPainter, samples: Samples, found: Verdicts, index: int, tile: QRectF, place: QRectF, theme: Theme
) -> None:
    """On the side of the place on which the sample is not; beneath or above it where it takes both sides."""
    line = QFontMetricsF(small()).height() + 2
    rows = found.highest(index, HIGHEST) if not found.scored else [0, 1]
    lines = 1 + len(rows) + (samples.pictures is None)
    wide, high = min(WIDE, place.width() * 0.56), lines * line + 2 * ROOM - 2
    if tile.width() > place.width() / 2:
        x = place.right() - wide - 4
        y = tile.bottom() + 5 if tile.bottom() + 5 + high < place.bottom() else tile.top() - 6 - high
    else:
        left = tile.center().x() > place.center().x()
        beside = tile.left() - place.left() - 9 if left else place.right() - tile.right() - 9
        wide = min(wide, max(beside, LEAST))
        x = place.left() + 4 if left else place.right() - wide - 4
        y = min(tile.center().y() - high / 2, place.bottom() - high - 4)
    y = max(y, place.top() + 2)
    box = QRectF(round(x), round(y), round(wide), round(high))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setPen(QPen(QColor(theme.dim), 1))
    painter.setBrush(QColor(theme.raised))
    painter.drawRect(box)
    inner = box.adjusted(ROOM + 1, ROOM - 1, -ROOM, 0)
    at = QRectF(inner.left(), inner.top(), inner.width(), line)
    head = f"sample {index}, target {found.name(found.targets[index])}"
    at = _write(painter, at, head, theme.text, bold=True)
    if samples.pictures is None:
        at = _write(painter, at, features(samples, index), theme.dim)
    if found.scored:
        colour = theme.text if found.finite[index] else theme.nonfinite
        at = _write(painter, at, f"predicted {found.name(found.predicted[index])}", colour)
        _write(painter, at, f"difference {signed(found.differences[index])}", colour)
        return
    metrics = QFontMetricsF(small(bold=True))
    first = min(max(metrics.horizontalAdvance(found.names[number]) for number in rows) + 4, at.width() * 0.42)
    last = max(metrics.horizontalAdvance(percent(found.shares[index, number])) for number in rows) + 1
    for number in rows:
        draw_class(painter, at, found, index, number, (first, last), theme)
        at.translate(0, line)


def _write(painter: QPainter, at: QRectF, text: str, colour: str, bold: bool = False) -> QRectF:
    """A line; where the next one is."""
    painter.setFont(small(bold=bold))
    painter.setPen(QColor(colour))
    metrics = QFontMetricsF(painter.font())
    painter.drawText(at, _LEFT, metrics.elidedText(text, Qt.TextElideMode.ElideRight, at.width()))
    return at.translated(0, at.height())


def draw_class(
    painter: QPainter, at: QRectF, found: Verdicts, index: int, number: int, sides: tuple[float, float], theme: Theme
) -> None:
    """A class with its share as a bar and in per cent; that which is true stands out."""
    true, share = bool(found.targets[index] == number), float(found.shares[index, number])
    first, last = sides
    name = QRectF(at.left(), at.top(), first, at.height())
    _write(painter, name, found.names[number], theme.text if true else theme.dim, bold=true)
    broken = not np.isfinite(share)
    painter.setPen(QColor(theme.nonfinite if broken else theme.text if true else theme.dim))
    painter.drawText(QRectF(at.right() - last, at.top(), last, at.height()), _RIGHT, percent(share))
    room = QRectF(at.left() + first + 3, at.center().y() - 3, at.width() - first - last - 8, 6)
    painter.fillRect(room, QColor(theme.line))
    if not broken:
        part = QRectF(room.left(), room.top(), room.width() * min(max(share, 0.0), 1.0), room.height())
        painter.fillRect(part, QColor(theme.good if true else theme.accent))
