"""Numbers and places of elements in sentences."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..summary import length
from .timeline import Array

SHOWN = 5  # elements that are named


def places(chosen: Array) -> tuple[tuple[int, ...], ...]:
    """The first few places where `chosen` is true."""
    return tuple(tuple(int(i) for i in place) for place in np.argwhere(chosen)[:SHOWN])


def at(place: tuple[int, ...]) -> str:
    """` at [0, 2]`, nothing for the only element."""
    return f" at [{', '.join(map(str, place))}]" if place else ""


def norm(value: Array) -> str:
    """How large an array is."""
    return told(length(value))


def told(value: Any) -> str:
    """A number."""
    number = float(value)
    if np.isnan(number):
        return "NaN"
    if np.isinf(number):
        return "∞" if number > 0 else "−∞"
    return f"{number:.4g}".replace("-", "−")
