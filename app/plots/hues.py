"""The colours of series: told apart in both themes and by every kind of sight, as the tests compute.

The rows are kept by hand: pairs of one row differ by at least 15 in CIEDE2000 for protanopia, deuteranopia and
tritanopia, and each has a contrast of at least 3 to what it is drawn on. More series than that are coloured by their
order, from one end of a ramp to the other, as layers are by their depth.
"""

from __future__ import annotations

from ..look.colour_map import sequential
from ..look.theme import Theme

DARK = ("#5cb0f5", "#d07a1e", "#fab5cf", "#2f8570", "#7f5ad0", "#d9e64a")
LIGHT = ("#1769b5", "#7c9128", "#67212f", "#be728a", "#4e2b62", "#636109")
_RAMPS = {"dark": (115, 245), "light": (10, 140)}  # the part of the ramp that stands out from the background


def hues(count: int, theme: Theme) -> tuple[str, ...]:
    """One colour, "#rrggbb", for each of so many series."""
    row = DARK if theme.name == "dark" else LIGHT
    if count <= len(row):
        return row[:count]
    low, high = _RAMPS[theme.name]
    ramp = sequential()
    places = [round(low + (high - low) * number / (count - 1)) for number in range(count)]
    return tuple("#{:02x}{:02x}{:02x}".format(*ramp[place].tolist()) for place in places)
