"""How a value looks in a node: the first of LOOKS that fits it. To add one, write its file and name it here."""

from __future__ import annotations

from .cells import Cells
from .heat_map import HeatMap
from .images import ColourPictures, Pictures
from .look import Look
from .matrix import Matrix
from .number import Number

LOOKS: tuple[type[Look], ...] = (Number, Cells, Matrix, ColourPictures, Pictures, HeatMap)
GRADIENT_LOOKS = tuple(look for look in LOOKS if look is not ColourPictures)  # numbers with signs are no colours

__all__ = ["GRADIENT_LOOKS", "LOOKS", "Look", "Number"]
