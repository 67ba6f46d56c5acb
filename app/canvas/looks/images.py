"""Pictures side by side."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainter

from ...look.colour_map import image_of
from ...look.theme import Theme
from .look import Array, Look

FEWEST = 6  # pixels along a side: less is a matrix, not a picture
SHOWN = 6


class Pictures(Look):
    """The last two axes of a tensor of three or four are a picture, or the two before three colours."""

    @classmethod
    def fits(cls, value: Array) -> bool:
        if value.ndim not in (3, 4) or value.dtype.kind not in "fiu":
            return False
        height, width = value.shape[-2:]
        return FEWEST <= height <= 2048 and FEWEST <= width <= 2048 and 0.5 <= width / height <= 2.0

    def __init__(self, value: Array, theme: Theme, decimals: int) -> None:
        height, width = value.shape[-2:]
        first = value[:SHOWN] if value.ndim == 3 else value[:SHOWN, 0]
        number = np.where(np.isfinite(first), first, 0.0).astype(np.float64)
        low = number.min(axis=(1, 2), keepdims=True)
        span = number.max(axis=(1, 2), keepdims=True) - low
        grey = (255 * (number - low) / np.where(span == 0, 1.0, span)).astype(np.uint8)
        self._images = [image_of(np.repeat(picture[..., None], 3, axis=2)) for picture in grey]
        self._aspect = width / height

    def paint(self, painter: QPainter, place: QRectF, colour: QColor) -> None:
        high = place.height() - 2
        step = high * self._aspect + 2
        fits = max(1, int((place.width() + 2) // step))
        shown = self._images[:fits]
        left = place.right() - len(shown) * step + 2
        for number, image in enumerate(shown):
            painter.drawImage(QRectF(left + number * step, place.y() + 1, high * self._aspect, high), image)
