"""Samples side by side, each with what is predicted of it; of one all that is predicted."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter, QPen

from ..inspecting.sheet import small
from ..look.theme import Theme
from .board import Spot
from .card import Array
from .data import Samples
from .sample_detail import draw_detail
from .thumbnails import Tiling, draw_image, grey, tiling
from .verdicts import ARROW, Verdicts, features, judge, percent

MOST = 48  # samples that are shown
GAP, ROOM, BAR = 6.0, 8.0, 3.0  # pixels between tiles, around all, and of a bar
CAPTION = 84.0  # pixels that a tile is widened to for the names of classes
ROW = 190.0  # pixels of a sample without a picture
CROSS = 3.0
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class SampleTiles:
    """What a board of samples draws."""

    def __init__(self) -> None:
        self.samples: Samples | None = None
        self.verdicts: Verdicts | None = None
        self._images: list[QImage] = []
        self._caption = 0.0

    def show(self, samples: Samples | None) -> None:
        """Show others. Pictures that are the same are not made anew."""
        known = None if self.samples is None else self.samples.pictures
        names = () if self.verdicts is None else self.verdicts.names
        self.samples, self.verdicts = samples, None if samples is None else judge(samples)
        pictures = None if samples is None else samples.pictures
        if not same(known, pictures):
            self._images = [] if pictures is None else grey(np.asarray(pictures)[:MOST])
        if self.verdicts is not None and (self.verdicts.names != names or not self._caption):
            metrics = QFontMetricsF(small())
            widest = max((metrics.horizontalAdvance(name) for name in self.verdicts.names), default=34.0)
            self._caption = min(2 * widest + metrics.horizontalAdvance(ARROW) + 2, CAPTION)

    @property
    def count(self) -> int:
        """How many could be shown."""
        return 0 if self.samples is None else min(len(self.samples.targets), MOST)

    def tiling(self, place: QRectF) -> Tiling:
        """Where they stand."""
        room = place.adjusted(ROOM, 3, -ROOM, -ROOM)
        line = QFontMetricsF(small()).height()
        if self._images:
            size = self._images[0].height(), self._images[0].width()
            return tiling(self.count, size, self._caption, BAR + 3 + line, GAP, room)
        high = line + BAR + 3
        down = max(int((room.height() + 2) // (high + 2)), 1)
        across = max(min(int((room.width() + GAP) // (ROW + GAP)), -(-self.count // down)), 1)
        wide = (room.width() - GAP * (across - 1)) / across
        tiles = [
            QRectF(room.left() + number % across * (wide + GAP), room.top() + number // across * (high + 2), wide, high)
            for number in range(min(self.count, across * down))
        ]
        return Tiling(tiles, across, 1.0)

    def draw(self, painter: QPainter, place: QRectF, spot: Spot | None, theme: Theme) -> None:
        """All of them, and all that is predicted of the one that is told of."""
        painter.setFont(small())
        if self.samples is None or self.verdicts is None:
            painter.setPen(QColor(theme.dim))
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, "Nothing has been predicted yet")
            return
        found = self.tiling(place)
        hidden = len(self.samples.targets) - len(found.tiles)
        for index, tile in enumerate(found.tiles):
            if hidden and index == len(found.tiles) - 1:
                painter.setPen(QColor(theme.dim))
                painter.drawText(tile, Qt.AlignmentFlag.AlignCenter, f"{hidden + 1:,} more")
                break
            self._draw_sample(painter, index, tile, found.factor, theme)
        if spot is not None and spot[0] < len(found.tiles):
            tile = found.tiles[spot[0]]
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            painter.setPen(QPen(QColor(theme.text), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(tile.adjusted(-3, -3, 2, 2))
            draw_detail(painter, self.samples, self.verdicts, spot[0], tile, place, theme)

    def _draw_sample(self, painter: QPainter, index: int, tile: QRectF, factor: float, theme: Theme) -> None:
        found = self.verdicts
        assert found is not None
        colour = QColor(theme.text)
        if not found.finite[index]:
            colour = QColor(theme.nonfinite)
        elif not found.right[index] and not found.scored:
            colour = QColor(theme.error)
        bad = colour.name() != theme.text
        if self._images:
            words = self._draw_picture(painter, index, tile, factor, colour if bad else QColor(theme.line))
        else:
            words = self._draw_features(painter, index, tile, theme)
        if bad:
            corner = tile.topRight() + QPointF(-CROSS - 2, CROSS + 2) if self._images else words.topLeft()
            if self._images:
                picture = tile.left() + (tile.width() + self._images[index].width() * factor) / 2
                corner = QPointF(picture - CROSS - 2, tile.top() + CROSS + 2)
            else:
                corner = QPointF(words.left() + CROSS, words.center().y())
                words = words.adjusted(2 * CROSS + 4, 0, 0, 0)
            draw_cross(painter, corner, colour, theme)
        self._draw_words(painter, index, words, colour, theme)
        bar = QRectF(words.left(), words.bottom() + 1, words.width(), BAR)
        self._draw_bar(painter, index, bar, QColor(theme.accent) if not bad else colour, theme)

    def _draw_picture(self, painter: QPainter, index: int, tile: QRectF, factor: float, frame: QColor) -> QRectF:
        """The picture in its frame; where words stand beneath."""
        image = self._images[index]
        wide, high = image.width() * factor, image.height() * factor
        place = QRectF(round(tile.left() + (tile.width() - wide) / 2), tile.top(), wide, high)
        draw_image(painter, place, image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(QPen(frame, 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(place.adjusted(-1, -1, 0, 0))
        return QRectF(tile.left(), place.bottom() + 1, tile.width(), tile.height() - high - BAR - 2)

    def _draw_features(self, painter: QPainter, index: int, tile: QRectF, theme: Theme) -> QRectF:
        """The first features at the left; where words stand at the right."""
        assert self.samples is not None
        metrics = QFontMetricsF(painter.font())
        words = QRectF(tile.left() + tile.width() * 0.5, tile.top(), tile.width() * 0.5, metrics.height())
        place = QRectF(tile.left(), tile.top(), tile.width() * 0.5 - GAP, metrics.height())
        painter.setPen(QColor(theme.dim))
        text = metrics.elidedText(features(self.samples, index), Qt.TextElideMode.ElideRight, place.width())
        painter.drawText(place, _LEFT, text)
        return words

    def _draw_words(self, painter: QPainter, index: int, place: QRectF, colour: QColor, theme: Theme) -> None:
        """What was predicted, and how sure where there is room."""
        found, metrics = self.verdicts, QFontMetricsF(painter.font())
        assert found is not None
        text = found.caption(index)
        painter.setPen(colour)
        wide = metrics.horizontalAdvance(text)
        painter.drawText(place, _LEFT, metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, place.width()))
        sure = percent(round(found.sure(index), 2)) if found.finite[index] and not found.scored else ""
        if sure and wide + 6 + metrics.horizontalAdvance(sure) <= place.width():
            painter.setPen(QColor(theme.dim))
            painter.drawText(place, _RIGHT, sure)

    def _draw_bar(self, painter: QPainter, index: int, place: QRectF, colour: QColor, theme: Theme) -> None:
        """How sure, from the left; of a score how far it is off, from the middle."""
        found = self.verdicts
        assert found is not None
        painter.fillRect(place, QColor(theme.line))
        if not found.finite[index]:
            return
        if not found.scored:
            painter.fillRect(QRectF(place.left(), place.top(), place.width() * found.sure(index), BAR), colour)
            return
        sizes = np.abs(found.differences[found.finite])
        half = place.width() / 2 * float(found.differences[index]) / (float(sizes.max(initial=0.0)) or 1.0)
        painter.fillRect(QRectF(place.center().x(), place.top(), half, BAR).normalized(), colour)

    def find(self, point: QPointF, place: QRectF) -> Spot | None:
        """The sample there."""
        tiles = self._whole(place).tiles
        near = (number for number, tile in enumerate(tiles) if tile.adjusted(-3, -3, 3, 3).contains(point))
        number = next(near, None)
        return None if number is None else (number,)

    def go(self, spot: Spot | None, across: int, down: int, far: bool, place: QRectF) -> Spot | None:
        """The sample beside."""
        found = self._whole(place)
        if spot is None or not found.tiles:
            return (0,) if found.tiles else None
        target = spot[0] + across + down * found.columns
        return (target,) if 0 <= target < len(found.tiles) else spot

    def _whole(self, place: QRectF) -> Tiling:
        """Without the tile that tells how many more there are."""
        if self.samples is None:
            return Tiling([], 1, 1.0)
        found = self.tiling(place)
        hidden = len(found.tiles) < len(self.samples.targets)
        return found._replace(tiles=found.tiles[: len(found.tiles) - hidden])

    def has(self, spot: Spot) -> bool:
        """Whether it is shown."""
        return spot[0] < self.count

    def words(self, spot: Spot) -> str:
        """All that is predicted of it."""
        return "" if self.verdicts is None else self.verdicts.words(spot[0])


def draw_cross(painter: QPainter, middle: QPointF, colour: QColor, theme: Theme) -> None:
    """What is wrong is not told by colour alone."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    ground = QColor(theme.background)
    painter.fillRect(QRectF(middle.x() - CROSS - 2, middle.y() - CROSS - 2, 2 * CROSS + 4, 2 * CROSS + 4), ground)
    painter.setPen(QPen(colour, 1.6))
    painter.drawLine(QLineF(middle.x() - CROSS, middle.y() - CROSS, middle.x() + CROSS, middle.y() + CROSS))
    painter.drawLine(QLineF(middle.x() - CROSS, middle.y() + CROSS, middle.x() + CROSS, middle.y() - CROSS))


def same(known: Array | None, pictures: Array | None) -> bool:
    """Whether these are the same pictures; those with NaN are looked at as others."""
    if known is pictures:
        return True
    return known is not None and pictures is not None and np.array_equal(known, pictures)
