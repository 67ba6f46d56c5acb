"""How far what is drawn of a scene reaches: items, the curves and dots of wires, the ends that lead out of a group."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QRectF

from .anatomy import FRAME
from .bends import RADIUS
from .scene import Scene
from .view import Bounds
from .wires import stub_places

if TYPE_CHECKING:
    from .canvas import Canvas

PIECES = 8  # into which a third of a wire is cut to look how far it swings
EDGE = 3.0  # half of the widest line


def extent(scene: Scene, ids: Iterable[str] | None = None) -> Bounds | None:
    """The left, top, right and bottom of all that is drawn, or of these nodes and groups with the wires among them.

    None where there are none.
    """
    chosen = None if ids is None else list(ids)
    items = scene.bounds(chosen)
    if items is None:
        return None
    found = [items, *_of_wires(scene, chosen)]
    if chosen is None:
        found += stub_places(scene)
    left, top, right, bottom = zip(*found, strict=True)
    return min(left), min(top), max(right), max(bottom)


def around(bounds: Bounds, places: Iterable[QRectF]) -> Bounds:
    """The left, top, right and bottom of what has some bounds already, and of some places."""
    found = [bounds, *(place.getCoords() for place in places)]
    left, top, right, bottom = zip(*found, strict=True)
    return min(left), min(top), max(right), max(bottom)


def all_in_view(canvas: Canvas) -> bool:
    """Whether a canvas shows all nodes, frames and notes of the group that it is in."""
    bounds = canvas.scene.bounds()
    if bounds is None:
        return True
    left, top, right, bottom = bounds
    return canvas.view.holds((left, top, right - left, bottom - top), canvas.width(), canvas.height())


def _of_wires(scene: Scene, chosen: list[str] | None) -> list[Bounds]:
    wires = scene.wires.shown()
    if chosen is not None:
        slots = [scene.items.slots[id] for id in chosen if id in scene.items.slots]
        within = [
            each for slot in slots if scene.items.kinds[slot] == FRAME for each in scene.items.nesting.inside(slot)
        ]
        wires = wires[np.isin(scene.wires.items[wires], [*slots, *within]).all(axis=1)]
    if not len(wires):
        return []
    bends = scene.wires.bends
    bent = wires[bends.among(wires)].tolist()
    curves = [bends.path(slot, scene.wires.ends[slot]) for slot in bent]  # as finely as they are drawn
    found = [_around(scene.wires.paths(wires, PIECES).reshape(-1, 2), EDGE)]
    return found + [_around(curve, RADIUS + EDGE) for curve in curves]


def _around(points: np.ndarray, edge: float) -> Bounds:
    (left, top), (right, bottom) = (points.min(axis=0) - edge).tolist(), (points.max(axis=0) + edge).tolist()
    return left, top, right, bottom
