"""Pictures side by side: in their own colours where they are such, else each channel as a map of signed numbers."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from ...look.colour_map import averaged, image_of
from ...look.theme import Theme
from .look import Array, Look, shades

FEWEST = 2  # pixels along a side: less is a vector for each, not a picture
SHOWN = 6
APART, WIDEST = 2.0, 6.0  # between pictures, at least and at most; scene units
MOST = 96  # pixels along a side of what is kept: more would not be seen in a strip of a node


class Pictures(Look):
    """The last two axes are a picture. All that are shown share one scale about 0, so that signs and sizes compare."""

    @classmethod
    def fits(cls, value: Array) -> bool:
        if value.ndim not in (3, 4) or value.dtype.kind not in "fiu" or not value.size:
            return False
        height, width = value.shape[-2:]
        return FEWEST <= height <= 2048 and FEWEST <= width <= 2048 and 0.5 <= width / height <= 2.0

    def __init__(self, value: Array, theme: Theme, decimals: int) -> None:
        self._rows = value.shape[-2]
        self._aspect = value.shape[-1] / value.shape[-2]
        self._images = self._drawn(value, theme)

    def _drawn(self, value: Array, theme: Theme) -> list[QImage]:
        first = value.reshape(-1, *value.shape[-2:])[:SHOWN]
        return [image_of(plane) for plane in shades(np.stack([strongest(plane, MOST) for plane in first]), theme)]

    def paint(self, painter: QPainter, place: QRectF, colour: QColor) -> None:
        high = place.height() - 2
        apart = max(APART, min(high / self._rows, WIDEST))  # as pixels are, or pictures of few would be one
        step = high * self._aspect + apart
        fits = max(1, int((place.width() + apart) // step))
        shown = self._images[:fits]
        left = place.right() - len(shown) * step + apart
        shrunk = self._images[0].height() > high * painter.worldTransform().m11()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, shrunk)
        for number, image in enumerate(shown):
            painter.drawImage(QRectF(left + number * step, place.y() + 1, high * self._aspect, high), image)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)


class ColourPictures(Pictures):
    """Three channels between 0 and 1 are red, green and blue. Of values only: a gradient is no colour."""

    @classmethod
    def fits(cls, value: Array) -> bool:
        if not Pictures.fits(value) or value.shape[-3] != 3:
            return False
        first = _samples(value)
        return bool((first >= 0).all() and (first <= 1).all())  # nor NaN

    def _drawn(self, value: Array, theme: Theme) -> list[QImage]:
        small = [np.stack([averaged(plane, MOST, MOST) for plane in sample], axis=-1) for sample in _samples(value)]
        return [image_of((255 * sample.clip(0, 1)).round().astype(np.uint8)) for sample in small]


def _samples(value: Array) -> Array:
    """Those that are shown, (n, 3, rows, columns)."""
    return value.reshape(-1, *value.shape[-3:])[:SHOWN]


def strongest(plane: Array, most: int) -> Array:
    """At most so many rows and columns, each the number farthest from 0 of what it stands for; one NaN shows.

    A mean would let both signs cancel.
    """
    for axis in (0, 1):
        step = -(-plane.shape[axis] // most)
        if step > 1:
            starts = np.arange(0, plane.shape[axis], step)
            low, high = (reduce.reduceat(plane, starts, axis) for reduce in (np.minimum, np.maximum))
            plane = np.where(-low.astype(np.float64) > high, low, high)  # both are NaN where one is
    return plane
