"""One sample among others: its picture or its first features, what was predicted of it, and how sure."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter, QPen

from ..look.theme import Theme
from .thumbnails import draw_image
from .verdicts import Verdicts, percent

BAR = 3.0  # pixels
CROSS = 3.0  # from its middle
APART = 6.0  # pixels between features and what is predicted
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


def draw_sample(
    painter: QPainter, found: Verdicts, index: int, tile: QRectF, what: QImage | str, factor: float, theme: Theme
) -> None:
    """A picture so many times as large as it is, or features as a text, in a tile."""
    colour = QColor(theme.text)
    if not found.finite[index]:
        colour = QColor(theme.nonfinite)
    elif not found.right[index] and not found.scored:
        colour = QColor(theme.error)
    bad = colour.name() != theme.text
    if isinstance(what, QImage):
        picture = _draw_picture(painter, what, tile, factor, colour if bad else QColor(theme.line))
        words = QRectF(QPointF(tile.left(), picture.bottom() + 1), tile.bottomRight() - QPointF(0, BAR + 1))
        beside = tile.right() - picture.right() >= 2 * CROSS + 2
        cross = picture.topRight() + QPointF((CROSS + 3) if beside else (-CROSS - 2), CROSS + 2)
    else:
        words = _draw_features(painter, what, tile, theme)
        cross = QPointF(words.left() + CROSS, words.center().y())
        words.adjust((2 * CROSS + 4) * bad, 0, 0, 0)
    if bad:
        _draw_cross(painter, cross, colour, theme)
    _draw_words(painter, found, index, words, colour, theme)
    bar = QRectF(words.left(), words.bottom() + 1, words.width(), BAR)
    _draw_bar(painter, found, index, bar, colour if bad else QColor(theme.accent), theme)


def _draw_picture(painter: QPainter, image: QImage, tile: QRectF, factor: float, frame: QColor) -> QRectF:
    """The picture in its frame; where it stands."""
    wide, high = image.width() * factor, image.height() * factor
    place = QRectF(round(tile.left() + (tile.width() - wide) / 2), tile.top(), wide, high)
    draw_image(painter, place, image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setPen(QPen(frame, 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(place.adjusted(-1, -1, 0, 0))
    return place


def _draw_features(painter: QPainter, text: str, tile: QRectF, theme: Theme) -> QRectF:
    """The first features at the left; where words stand at the right."""
    metrics, half = QFontMetricsF(painter.font()), tile.width() / 2
    place = QRectF(tile.left(), tile.top(), half - APART, metrics.height())
    painter.setPen(QColor(theme.dim))
    painter.drawText(place, _LEFT, metrics.elidedText(text, Qt.TextElideMode.ElideRight, place.width()))
    return QRectF(tile.left() + half, tile.top(), half, metrics.height())


def _draw_words(painter: QPainter, found: Verdicts, index: int, place: QRectF, colour: QColor, theme: Theme) -> None:
    """What was predicted, and how sure where there is room."""
    metrics, text = QFontMetricsF(painter.font()), found.caption(index)
    if metrics.horizontalAdvance(text) > place.width() and (found.scored or not found.finite[index]):
        text = found.name(found.predicted[index])  # a number that is cut would be another one
    painter.setPen(colour)
    wide = metrics.horizontalAdvance(text)
    painter.drawText(place, _LEFT, metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, place.width()))
    sure = percent(round(found.sure(index), 2)) if found.finite[index] and not found.scored else ""
    if sure and wide + 6 + metrics.horizontalAdvance(sure) <= place.width():
        painter.setPen(QColor(theme.dim))
        painter.drawText(place, _RIGHT, sure)


def _draw_bar(painter: QPainter, found: Verdicts, index: int, place: QRectF, colour: QColor, theme: Theme) -> None:
    """How sure, from the left; of a score how far it is off, from the middle."""
    painter.fillRect(place, QColor(theme.line))
    if not found.finite[index]:
        return
    if not found.scored:
        painter.fillRect(QRectF(place.left(), place.top(), place.width() * found.sure(index), BAR), colour)
        return
    greatest = float(np.abs(found.differences[found.finite]).max(initial=0.0)) or 1.0
    half = place.width() / 2 * float(found.differences[index]) / greatest
    painter.fillRect(QRectF(place.center().x(), place.top(), half, BAR).normalized(), colour)


def _draw_cross(painter: QPainter, middle: QPointF, colour: QColor, theme: Theme) -> None:
    """What is wrong is not told by colour alone."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    ground = QColor(theme.background)
    painter.fillRect(QRectF(middle.x() - CROSS - 2, middle.y() - CROSS - 2, 2 * CROSS + 4, 2 * CROSS + 4), ground)
    painter.setPen(QPen(colour, 1.6))
    painter.drawLine(QLineF(middle.x() - CROSS, middle.y() - CROSS, middle.x() + CROSS, middle.y() + CROSS))
    painter.drawLine(QLineF(middle.x() - CROSS, middle.y() + CROSS, middle.x() + CROSS, middle.y() - CROSS))
