"""What a click follows, beneath the pointer: the badges `v0 → v1` of a value that was written, of findings, and of
where NaN or infinity begins; the junction at which gradients meet.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF

from .badges import FINDING, ORIGIN, OVER, REACH, VERSION, badges
from .far_badges import far_badges
from .finding_badge import of_badge, reached
from .frame_titles import NAMES
from .places import Hit
from .stepping.forks import junction_at

if TYPE_CHECKING:
    from ..results.findings import AnyFinding
    from .canvas import Canvas

WRITTEN, FOUND, BEGUN, MET = "written", "found", "begun", "met"  # the parts of an item that are hit there
FOLLOWED = {VERSION: WRITTEN, FINDING: FOUND, ORIGIN: BEGUN}


def hit_badge(canvas: Canvas, x: float, y: float) -> Hit | None:
    """The item at whose badge a point of the scene lies, None where that is elsewhere."""
    marks, scene, scale = canvas.marks, canvas.scene, canvas.view.scale
    if scale < NAMES:
        return _hit_far(canvas, canvas.view.to_screen(x, y)) if marks.findings else None
    moment = canvas.editor.stepper.moment
    written = moment is not None and bool(moment.timeline.updates.writers)
    told = {*marks.findings, marks.origin[0]} - {None}
    if not written and not told:
        return None
    for slot in reversed(scene.find.slots_in(x - OVER, y, x + OVER, y + REACH).tolist()):
        item = scene.items.at(slot)
        if not item.sources or not (written or item.id in told):
            continue
        left, top = scene.items.boxes[slot, :2].tolist()
        shown = canvas.values.of(item.sources[0], canvas.theme, canvas.decimals)
        state = marks.state(item, shown, canvas.order_badges)
        for badge in badges(item, state, scale):
            if badge.kind in FOLLOWED and badge.place.translated(left, top).contains(x, y):
                return Hit(item.id, part=FOLLOWED[badge.kind])
    return None


def hit_junction(canvas: Canvas, x: float, y: float) -> Hit | None:
    """The item whose gradients meet at a junction that is seen at a point of the scene."""
    junction = junction_at(canvas, x, y)
    face = None if junction is None else canvas.scene.face(junction.source.node)
    return None if face is None else Hit(face, part=MET)


def findings_at(canvas: Canvas, id: str, badge: bool) -> list[AnyFinding]:
    """What is told of an item where the pointer is over it, or over its badge."""
    found, sources = canvas.marks.findings.get(id, []), canvas.scene.item(id).sources
    if not found or not sources:
        return []
    shown = canvas.values.of(sources[0], canvas.theme, canvas.decimals)
    return (of_badge if badge else reached)(found, shown, canvas.editor.stepper.moment)


def _hit_far(canvas: Canvas, at: QPointF) -> Hit | None:
    slots = canvas.scene.find.slots_in(*canvas.view.window(canvas.width(), canvas.height()))
    places = reversed(far_badges(canvas, slots))  # the last stands above the others
    return next((Hit(each.item, part=FOUND) for each in places if each.place.contains(at)), None)
