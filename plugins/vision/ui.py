"""How colour pictures look that are no longer from 0 to 1: in their colours all the same."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainter

from gradwire.app.extend import Look, Theme, WindowHost, image_of

FEWEST = 8  # pixels along a side: less is a filter or a vector, of which signs matter
MOST = 96  # pixels along a side of what is kept: more would not be seen in a node
SHOWN = 6
APART = 2.0  # between pictures, scene units


class StretchedColours(Look):
    """Three channels with numbers below 0 or above 1 as red, green and blue, each picture from its least to its
    greatest number. (From 0 to 1 the program shows them as they are.)
    """

    @classmethod
    def fits(cls, value: np.ndarray) -> bool:
        if value.ndim not in (3, 4) or value.shape[-3] != 3 or value.dtype.kind != "f" or not value.size:
            return False
        height, width = value.shape[-2:]
        if min(height, width) < FEWEST or not 0.5 <= width / height <= 2.0:
            return False
        first = _first(value)
        return bool(np.isfinite(first).all() and (first.min() < 0 or first.max() > 1))

    def __init__(self, value: np.ndarray, theme: Theme, decimals: int) -> None:
        self._aspect = value.shape[-1] / value.shape[-2]
        step = -(-max(value.shape[-2:]) // MOST)
        self._images = [image_of(_stretched(each[:, ::step, ::step])) for each in _first(value)]

    def paint(self, painter: QPainter, place: QRectF, colour: QColor) -> None:
        high = place.height() - 2
        wide = high * self._aspect
        fits = max(1, int((place.width() + APART) // (wide + APART)))
        shown = self._images[:fits]
        left = place.right() - len(shown) * (wide + APART) + APART
        for number, image in enumerate(shown):
            painter.drawImage(QRectF(left + number * (wide + APART), place.y() + 1, wide, high), image)


def _first(value: np.ndarray) -> np.ndarray:
    """The pictures that are shown, (n, 3, rows, columns)."""
    return value.reshape(-1, *value.shape[-3:])[:SHOWN]


def _stretched(picture: np.ndarray) -> np.ndarray:
    """A picture (3, rows, columns) as bytes (rows, columns, 3), from its least number to its greatest."""
    low, high = float(picture.min()), float(picture.max())
    return np.moveaxis(255 * (picture - low) / ((high - low) or 1.0), 0, -1).round().astype(np.uint8)


def register(host: WindowHost) -> None:
    """Add the look."""
    host.add_look(StretchedColours)
