"""Where the name of an expanded group stands, at each zoom: there it is drawn, and there it is clicked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ..look.theme import TITLE_HEIGHT
from .anatomy import Item
from .badges import HIGH, LOW, growth
from .lettering import GROUP, LABEL, shortened, width
from .nesting import FRAME_TOP

NAMES = 0.22  # the zoom from which names are drawn
STRIP = 2.4  # of the size at a zoom of 1 are letters that fill the strip above what a frame holds
ROOMY = 0.6  # the zoom from which a frame has room for its name above the badges of what it holds
NARROWEST = 36.0  # pixels of a frame that has a name
BESIDE = 4.0  # pixels between a name and a badge beside it
LEAST_LETTERS = 4  # of a name that is cut
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


def title_of(
    item: Item, wide: float, zoom: float, within: bool, over: Sequence[tuple[float, float]] = ()
) -> FrameTitle | None:
    """The title of a frame that is so wide in scene units, `within` another or not; None where it shows none.

    What badges reach `over`, from left to right, it leaves free where it has no room above them.
    """
    if wide * zoom < NARROWEST or (within and zoom < NAMES):  # far out only the outermost
        return None
    # As small as can just be read, and no smaller: far out an outermost frame has no room for that, and the name stands
    # above it. One within a frame has the strip above what it holds, which is drawn over it, and shrinks with that.
    above = not within and zoom < ROOMY
    size = min(max(zoom, 0.75), STRIP * zoom) if within else max(zoom, 0.75)
    # Above badges of nodes at its upper edge; far out, where that is nothing, beside them.
    free = FRAME_TOP if zoom < ROOMY else FRAME_TOP - (HIGH * growth(zoom) - LOW)
    high = ABOVE if above else min(FRAME_TOP * 0.8, free * zoom / size)
    start, end = (0.0, wide * zoom - 16 * size) if above else (8 * size, wide * zoom - 8 * size)
    covered, whole = [(left * zoom, right * zoom) for left, right in over], width(item.name, GROUP) * size
    start, end = gap(start, end, covered, whole, BESIDE)
    room = (end - start) / size
    name = shortened(item.name, GROUP, room)
    if over and name != item.name and len(name) < LEAST_LETTERS:  # a rest that tells nothing
        return None
    left = width(name, GROUP) + 10
    op = item.op if room - left > width(item.op, LABEL) else ""
    return FrameTitle(start, -ABOVE * size if above else 0.0, size, high, name, op, left)


def gap(
    start: float, end: float, over: Sequence[tuple[float, float]], needed: float, beside: float
) -> tuple[float, float]:
    """From where to where there is room for what is so long, so far `beside` what is `over` it.

    It is the first gap that holds it, else the widest one.
    """
    gaps = []
    for left, right in sorted(over):
        gaps.append((start, min(left - beside, end)))
        start = max(start, right + beside)
    gaps.append((start, end))
    wide_enough = [gap for gap in gaps if gap[1] - gap[0] >= needed]
    return wide_enough[0] if wide_enough else max(gaps, key=lambda gap: gap[1] - gap[0])


def strip_of(title: FrameTitle | None, zoom: float) -> float:
    """How far down a frame its title reaches over all its width, in scene units."""
    if title is None or title.top < 0:
        return TITLE_HEIGHT
    return max(TITLE_HEIGHT, title.high * title.size / zoom)
