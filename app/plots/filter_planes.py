"""Weights as planes side by side: the channels of a filter next to each other, all on one scale of colours."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter, QPen

from ..inspecting.sheet import small
from ..look.colour_map import colour, diverging, image_of, limits
from ..look.numbers import significant
from ..look.theme import Theme
from ..tensor_view.heat_map import mark_nonfinite
from .board import Spot, draw_words
from .card import Array
from .data import Filters
from .thumbnails import draw_image

MOST = 64  # planes that are shown
ROOM, WITHIN, BETWEEN = 8.0, 2.0, 7.0  # pixels around all, between channels of a filter, and between filters
LARGE = 40.0  # pixels of a weight, at most
MUCH = 1.5  # times larger: what planes must become for a filter to go on in another row
RAMP = 46.0  # pixels of the scale of colours


class Arrangement(NamedTuple):
    """Where planes are, and in which column and row of all."""

    places: list[QRectF]
    grid: list[tuple[int, int]]


class FilterPlanes:
    """What a board of filters draws."""

    def __init__(self) -> None:
        self.filters: Filters | None = None
        self.planes: Array = np.zeros((0, 1, 1))
        self.greatest = 0.0
        self._images: list[QImage] = []
        self._of = ""  # the theme that they are of

    def show(self, filters: Filters | None) -> None:
        """Show others: whole filters, as many as there may be."""
        self.filters, self._images = filters, []
        if filters is None:
            self.planes = np.zeros((0, 1, 1))
            return
        whole = MOST // filters.channels * filters.channels or MOST
        self.planes = np.asarray(filters.planes[:whole])
        self.greatest = max(abs(limit) for limit in limits(self.planes))

    @property
    def channels(self) -> int:
        """Of each filter, as many as are shown."""
        return 1 if self.filters is None else min(self.filters.channels, max(len(self.planes), 1))

    def images(self, theme: Theme) -> list[QImage]:
        """One of each plane; 0 is the middle of the colours."""
        if not self._images or self._of != theme.name:
            most = self.greatest or 1.0
            pixels = colour(self.planes, -most, most, theme.name == "dark")
            self._images, self._of = [image_of(each) for each in pixels], theme.name
        return self._images

    def arranged(self, place: QRectF) -> Arrangement:
        """The largest planes of which all find room, channels in one row unless that makes them far smaller."""
        line = QFontMetricsF(small()).height()
        room = place.adjusted(ROOM, 5, -ROOM, -line - 7)
        channels, filters = self.channels, len(self.planes) // self.channels
        rows, columns = self.planes.shape[1:]
        best = (0.0, 1, 1)
        for wraps in (1, 2, 3, 4, 6, 8):
            across = -(-channels // wraps)
            beside = max((_factor(room, (rows, columns), across, wraps, n, filters), n) for n in range(1, filters + 1))
            if beside[0] > best[0] * MUCH:
                best = (beside[0], across, beside[1])
        factor, across, n = best
        factor = float(int(factor)) if factor > 1 else max(factor, 1e-3)
        return self._arrange(room, factor, across, n)

    def _arrange(self, room: QRectF, factor: float, across: int, beside: int) -> Arrangement:
        """Channels in rows of so many, and so many filters beside each other, in the middle of the room."""
        rows, columns = self.planes.shape[1:]
        down = -(-self.channels // across)
        wide, high = columns * factor, rows * factor
        block = across * (wide + WITHIN) - WITHIN + BETWEEN, down * (high + WITHIN) - WITHIN + BETWEEN
        start = round(room.left() + (room.width() - beside * block[0] + BETWEEN) / 2)
        places, grid = [], []
        for number in range(len(self.planes)):
            which, channel = divmod(number, self.channels)
            left = start + which % beside * block[0] + channel % across * (wide + WITHIN)
            top = room.top() + which // beside * block[1] + channel // across * (high + WITHIN)
            places.append(QRectF(left, top, wide, high))
            grid.append((which % beside * across + channel % across, which // beside * down + channel // across))
        return Arrangement(places, grid)

    def draw(self, painter: QPainter, place: QRectF, spot: Spot | None, theme: Theme) -> None:
        """All planes, and beneath them the scale and the weight that is told of."""
        painter.setFont(small())
        if self.filters is None or not self.planes.size:
            painter.setPen(QColor(theme.dim))
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, "There are no filters yet")
            return
        rows, columns = self.planes.shape[1:]
        places, broken = self.arranged(place).places, not np.isfinite(self.planes).all()
        for plane, at, image in zip(self.planes, places, self.images(theme), strict=True):
            draw_image(painter, at, image)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            painter.setPen(QPen(QColor(theme.line), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(at.adjusted(-1, -1, 0, 0))
            if broken:
                mark_nonfinite(painter, plane, at.topLeft(), at.width() / columns, at.height() / rows)
        if spot is not None and self.has(spot):
            at = places[spot[0]]
            wide, high = at.width() / columns, at.height() / rows
            painter.setPen(QPen(QColor(theme.text), 1.5))
            painter.drawRect(QRectF(at.left() + spot[2] * wide - 0.5, at.top() + spot[1] * high - 0.5, wide, high))
        self._draw_foot(painter, place, spot, theme)

    def _draw_foot(self, painter: QPainter, place: QRectF, spot: Spot | None, theme: Theme) -> None:
        """The weight that is told of, and the scale where there is room beside it."""
        metrics = QFontMetricsF(painter.font())
        words = self.words(spot) if spot is not None and self.has(spot) else ""
        foot = draw_words(painter, place, words, theme)
        low, high = (significant(sign * self.greatest, 3) for sign in (-1, 1))
        first, last = metrics.horizontalAdvance(low), metrics.horizontalAdvance(high)
        left = foot.right() - first - last - RAMP - 8
        if metrics.horizontalAdvance(words) + 8 > left - foot.left():
            return
        painter.setPen(QColor(theme.dim))
        base = foot.top() + metrics.ascent()
        painter.drawText(QPointF(left, base), low)
        ramp = image_of(diverging(theme.name == "dark")[None])
        painter.drawImage(QRectF(left + first + 4, foot.top() + 4, RAMP, foot.height() - 8), ramp)
        painter.drawText(QPointF(foot.right() - last, base), high)

    def find(self, point: QPointF, place: QRectF) -> Spot | None:
        """The weight there."""
        if not self.planes.size:
            return None
        rows, columns = self.planes.shape[1:]
        for number, at in enumerate(self.arranged(place).places):
            if at.contains(point):
                row = int((point.y() - at.top()) / at.height() * rows)
                column = int((point.x() - at.left()) / at.width() * columns)
                return number, min(row, rows - 1), min(column, columns - 1)
        return None

    def go(self, spot: Spot | None, across: int, down: int, far: bool, place: QRectF) -> Spot | None:
        """The weight beside, in the next plane behind an edge; where `far`, the same weight of that plane."""
        if not self.planes.size:
            return None
        if spot is None:
            return 0, 0, 0
        rows, columns = self.planes.shape[1:]
        number, row, column = spot[0], spot[1] + down, spot[2] + across
        if not far and 0 <= row < rows and 0 <= column < columns:
            return number, row, column
        grid = self.arranged(place).grid
        target = grid[number][0] + across, grid[number][1] + down
        if target not in grid:
            return spot
        return (grid.index(target), *(spot[1:] if far else (row % rows, column % columns)))

    def has(self, spot: Spot) -> bool:
        """Whether there is such a weight."""
        return all(place < size for place, size in zip(spot, self.planes.shape, strict=True))

    def words(self, spot: Spot) -> str:
        """Where a weight is, and what it is."""
        if self.filters is None:
            return ""
        which, channel = divmod(spot[0], self.filters.channels)
        of = f", channel {channel}" if self.filters.channels > 1 else ""
        return f"filter {which}{of}, row {spot[1]}, column {spot[2]}: {significant(self.planes[spot], 4)}"


def _factor(room: QRectF, size: tuple[int, int], across: int, down: int, beside: int, filters: int) -> float:
    """Pixels of a weight where filters of so many planes across and down stand so many beside each other."""
    lines = -(-filters // beside)
    wide = (room.width() - BETWEEN * (beside - 1) - beside * (across - 1) * WITHIN) / (beside * across * size[1])
    high = (room.height() - BETWEEN * (lines - 1) - lines * (down - 1) * WITHIN) / (lines * down * size[0])
    return min(wide, high, LARGE)
