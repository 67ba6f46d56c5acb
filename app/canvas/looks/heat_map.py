"""Many numbers as a map of colours: rows down, columns across."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainter

from ...look.colour_map import averaged, image_of
from ...look.theme import Theme
from .look import Array, Look, shades

MOST = 64, 256  # rows and columns of the picture: more would not be seen in a strip of a node


class HeatMap(Look):
    """Any tensor; more than two axes are folded into the rows."""

    @classmethod
    def fits(cls, value: Array) -> bool:
        return value.size > 0

    def __init__(self, value: Array, theme: Theme, decimals: int) -> None:
        value = np.abs(value) if np.iscomplexobj(value) else value
        matrix = value.reshape(-1, value.shape[-1]) if value.ndim > 1 else value.reshape(1, -1)
        self._image = image_of(shades(averaged(matrix, *MOST), theme))

    def paint(self, painter: QPainter, place: QRectF, colour: QColor) -> None:
        # Shrunk, all cells are to be seen; enlarged, their edges.
        shrunk = self._image.width() > place.width() * painter.worldTransform().m11()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, shrunk)
        painter.drawImage(place.adjusted(0, 1, 0, -1), self._image)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
