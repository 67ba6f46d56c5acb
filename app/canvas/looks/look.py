"""What a look is, and the colours in which looks show numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainter

from ...look import colour_map
from ...look.theme import Theme

Array = NDArray[Any]


class Look:
    """The preview of one value: made once for each value, painted in every frame."""

    numbered = False  # whether its numbers stand in cells, which need all the width

    @classmethod
    def fits(cls, value: Array) -> bool:
        """Whether this look shows such a value."""
        raise NotImplementedError

    def __init__(self, value: Array, theme: Theme, decimals: int) -> None:
        raise NotImplementedError

    def paint(self, painter: QPainter, place: QRectF, colour: QColor) -> None:
        """Draw it, in scene units; `colour` is that of texts."""
        raise NotImplementedError


def shades(value: Array, theme: Theme) -> NDArray[np.uint8]:
    """The colours (…, 3) of numbers, as far to either side of 0: what is 0 in one node looks as it does in the next."""
    low, high = colour_map.limits(value)
    most = max(-low, high) or 1.0
    return colour_map.colour(value, -most, most, theme.name == "dark")
