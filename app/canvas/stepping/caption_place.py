"""Where the caption stands: at the foot or the head of the canvas, in its middle or beside, where it covers least."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSizeF

from ..glance import GLANCE
from .caption import EDGE

if TYPE_CHECKING:
    from ....core.stepping import Moment
    from ..canvas import Canvas

SHIFTS = tuple(sorted((i / 12 for i in range(13)), key=lambda share: abs(share - 0.5)))
STEP = 8.0  # how many times as bad it is to cover a node of the step than any other one
APART = 8.0  # pixels from the minimap
SLACK = 1500.0  # pixels² more that may be covered where the box has stood before: it does not jump for less


class Berth(NamedTuple):
    """A place for boxes of any size: at the head or the foot, and how far from left to right."""

    above: bool = False
    share: float = 0.5

    def corner(self, canvas: Canvas, size: QSizeF) -> QPointF:
        """Where the left top corner of a box of this size comes to stand: before the minimap, else above it."""
        x = EDGE + self.share * max(canvas.width() - 2 * EDGE - size.width(), 0.0)
        box = QRectF(x, EDGE if self.above else canvas.height() - EDGE - size.height(), size.width(), size.height())
        map = _minimap(canvas)
        if box.intersects(map):
            before = map.left() - APART - size.width()
            if before >= EDGE:
                box.moveLeft(before)
            else:
                box.moveTop(max(map.top() - APART - size.height(), EDGE))
        return box.topLeft()


def _minimap(canvas: Canvas) -> QRectF:
    if not canvas.minimap_shown:
        return QRectF()
    return canvas.minimap.taken(canvas.view, canvas.width(), canvas.height(), canvas.editor.selection)


FOOT = Berth()
BERTHS = tuple(Berth(above, share) for share in SHIFTS for above in (False, True))


def berth(canvas: Canvas, size: QSizeF, ids: Iterable[str] = (), kept: Berth = FOOT) -> Berth:
    """Where a box covers least of what is drawn, above all of the nodes `ids`; the one `kept` where that is as good."""
    if canvas.view.scale < GLANCE:  # nothing is read of what it covers
        return kept
    near, weights = _in_the_way(canvas, ids)
    if not len(near):
        return kept
    places = [kept, *BERTHS]
    corners = np.array([place.corner(canvas, size).toTuple() for place in places])
    low = np.maximum(corners[:, None], near[None, :, :2])
    high = np.minimum(corners[:, None] + size.toTuple(), near[None, :, :2] + near[None, :, 2:])
    covered = ((high - low).clip(0.0).prod(axis=2) * weights).sum(axis=1)
    covered[0] -= SLACK
    return places[int(covered.argmin())]


def _in_the_way(canvas: Canvas, ids: Iterable[str]) -> tuple[np.ndarray, np.ndarray]:
    """The boxes of all nodes in view, in pixels, and how much each of them counts."""
    scene, view = canvas.scene, canvas.view
    slots = scene.find.slots_in(*view.window(canvas.width(), canvas.height()))
    boxes = scene.items.boxes[slots] * view.scale + np.array([view.x, view.y, 0.0, 0.0])
    faces = {scene.face(id) for id in ids if id in scene.graph.nodes}
    own = [scene.items.slots[face] for face in faces if face in scene.items.slots]
    return boxes, np.where(np.isin(slots, own), STEP, 1.0)


def concerned(moment: Moment) -> set[str]:
    """The nodes whose numbers a step speaks of: its own, what it takes, and what gradients come back to."""
    step = moment.step
    if step is None or step.node is None:
        return set()
    given = {delivery.source.node for delivery in step.deliveries}
    if given:
        return {step.node, *given}
    return {step.node, *(source.node for source in moment.timeline.run.asked.graph.inputs(step.node).values())}
