"""How a value looks in a node: the first of LOOKS that fits it. To add one, write its file and name it here.

Looks that plugins bring are asked before these, for values, not for gradients.
"""

from __future__ import annotations

from collections.abc import Callable

from ...look.theme import Theme
from .cells import Cells
from .heat_map import HeatMap
from .images import ColourPictures, Pictures
from .look import Array, Look
from .matrix import Matrix
from .number import Number

LOOKS: tuple[type[Look], ...] = (Number, Cells, Matrix, ColourPictures, Pictures, HeatMap)
GRADIENT_LOOKS = tuple(look for look in LOOKS if look is not ColourPictures)  # numbers with signs are no colours
BROUGHT: list[Callable[[Array, Theme, int], Look | None]] = []  # by plugins: each gives None where it does not fit


def look_of(value: Array, theme: Theme, decimals: int) -> Look | None:
    """The look of a value; None where nothing shows such values."""
    brought = (make(value, theme, decimals) for make in BROUGHT)
    found = next((look for look in brought if look is not None), None)
    return built_in(value, theme, decimals) if found is None else found


def built_in(value: Array, theme: Theme, decimals: int, looks: tuple[type[Look], ...] = LOOKS) -> Look | None:
    """The first of these looks that fits; None where none does."""
    kind = kind_of(value, looks)
    return None if kind is None else kind(value, theme, decimals)


def kind_of(value: Array, looks: tuple[type[Look], ...]) -> type[Look] | None:
    """Of which kind the look of a value is; None where none of these fits."""
    return next((look for look in looks if look.fits(value)), None)


__all__ = ["BROUGHT", "GRADIENT_LOOKS", "LOOKS", "Look", "Number", "built_in", "kind_of", "look_of"]
