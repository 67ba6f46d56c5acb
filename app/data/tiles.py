"""Samples that are pictures, as tiles with their class beneath."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter, QPen

from ...core.data import Dataset
from ...core.graph import Graph
from ..inspecting.sheet import small
from ..look.theme import Theme
from ..plots.board import Spot
from ..plots.thumbnails import Tiling, as_images, draw_image, tiling
from ..training.pictures import as_pictures
from .grid import told_number

Array = np.ndarray[Any, Any]
MOST = 60  # pictures that are shown
AT_ONCE, FINE = 2**26, 256  # bytes that are read; pixels of a side that are kept
GAP, ROOM, CAPTION = 6.0, 6.0, 76.0  # pixels between tiles, around all, and of a name at most


@dataclass(frozen=True, eq=False)
class Pictures:
    """`pictures` (n, rows, columns), or with three colours behind; what each is called, and what is told of it."""

    pictures: Array
    captions: tuple[str, ...]
    words: tuple[str, ...]
    total: int


def pictures_of(whole: Dataset, graph: Graph) -> Pictures | None:
    """Some samples, as many of each class as can be; None where they are no pictures."""
    rows = _chosen(whole)
    rows = rows[: max(1, AT_ONCE // max(1, int(np.prod(whole.feature_shape)) * whole.x.dtype.itemsize))]
    pictures = as_pictures(np.asarray(whole.x[rows]), graph)
    if pictures is None:
        return None
    step = -(-max(pictures.shape[1:3]) // FINE)
    pictures = pictures[:, ::step, ::step]
    targets = whole.y.reshape(len(whole), -1)[rows, 0]
    names = whole.class_names
    captions = tuple(told_number(target) if names is None else names[int(target)] for target in targets)
    words = tuple(f"{whole.place('x', int(row))}: {name}" for row, name in zip(rows, captions, strict=True))
    return Pictures(pictures, captions, words, len(whole))


def _chosen(whole: Dataset) -> Array:
    """The first of each class, then the second of each, and so on; without classes those from the beginning."""
    if whole.classes is None or whole.y.ndim != 1:
        return np.arange(min(MOST, len(whole)))
    firsts = [np.flatnonzero(whole.y == label)[:MOST] for label in range(min(whole.classes, MOST))]
    ranked = sorted((rank, label, int(row)) for label, rows in enumerate(firsts) for rank, row in enumerate(rows))
    return np.array([row for _, _, row in ranked[:MOST]], np.int64)


class PictureTiles:
    """What the board of the panel draws."""

    def __init__(self) -> None:
        self.shown: Pictures | None = None
        self._images: list[QImage] = []

    def show(self, pictures: Pictures | None) -> None:
        """Show others."""
        self.shown = pictures
        self._images = [] if pictures is None else as_images(pictures.pictures)

    def _tiling(self, place: QRectF) -> Tiling:
        if self.shown is None or not self._images:
            return Tiling([], 1, 1.0)
        metrics = QFontMetricsF(small())
        widest = max(metrics.horizontalAdvance(name) for name in self.shown.captions)
        size = self._images[0].height(), self._images[0].width()
        room = place.adjusted(ROOM, ROOM, -ROOM, -ROOM)
        return tiling(len(self._images), size, min(widest + 2, CAPTION), metrics.height() + 2, GAP, room)

    def draw(self, painter: QPainter, place: QRectF, spot: Spot | None, theme: Theme) -> None:
        """As many as there is room for."""
        painter.setFont(small())
        found, metrics = self._tiling(place), QFontMetricsF(small())
        captions = () if self.shown is None else self.shown.captions
        for number, tile in enumerate(found.tiles):
            image = self._images[number]
            wide, high = image.width() * found.factor, image.height() * found.factor
            picture = QRectF(round(tile.left() + (tile.width() - wide) / 2), tile.top(), wide, high)
            draw_image(painter, picture, image)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            painter.setPen(QPen(QColor(theme.accent if spot == (number,) else theme.line), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(picture.adjusted(-1, -1, 0, 0))
            painter.setPen(QColor(theme.text))
            words = QRectF(tile.left(), picture.bottom() + 1, tile.width(), metrics.height())
            name = metrics.elidedText(captions[number], Qt.TextElideMode.ElideMiddle, tile.width())
            painter.drawText(words, Qt.AlignmentFlag.AlignCenter, name)

    def find(self, point: QPointF, place: QRectF) -> Spot | None:
        """The picture there."""
        tiles = self._tiling(place).tiles
        number = next((each for each, tile in enumerate(tiles) if tile.contains(point)), None)
        return None if number is None else (number,)

    def go(self, spot: Spot | None, across: int, down: int, far: bool, place: QRectF) -> Spot | None:
        """The picture beside."""
        found = self._tiling(place)
        if spot is None or not found.tiles:
            return (0,) if found.tiles else None
        target = spot[0] + across + down * found.columns
        return (target,) if 0 <= target < len(found.tiles) else spot

    def has(self, spot: Spot) -> bool:
        """Whether it is shown."""
        return spot[0] < len(self._images)

    def words(self, spot: Spot) -> str:
        """Where it stands, and its class."""
        return "" if self.shown is None else self.shown.words[spot[0]]
