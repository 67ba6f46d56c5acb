"""Where the name of an expanded group stands, at each zoom: there it is drawn, and there it is clicked."""

from __future__ import annotations

from typing import NamedTuple

from ..look.theme import TITLE_HEIGHT
from .anatomy import Item
from .badges import HIGH, LOW, growth
from .lettering import GROUP, LABEL, shortened, width
from .nesting import FRAME_TOP

NAMES = 0.22  # the zoom from which names are drawn
STRIP = 2.4  # of the size at a zoom of 1 are letters that fill the strip above what a frame holds
ROOMY = 0.6  # the zoom from which an outermost frame has room for its name above the badges of what it holds
NARROWEST = 36.0  # pixels of a frame that has a name
ABOVE = 16.0  # how high the line is in which a name stands above its frame


class FrameTitle(NamedTuple):
    """The line of a frame's name: its corner in pixels from that of the frame, and what stands in it.

    `size` is what its letters and the measures after it are multiplied by.
    """

    left: float
    top: float
    size: float
    high: float
    name: str
    op: str  # after the name, nothing where there is no room
    op_left: float

    def rect(self, zoom: float) -> tuple[float, float, float, float]:
        """Left, top, right and bottom of what is written, in scene units from the corner of the frame."""
        end = self.op_left + width(self.op, LABEL) if self.op else width(self.name, GROUP)
        left, top = self.left / zoom, self.top / zoom
        return left, top, left + end * self.size / zoom, top + self.high * self.size / zoom


def title_of(item: Item, wide: float, zoom: float, within: bool) -> FrameTitle | None:
    """The title of a frame that is so wide in scene units, `within` another or not; None where it shows none."""
    if wide * zoom < NARROWEST or (within and zoom < NAMES):  # far out only the outermost
        return None
    # As small as can just be read, and no smaller: far out an outermost frame has no room for that, and the name stands
    # above it. One within a frame has the strip above what it holds, which is drawn over it, and shrinks with that.
    above = not within and zoom < ROOMY
    size = min(max(zoom, 0.75), STRIP * zoom) if within else max(zoom, 0.75)
    free = FRAME_TOP if within else FRAME_TOP - (HIGH * growth(zoom) - LOW)  # above badges of nodes at its upper edge
    high = ABOVE if above else min(FRAME_TOP * 0.8, free * zoom / size)
    room = wide * zoom / size - 16
    name = shortened(item.name, GROUP, room)
    left = width(name, GROUP) + 10
    op = item.op if room - left > width(item.op, LABEL) else ""
    return FrameTitle(0.0 if above else 8 * size, -ABOVE * size if above else 0.0, size, high, name, op, left)


def strip_of(title: FrameTitle | None, zoom: float) -> float:
    """How far down a frame its title reaches over all its width, in scene units."""
    if title is None or title.top < 0:
        return TITLE_HEIGHT
    return max(TITLE_HEIGHT, title.high * title.size / zoom)
