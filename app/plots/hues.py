"""The colours of series: told apart in both themes and by every kind of sight, as the tests compute.

The rows are kept by hand: pairs of one row differ in CIEDE2000 by at least 25, for protanopia, deuteranopia and
tritanopia by at least 15, and each has a contrast of at least 3 to what it is drawn on. Of more series than that those
with a place of their own differ by their strokes as well; all others are coloured by their order, from one end of a
ramp to the other, as layers are by their depth.
"""

from __future__ import annotations

from typing import NamedTuple

from ..look.colour_map import sequential
from ..look.theme import Theme
from .strokes import SOLID, STYLES, Dashes

DARK = ("#5cb0f5", "#d07a1e", "#fab5cf", "#2f8570", "#7f5ad0", "#d9e64a")
LIGHT = ("#1769b5", "#e8642e", "#5a340b", "#938b93", "#b02459", "#0c0285")
_RAMPS = {"dark": (115, 245), "light": (10, 140)}  # the part of the ramp that stands out from the background


class Look(NamedTuple):
    """How a series is drawn."""

    colour: str  # "#rrggbb"
    dashes: Dashes = SOLID


def look(place: int, theme: Theme) -> Look:
    """That of the series with this number, however many there are: behind the last hue come other strokes."""
    row = DARK if theme.name == "dark" else LIGHT
    rounds, hue = divmod(place, len(row))
    return Look(row[hue], STYLES[rounds % len(STYLES)])


def hues(count: int, theme: Theme) -> tuple[str, ...]:
    """One colour, "#rrggbb", for each of so many series."""
    row = DARK if theme.name == "dark" else LIGHT
    if count <= len(row):
        return row[:count]
    low, high = _RAMPS[theme.name]
    ramp = sequential()
    places = [round(low + (high - low) * number / (count - 1)) for number in range(count)]
    return tuple("#{:02x}{:02x}{:02x}".format(*ramp[place].tolist()) for place in places)
