"""From numbers to pixels and back, within the box that a plot draws in."""

from __future__ import annotations

from math import inf, log10, nan
from typing import Any, NamedTuple

import numpy as np
from PySide6.QtCore import QRectF

Array = np.ndarray[Any, Any]
FAR = 1e6  # pixels beyond which nothing is drawn: Qt counts no further


class Frame(NamedTuple):
    """`x` and `y` are between what the box is, in powers of ten where the axis is logarithmic."""

    box: QRectF
    x: tuple[float, float]
    y: tuple[float, float]
    log_x: bool = False
    log_y: bool = False

    def across(self, numbers: Any) -> Any:
        """Pixels from the left."""
        low, high = self.x
        share = (_powers(numbers, self.log_x) - low) / (high - low)
        return np.clip(self.box.left() + share * self.box.width(), -FAR, FAR)

    def up(self, numbers: Any) -> Any:
        """Pixels from the top."""
        low, high = self.y
        share = (_powers(numbers, self.log_y) - low) / (high - low)
        return np.clip(self.box.bottom() - share * self.box.height(), -FAR, FAR)

    def place_across(self, number: float) -> float:
        """As `across`, of one number: arrays of one element would take ten times as long."""
        return _between(self.box.left() + _share(number, self.x, self.log_x) * self.box.width())

    def place_up(self, number: float) -> float:
        """As `up`, of one number."""
        return _between(self.box.bottom() - _share(number, self.y, self.log_y) * self.box.height())

    def number_across(self, pixels: float) -> float:
        """Which number is so many pixels from the left."""
        share = (pixels - self.box.left()) / max(self.box.width(), 1.0)
        found = self.x[0] + share * (self.x[1] - self.x[0])
        return float(10.0**found) if self.log_x else found

    @property
    def limits(self) -> tuple[float, float]:
        """The least and the greatest number across."""
        return (10.0 ** self.x[0], 10.0 ** self.x[1]) if self.log_x else self.x


def _share(number: float, ends: tuple[float, float], log: bool) -> float:
    """How far a number is from one end to the other; NaN of what has no logarithm."""
    if log:
        number = log10(number) if number > 0 else -inf if number == 0 else nan
    return (number - ends[0]) / (ends[1] - ends[0])


def _between(pixels: float) -> float:
    return max(-FAR, min(pixels, FAR)) if pixels == pixels else pixels


def _powers(numbers: Any, log: bool) -> Any:
    found = np.asarray(numbers, np.float64)
    if not log:
        return found
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.log10(found)
