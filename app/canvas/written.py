"""The badge `v0 → v1` of a value that was written, beneath the pointer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .badges import OVER, REACH, VERSION, badges
from .frame_titles import NAMES
from .places import Hit

if TYPE_CHECKING:
    from .canvas import Canvas

WRITTEN = "written"  # the part of an item that is hit there


def hit_written(canvas: Canvas, x: float, y: float) -> Hit | None:
    """The item at whose badge a point lies, None where that is elsewhere."""
    moment, scene, scale = canvas.editor.stepper.moment, canvas.scene, canvas.view.scale
    if moment is None or scale < NAMES or not moment.timeline.updates.writers:
        return None
    for slot in reversed(scene.find.slots_in(x - OVER, y, x + OVER, y + REACH).tolist()):
        item = scene.items.at(slot)
        if not item.sources or not moment.version(item.sources[0].node):
            continue
        left, top = scene.items.boxes[slot, :2].tolist()
        shown = canvas.values.of(item.sources[0], canvas.theme, canvas.decimals)
        state = canvas.marks.state(item, shown, canvas.order_badges)
        places = [badge.place for badge in badges(item, state, scale) if badge.kind == VERSION]
        if any(place.translated(left, top).contains(x, y) for place in places):
            return Hit(item.id, part=WRITTEN)
    return None
