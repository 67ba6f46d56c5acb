"""Samples side by side, each with what is predicted of it; of one all that is predicted."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter, QPen

from ..inspecting.sheet import small
from ..look.fonts import shown_scale
from ..look.theme import Theme
from .board import Spot
from .card import Array
from .data import Samples
from .sample_detail import draw_detail
from .sample_drawing import BAR, draw_sample
from .thumbnails import Tiling, as_images, tiling
from .verdicts import ARROW, Verdicts, features, judge

MOST = 48  # samples that are shown
GAP, ROOM = 6.0, 8.0  # pixels between tiles, and around all
CAPTION = 84.0  # pixels that a tile is widened to for the names of classes, at a text scale of 1
CUT = 40.0  # the same where else not all would find room
ROW, BESIDE = 190.0, 18.0  # pixels of a sample without a picture, and to the next one beside


class SampleTiles:
    """What a board of samples draws."""

    def __init__(self) -> None:
        self.samples: Samples | None = None
        self.verdicts: Verdicts | None = None
        self._images: list[QImage] = []
        self._features: list[str] = []

    def show(self, samples: Samples | None) -> None:
        """Show others. Pictures that are the same are not made anew."""
        before = self.samples
        self.samples, self.verdicts = samples, None if samples is None else judge(samples)
        if samples is None or samples.pictures is None:
            self._images = []
        elif before is None or not same(before.pictures, samples.pictures):
            self._images = as_images(np.asarray(samples.pictures)[:MOST])
        if samples is not None and (before is None or not same(before.features, samples.features)):
            self._features = [features(samples, index) for index in range(self.count)]

    def _caption(self) -> float:
        """Pixels that a tile is widened to for what is written beneath it, in letters as large as they are now."""
        metrics = QFontMetricsF(small())
        names = () if self.verdicts is None else self.verdicts.names
        widest = max((metrics.horizontalAdvance(name) for name in names), default=metrics.horizontalAdvance("−0.123"))
        return min(2 * widest + metrics.horizontalAdvance(ARROW) + 2, CAPTION * shown_scale())

    @property
    def count(self) -> int:
        """How many could be shown."""
        return 0 if self.samples is None else min(len(self.samples.targets), MOST)

    def tiling(self, place: QRectF) -> Tiling:
        """Where they stand."""
        room = place.adjusted(ROOM, 5, -ROOM, -ROOM)
        line = QFontMetricsF(small()).height()
        if self._images:
            size = self._images[0].height(), self._images[0].width()
            caption = self._caption()
            found = tiling(self.count, size, caption, BAR + 3 + line, GAP, room)
            if len(found.tiles) < self.count:  # rather names that are cut than fewer pictures
                found = tiling(self.count, size, min(caption, CUT * shown_scale()), BAR + 3 + line, GAP, room)
            return found
        high = line + BAR + 3
        down = max(int((room.height() + 2) // (high + 2)), 1)
        across = max(min(int((room.width() + BESIDE) // (ROW + BESIDE)), -(-self.count // down)), 1)
        wide = (room.width() - BESIDE * (across - 1)) / across
        tiles = [
            QRectF(
                room.left() + number % across * (wide + BESIDE), room.top() + number // across * (high + 2), wide, high
            )
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
                more = f"{hidden + 1:,} more"
                fits = painter.fontMetrics().horizontalAdvance(more) <= tile.width()
                middle = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextDontClip
                painter.drawText(tile, middle, more if fits else f"+{hidden + 1:,}")
                break
            image = self._images[index] if self._images else self._features[index]
            draw_sample(painter, self.verdicts, index, tile, image, found.factor, theme)
        if spot is not None and spot[0] < len(found.tiles):
            tile = found.tiles[spot[0]]
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            painter.setPen(QPen(QColor(theme.text), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(tile.adjusted(-3, -3, 2, 2))
            draw_detail(painter, self.samples, self.verdicts, spot[0], tile, place, theme)

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


def same(known: Array | None, found: Array | None) -> bool:
    """Whether these are the same numbers; those with NaN are looked at as others."""
    if known is found:
        return True
    return known is not None and found is not None and np.array_equal(known, found)
