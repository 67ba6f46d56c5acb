"""What the badges of other items leave free for names of frames, and for words beneath a node."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from .anatomy import FRAME, NOTE, Item
from .badges import HIGH, LOW, REACH, Badge, badges, growth
from .fates import ACROSS, AWAY, BAR, CLOSE, LEAST, Room
from .fates import HIGH as WORDS
from .frame_titles import gap
from .glance import GLANCE
from .lettering import LABEL, width
from .nesting import FRAME_TOP

if TYPE_CHECKING:
    from .canvas import Canvas
    from .scene import Scene

BESIDE = 3.0  # scene units between words and what is beside them


def badges_of(canvas: Canvas, zoom: float, item: Item) -> list[Badge]:
    """The badges of an item as it is drawn on a canvas at a zoom."""
    if item.kind in (FRAME, NOTE):
        return []
    read = zoom >= GLANCE and item.sources
    shown = canvas.values.of(item.sources[0], canvas.theme, canvas.decimals) if read else None
    return badges(item, canvas.marks.state(item, shown, canvas.order_badges), zoom)


def badges_over(canvas: Canvas, frame: int, zoom: float) -> list[tuple[float, float]]:
    """From where to where badges reach into the line of a frame's name, in scene units from the left of the frame.

    They are those of nodes at the upper edge of what the frame in this slot holds.
    """
    items, found = canvas.scene.items, []
    left, top = items.boxes[frame, :2].tolist()
    lowest = top + FRAME_TOP + HIGH * growth(zoom) - LOW
    for slot in items.nesting.members(frame):
        x, y = items.boxes[slot, :2].tolist()
        if y < lowest:
            places = [badge.place.translated(x - left, 0.0) for badge in badges_of(canvas, zoom, items.at(slot))]
            found += [(place.left(), place.right()) for place in places]
    return found


def room_beneath(scene: Scene, slot: int, text: str, borne: Callable[[Item], list[Badge]]) -> Room | None:
    """Where a text has room beneath an item, beside what lies there and the badges that this has `borne`.

    None where there is next to none.
    """
    x, y, wide, high = scene.items.boxes[slot].tolist()
    foot, most = y + high, wide + ACROSS
    full = []
    for other in scene.find.slots_in(x - BAR, foot, x + most, foot + AWAY + WORDS + REACH).tolist():
        if other != slot:
            left, top, width_, tall = scene.items.boxes[other].tolist()
            full.append((left - x, top - foot, left - x + width_, top - foot + tall))
            places = (badge.place.translated(left - x, top - foot) for badge in borne(scene.items.at(other)))
            full += [(place.left(), place.top(), place.right(), place.bottom()) for place in places]
    needed, best = width(text, LABEL) + BAR, None
    for away in (AWAY, CLOSE):
        over = [(left, right) for left, top, right, low in full if top < away + WORDS - 1 and low > away]
        start, end = gap(0.0, most, over, needed, BESIDE)
        if best is None or end - start > best.right - best.left:
            best = Room(away, start, end)
        if end - start >= needed:
            break
    return best if best is not None and best.right - best.left >= min(needed, LEAST) else None
