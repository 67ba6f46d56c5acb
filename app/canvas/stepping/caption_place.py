"""Where the caption stands, and how wide: at the foot or the head of the canvas, in its middle or beside.

It covers as little as it can of nodes and of the parts that meet at forks, and is narrower where that helps.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import inf
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from PySide6.QtCore import QPointF, QSizeF

from ..anatomy import NOTE
from ..badges import HIGH, growth
from ..glance import GLANCE
from ..nodes import TEXTS
from .caption import EDGE
from .chip_places import kept_clear, words_beneath
from .forks import circle, placed
from .junctions import junctions

if TYPE_CHECKING:
    from ....core.stepping import Moment
    from ..canvas import Canvas

SHIFTS = tuple(sorted((i / 12 for i in range(13)), key=lambda share: abs(share - 0.5)))
STEP = 8.0  # how many times as bad it is to cover a node of the step, or a note, than any other one
APART = 8.0  # pixels from the minimap
ROOMS = (inf, 640.0, 480.0, 400.0, 320.0)  # pixels that a box of text may be wide
NARROWER = 400.0  # pixels² that may be covered before a box is made narrower, each time
PIECES, WIRE = 16, 10.0  # into which a third of a wire is cut, and scene units of each that count as covered
EDGES = 300.0  # pixels² of nodes that a box may cover before it tells less
SLACK = 1500.0  # pixels² more that may be covered where boxes stand: none jumps for less
ROOMY = QSizeF(440.0, 88.0)  # pixels of a box for the longest captions: four lines


class Berth(NamedTuple):
    """A place for boxes of any size: at the head or the foot, and how far from left to right.

    `room` is how wide a box of text may be there.
    """

    above: bool = False
    share: float = 0.5
    room: float = inf

    def corner(self, canvas: Canvas, size: QSizeF) -> QPointF:
        """Where the left top corner of a box of this size comes to stand: before the minimap, else above it."""
        return QPointF(*self.within(Room.of(canvas), size.width(), size.height()))

    def within(self, room: Room, wide: float, high: float) -> tuple[float, float]:
        """The same of a box so wide and high, where it is asked for many of them."""
        x = EDGE + self.share * max(room.wide - 2 * EDGE - wide, 0.0)
        y = EDGE if self.above else room.high - EDGE - high
        left, top, right, bottom = room.map
        beyond, beneath = room.corner
        if x < beyond and y < beneath:
            return (beyond + APART, y) if beyond + APART + wide <= room.wide - EDGE else (x, beneath + APART)
        if x < right and x + wide > left and y < bottom and y + high > top:
            before = left - APART - wide
            return (before, y) if before >= EDGE else (x, max(top - APART - high, EDGE))
        return x, y


class Room(NamedTuple):
    """A canvas in pixels, left, top, right and bottom of the minimap in it, and right and bottom of what lies over its
    left top corner: nothing where they are not shown.
    """

    wide: float
    high: float
    map: tuple[float, float, float, float] = (inf, inf, -inf, -inf)
    corner: tuple[float, float] = (0.0, 0.0)

    @classmethod
    def of(cls, canvas: Canvas) -> Room:
        wide, high, over = canvas.width(), canvas.height(), canvas.covered_by
        room = cls(wide, high)
        if over is not None and over.isVisible():
            room = room._replace(corner=(over.width(), over.height()))
        if canvas.minimap_shown:
            taken = canvas.minimap.taken(canvas.view, wide, high, spared(canvas))
            if not taken.isEmpty():
                return room._replace(map=taken.getCoords())  # type: ignore[arg-type]
        return room


FOOT = Berth()
BERTHS = tuple(Berth(above, share) for share in SHIFTS for above in (False, True))


def berth(canvas: Canvas, size: QSizeF, ids: Iterable[str] = (), kept: Berth = FOOT) -> Berth:
    """Where a box covers least of what is drawn, above all of the nodes `ids`; the one `kept` where that is as good."""
    return best_berth(canvas, {inf: size}, ids, kept._replace(room=inf))


def best_berth(canvas: Canvas, sizes: Mapping[float, QSizeF], ids: Iterable[str], kept: Berth) -> Berth:
    """The same for a box of text, which is of one of some `sizes`, by the room that it is given, the widest first."""
    if kept.room not in sizes:
        kept = kept._replace(room=next(iter(sizes)))
    if canvas.view.scale < GLANCE:  # nothing is read of what it covers
        return kept
    near, weights = _in_the_way(canvas, set(ids))
    if not len(near):
        return kept
    least = _covered(canvas, [kept], sizes, near, weights)[0]
    if least <= 0.0:  # as in most frames
        return kept
    places = [place._replace(room=room) for room in sizes for place in BERTHS]
    covered = _covered(canvas, places, sizes, near, weights)
    covered += np.repeat(np.arange(len(sizes)), len(BERTHS)) * NARROWER
    covered += [0.0 if place[:2] == kept[:2] else SLACK for place in places]
    best = int(covered.argmin())
    return places[best] if covered[best] < least else kept


def hides(canvas: Canvas, place: Berth, size: QSizeF, ids: Iterable[str]) -> bool:
    """Whether a box of this size there covers more of some nodes than their edges."""
    if canvas.view.scale < GLANCE:
        return False
    scene = canvas.scene
    faces = {scene.face(id) for id in ids if id in scene.graph.nodes}
    own = np.array([scene.items.slots[face] for face in faces if face in scene.items.slots], np.intp)
    near = _on_screen(canvas, scene.items.boxes[own])
    return bool(_covered(canvas, [place], {place.room: size}, near, np.ones(len(near)))[0] > EDGES)


def home(canvas: Canvas) -> Berth:
    """Where captions stand while all is in view, whatever they tell: where one of several lines covers no node or wire.

    It follows from what is seen alone, so that at each moment the caption stands where it did when that was left.
    """
    if canvas.view.scale < GLANCE:
        return FOOT
    size = QSizeF(min(ROOMY.width(), canvas.width() - 2 * EDGE), ROOMY.height())
    slots = canvas.scene.find.slots_in(*canvas.view.window(canvas.width(), canvas.height()))
    near = _on_screen(canvas, np.concatenate([_with_badges(canvas, slots), _along_wires(canvas)]))
    covered = _covered(canvas, BERTHS, {inf: size}, near, np.ones(len(near)))
    return BERTHS[int(covered.argmin())]


def _covered(
    canvas: Canvas, places: Sequence[Berth], sizes: Mapping[float, QSizeF], near: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    """How much a box covers of what is `near`, in each of some places."""
    room = Room.of(canvas)
    extents = [(size.width(), size.height()) for size in (sizes[place.room] for place in places)]
    corners = np.array([place.within(room, *extent) for place, extent in zip(places, extents, strict=True)])
    ends = corners + extents
    rows = {(top, low) for top, low in zip(corners[:, 1].tolist(), ends[:, 1].tolist(), strict=True)}
    level = np.logical_or.reduce([(near[:, 1] < low) & (near[:, 1] + near[:, 3] > top) for top, low in rows])
    near, weights = near[level], weights[level]  # boxes stand at the head and the foot: most of it is between
    low = np.maximum(corners[:, None], near[None, :, :2])
    high = np.minimum(ends[:, None], near[None, :, :2] + near[None, :, 2:])
    found: np.ndarray = ((high - low).clip(0.0).prod(axis=2) * weights).sum(axis=1)
    return found


def _in_the_way(canvas: Canvas, ids: set[str]) -> tuple[np.ndarray, np.ndarray]:
    """The boxes of all in view that is read, in pixels, and how much each of them counts."""
    scene, view = canvas.scene, canvas.view
    slots = scene.find.slots_in(*view.window(canvas.width(), canvas.height()))
    faces = {scene.face(id) for id in ids if id in scene.graph.nodes}
    own = [scene.items.slots[face] for face in faces if face in scene.items.slots]
    weights = np.where(np.isin(slots, own) | (scene.items.kinds[slots] == NOTE), STEP, 1.0)
    nodes = _with_badges(canvas, slots)
    chips, counted = _chips(canvas, ids)
    words = words_beneath(canvas, slots)
    boxes = _on_screen(canvas, np.concatenate([nodes, chips, words]))
    return boxes, np.concatenate([weights, counted, np.full(len(words), STEP)])


def _on_screen(canvas: Canvas, boxes: np.ndarray) -> np.ndarray:
    """Boxes (n, 4) of the scene in pixels of the canvas."""
    found: np.ndarray = boxes * canvas.view.scale + [canvas.view.x, canvas.view.y, 0.0, 0.0]
    return found


def _with_badges(canvas: Canvas, slots: np.ndarray) -> np.ndarray:
    """The boxes (n, 4) of items with the badges above them, in scene units."""
    beyond = HIGH * growth(canvas.view.scale)
    found: np.ndarray = canvas.scene.items.boxes[slots] + [0.0, -beyond, 0.0, beyond]
    return found


def _along_wires(canvas: Canvas) -> np.ndarray:
    """The wires in view as small boxes (n, 4) along them, in scene units."""
    scene = canvas.scene
    wires = scene.wires.within(*canvas.view.window(canvas.width(), canvas.height()))
    points = scene.wires.paths(wires, PIECES).reshape(-1, 2)
    return np.column_stack([points - WIRE / 2, np.full((len(points), 2), WIRE)])


def _chips(canvas: Canvas, ids: set[str]) -> tuple[np.ndarray, np.ndarray]:
    """The boxes (n, 4) of forks and their parts, and how much each of them counts."""
    scene, view, moment = canvas.scene, canvas.view, canvas.editor.stepper.moment
    if moment is None or view.scale < TEXTS:
        return np.empty((0, 4)), np.empty(0)
    kept, wires = kept_clear(canvas), scene.wires.within(*view.window(canvas.width(), canvas.height()))
    places = [
        (place.x(), place.y(), place.width(), place.height(), STEP if junction.source.node in ids else 1.0)
        for junction, chips in placed(scene, junctions(scene, moment, wires), canvas.decimals, kept)
        for place in (circle(junction), *(chip.place for chip in chips))
    ]
    found = np.array(places).reshape(-1, 5)
    return found[:, :4], found[:, 4]


def spared(canvas: Canvas) -> set[str]:
    """The items that the minimap never covers: what is selected, and what stands for the nodes of the step."""
    scene, moment = canvas.scene, canvas.editor.stepper.moment
    nodes = set() if moment is None else concerned(moment)
    faces = {face for node in nodes if node in scene.graph.nodes and (face := scene.face(node)) is not None}
    return faces | canvas.editor.selection


def concerned(moment: Moment) -> set[str]:
    """The nodes whose numbers a step speaks of: its own, what it takes, and what gradients come back to."""
    nodes, graph = {step.node for step in moment.done_at_once if step.node is not None}, moment.timeline.run.asked.graph
    given = {delivery.source.node for step in moment.done_at_once for delivery in step.deliveries}
    return nodes | (given or {source.node for node in nodes for source in graph.inputs(node).values()})
