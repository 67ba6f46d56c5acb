"""A soft brush: how much of each pixel a stroke covers."""

from __future__ import annotations

from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
SOFT = 0.6  # pixels on either side of the edge over which a stroke fades
LEAST, SHARE = 0.95, 0.05  # the radius at first: in pixels, and of the longer side; strokes of digits are so wide
FINER = 1.15  # by what factor the wheel changes the radius


def radius_for(rows: int, columns: int) -> float:
    """The radius in pixels with which drawing begins."""
    return max(LEAST, SHARE * max(rows, columns))


def covered(rows: int, columns: int, start: tuple[float, float], end: tuple[float, float], radius: float) -> Array:
    """The share of each pixel (rows, columns) that a straight stroke covers; places are (x, y) in pixels."""
    y, x = np.mgrid[0:rows, 0:columns] + 0.5
    (x0, y0), (x1, y1) = start, end
    along_x, along_y = x1 - x0, y1 - y0
    length = along_x**2 + along_y**2
    share = ((x - x0) * along_x + (y - y0) * along_y) / length if length else np.zeros_like(x)
    share = np.clip(share, 0.0, 1.0)
    distance = np.hypot(x - (x0 + share * along_x), y - (y0 + share * along_y))
    return np.clip((radius + SOFT - distance) / (2 * SOFT), 0.0, 1.0)


class Stroke:
    """What a stroke makes of a picture: where it goes over itself nothing gets stronger."""

    def __init__(self, picture: Array, ink: Array, radius: float) -> None:
        self._before, self._ink, self._radius = picture, ink, radius
        self._cover = np.zeros(picture.shape[:2])

    def to(self, start: tuple[float, float], end: tuple[float, float]) -> Array:
        """The picture once it has gone on from one place to another."""
        rows, columns = self._cover.shape
        self._cover = np.maximum(self._cover, covered(rows, columns, start, end, self._radius))
        cover = self._cover if self._before.ndim == 2 else self._cover[..., None]
        return np.asarray(self._before * (1 - cover) + self._ink * cover)
