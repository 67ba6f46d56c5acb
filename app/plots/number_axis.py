"""An axis with few, round numbers, spelled as everywhere in the window."""

from __future__ import annotations

from math import ceil, floor, log10

import numpy as np
import pyqtgraph as pg

from ..look.fonts import mono
from ..look.numbers import significant
from ..look.theme import Theme

APART = 20.0  # pixels between the numbers of an upright axis
WIDE = 48.0  # and of a level one
WHOLE_FROM = 10_000  # from here on numbers are told in thousands and millions
_FACTORS = (1, 2, 5, 10)
_UNITS = ((2e6, 1e6, "M"), (WHOLE_FROM, 1e3, "k"))


class NumberAxis(pg.AxisItem):
    """At the left or at the bottom; in log mode the view behind it counts in powers of ten."""

    def __init__(self, side: str, theme: Theme) -> None:
        super().__init__(side, maxTickLength=0)
        self.upright = side == "left"
        self.enableAutoSIPrefix(False)
        self.setStyle(tickLength=0, tickAlpha=0, tickTextOffset=5, autoExpandTextSpace=True, autoReduceTextSpace=False)
        if self.upright:
            self.setStyle(tickTextWidth=34)
        self.restyle(theme)

    def restyle(self, theme: Theme) -> None:
        """Draw in these colours: numbers alone, their lines are drawn behind the curves."""
        self.setTickFont(mono(0.76))
        self.setTextPen(theme.dim)
        self.setPen(None)

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        """Where numbers stand, in what the view counts in."""
        most = max(int(size / (APART if self.upright else WIDE)), 2)
        if not np.isfinite([low, high]).all() or high <= low:
            return []
        values = log_ticks(low, high, most) if self.logMode else round_ticks(low, high, most)
        return [(values[1] - values[0] if len(values) > 1 else 1.0, values)]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """How they are spelled."""
        if self.logMode:
            return [significant(10.0**value, 3) for value in values]
        return spelled(values, spacing)


def round_ticks(low: float, high: float, most: int) -> list[float]:
    """At most so many round numbers between two."""
    rough = (high - low) / most
    unit = 10.0 ** floor(log10(rough))
    fitting = next(place for place, factor in enumerate(_FACTORS) if factor * unit >= rough * 0.999)
    for place in (fitting, fitting - 1):  # one number alone says nothing of the scale
        step = unit * (_FACTORS[place] if place >= 0 else 0.5)
        found = [number * step for number in range(ceil(low / step - 1e-9), floor(high / step + 1e-9) + 1)]
        if len(found) > 1:
            break
    return found


def log_ticks(low: float, high: float, most: int) -> list[float]:
    """Powers of ten between two, given and found as their logarithms; parts of them where there are but few."""
    first, last = ceil(low - 1e-9), floor(high + 1e-9)
    decades = last - first + 1
    if decades >= 2:
        every = ceil(decades / most)
        return [float(power) for power in range(-(-first // every) * every, last + 1, every)]
    if high - low >= 0.5:
        parts = [power + log10(part) for power in range(floor(low), ceil(high)) for part in (1, 2, 5)]
        return [part for part in parts if low <= part <= high]
    return [log10(number) for number in round_ticks(10**low, 10**high, most) if number > 0]


def spelled(values: list[float], spacing: float) -> list[str]:
    """With as many digits as tell them apart; 20k and 1.5M for 20,000 and 1,500,000."""
    largest = max((abs(value) for value in values), default=0.0)
    unit, sign = next(((unit, sign) for least, unit, sign in _UNITS if least <= largest < 1e9), (1.0, ""))
    if not sign and (largest >= WHOLE_FROM or (largest and spacing < 1e-3)):
        digits = 1 + max(0, ceil(log10(largest / spacing) - 1e-9))
        return [significant(value, digits) if value else "0" for value in values]
    decimals = max(0, ceil(-log10(spacing / unit) - 1e-9))
    return [f"{value / unit:.{decimals}f}{sign}".replace("-", "−") if value else "0" for value in values]
