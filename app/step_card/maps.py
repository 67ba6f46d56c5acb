"""Arrays as small maps: blue above 0 and orange beneath, each on its own scale."""

from __future__ import annotations

from PySide6.QtGui import QImage

from ..look import colour_map
from .elements import Array, strongest


def image_of(plane: Array, dark: bool) -> QImage:
    """A plane with 0 in the middle of its colours."""
    low, high = colour_map.limits(plane)
    most = max(abs(low), abs(high)) or 1.0
    return colour_map.image_of(colour_map.colour(plane, -most, most, dark))


def plane_image(plane: Array, most: float, dark: bool) -> QImage:
    """One plane of several, in colours that go as far from 0 as the numbers of all of them."""
    return colour_map.image_of(colour_map.colour(strongest(plane), -most, most, dark))
