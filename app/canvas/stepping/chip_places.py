"""Where the parts that meet at a fork stand: on their wires, beside nodes, each other and the wires of others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QRectF

from ..badges import HIGH, LOW, READ
from ..batch import Floats
from ..fates import AWAY
from ..fates import HIGH as WORDS
from ..items import Slots
from ..kept import Kept
from ..nodes import TEXTS
from ..scene import Scene
from .forked import forked_badges

if TYPE_CHECKING:
    from ..canvas import Canvas

SHARES = np.array([0.5, *(0.5 + side * away for away in np.arange(0.02, 0.46, 0.02) for side in (1, -1))])
CLEAR = 4.0  # scene units between a chip and what it must not cover
ABOVE = HIGH - LOW  # of a node, where its badges stand
GROWN = HIGH * READ / TEXTS - LOW  # where they stand at the least zoom at which chips are shown
ASIDE = 16.0  # how far beneath its wire, or above it, a chip stands that has no room on it
NEAR, FAR = 2, 7  # so many times as far at most: any chip, and one that would otherwise lose its name
FURTHEST = 60  # the same of one that finds room nowhere nearer
MOST_TOLD = 200  # nodes with something unusual: of more, looking at each would take longer than a frame
MOST_KEPT = 2000  # places of chips: far more than are shown at once
END = 10.0  # of a chip, how far from its end a wire may run through it
PIECES = 16  # into which a third of another wire is cut to look whether a chip lies on it
POINTS, STEMS = 97, slice(24, 73)  # of a wire, and those of them at which a line to its chip may begin
ON = 2.0  # scene units: what is as near to a wire lies on it
Size = tuple[float, float]


_rooms: Kept[tuple[int, QRectF]] = Kept(MOST_KEPT)


def kept_clear(canvas: Canvas) -> list[QRectF]:
    """What chips of a canvas must not cover beside nodes: what is found unusual there, and put in by hand."""
    scene, marks = canvas.scene, canvas.marks
    told = [id for id in {*marks.findings, marks.origin[0]} if id in scene.items.slots]
    told = told if len(told) <= MOST_TOLD else []
    above = [QRectF(x, y - GROWN, wide, GROWN) for x, y, wide, _ in map(scene.rect, told)]
    window = canvas.view.window(canvas.width(), canvas.height())
    words = [QRectF(*box) for box in words_beneath(canvas, scene.find.slots_in(*window)).tolist()]
    return above + words + [place for _, place in forked_badges(scene, canvas.editor.branching.here).values()]


def names_of_frames(scene: Scene) -> list[QRectF]:
    """Where the names of frames are written, at any zoom at which chips are shown: no chip moves with that."""
    found = []
    for slot in scene.items.nesting.frames:
        titles = ((scene.find.title(slot, zoom), zoom) for zoom in (TEXTS, 1.0))
        corner = scene.items.boxes[slot, :2].tolist()
        places = [_spanned(title.rect(zoom)).translated(*corner) for title, zoom in titles if title is not None]
        found += [places[0].united(places[-1])] if places else []
    return found


def _spanned(sides: tuple[float, float, float, float]) -> QRectF:
    left, top, right, low = sides
    return QRectF(left, top, right - left, low - top)


def words_beneath(canvas: Canvas, slots: Slots) -> Floats:
    """The boxes (n, 4) beneath nodes in which it stands what a framework would have freed, where that is shown."""
    if canvas.editor.memory.now is None or canvas.view.scale < TEXTS:
        return np.empty((0, 4))
    left, top, wide, high = canvas.scene.items.boxes[slots].T
    return np.column_stack([left, top + high, wide, np.full(len(slots), AWAY + WORDS)])


def kept_on_wire(
    scene: Scene, path: Floats, sizes: Sequence[Size], taken: Sequence[QRectF], port: tuple[str, str]
) -> tuple[int, QRectF]:
    """As `on_wire`, found once for the wire into a port as long as nothing is elsewhere: each frame asks."""
    near = near_by(path, sizes, taken)
    key = port, path.tobytes(), *sizes, boxes_of(near)
    return _rooms.get(scene, key, lambda: on_wire(scene, path, sizes, near, port))


def boxes_of(places: Iterable[QRectF]) -> tuple[tuple[float, ...], ...]:
    """Left, top, width and height of each."""
    return tuple(place.getRect() for place in places)  # type: ignore[misc]


def near_by(path: Floats, sizes: Sequence[Size], taken: Sequence[QRectF]) -> list[QRectF]:
    """What of all that is `taken` a chip on a wire could come to cover."""
    return near_any([(path, sizes)], taken)


def near_any(parts: Iterable[tuple[Floats, Sequence[Size]]], taken: Sequence[QRectF]) -> list[QRectF]:
    """What of all that is `taken` chips of such sizes on some wires could come to cover."""
    boxes = np.array([place.getRect() for place in taken]).reshape(-1, 4)
    low, high = boxes[:, :2], boxes[:, :2] + boxes[:, 2:]
    near = np.zeros(len(boxes), bool)
    for path, sizes in parts:
        around = np.array(_furthest(path.tobytes(), tuple(sizes)))
        near |= ((low < around[2:]) & (high > around[:2])).all(axis=1)
    return [taken[place] for place in np.flatnonzero(near).tolist()]


@lru_cache(maxsize=MOST_KEPT)
def _furthest(path: bytes, sizes: tuple[Size, ...]) -> tuple[float, float, float, float]:
    """How far chips of these sizes may stand from a path of float64 points."""
    return reach(along(np.frombuffer(path).reshape(-1, 2)), sizes, FURTHEST)


def on_wire(
    scene: Scene,
    path: Floats,
    sizes: Sequence[Size],
    taken: Sequence[QRectF],
    port: tuple[str, str] | None = None,
) -> tuple[int, QRectF]:
    """Which of some `sizes`, the best first, a chip on the wire into a `port` can have, and where it then stands.

    From the middle of the wire outwards, then beside it, then smaller and close; covering no node and nothing that is
    `taken`, and on no other wire, of which it would seem to tell. Where it must, on another wire; where all is full,
    with the last size where there is room again above or beneath.
    """
    ways = along(path)
    around = reach(ways, sizes, FAR)
    full, wires = full_boxes(scene, taken, around), others(scene, port, around)
    crossing: tuple[int, QRectF] | None = None
    for number, size in enumerate(sizes):
        for step in steps(size, NEAR if number else FAR):
            corners = ways + step - np.array(size) / 2
            free = np.flatnonzero(~meets(corners, size, full))
            apart = free[~lies_on(corners[free], size, wires)]
            if len(apart) or (len(free) and not step.any()):  # the first of them; on its own wire it may cross others
                return number, _box(corners[[*apart, *free][0]], size)
            if len(free) and crossing is None:
                crossing = number, _box(corners[free[0]], size)
    return crossing or (len(sizes) - 1, _far_off(scene, ways, sizes[-1], taken))


def _far_off(scene: Scene, ways: Floats, size: Size, taken: Sequence[QRectF]) -> QRectF:
    """Where a chip stands that has no room near its wire: covering nothing, or what is least."""
    full = full_boxes(scene, taken, reach(ways, [size], FURTHEST))
    least: tuple[float, QRectF] | None = None
    for step in steps(size, FURTHEST):
        corners = ways + step - np.array(size) / 2
        hidden = covered(corners, size, full)
        best = int(hidden.argmin())
        if least is None or hidden[best] < least[0]:
            least = float(hidden[best]), _box(corners[best], size)
        if least[0] == 0.0:
            break
    assert least is not None
    return least[1]


def full_boxes(scene: Scene, taken: Sequence[QRectF], around: tuple[float, float, float, float]) -> Floats:
    """The boxes (n, 4) that a chip must not cover: nodes within reach with their badges, and what is `taken`."""
    left, top, right, low = around
    near = scene.items.boxes[scene.find.slots_in(left, top, right, low + ABOVE)].copy()
    near[:, 1] -= ABOVE
    near[:, 3] += ABOVE
    return np.concatenate([near, np.array([place.getRect() for place in taken]).reshape(-1, 4)])


def points_of(path: Floats) -> Floats:
    """So many points of a wire that a line to a chip may begin at one of those of STEMS."""
    shares = np.linspace(0.0, len(path) - 1.0, POINTS)
    return np.stack([np.interp(shares, np.arange(len(path)), path[:, axis]) for axis in (0, 1)], axis=1)


def stems(boxes: Floats, points: Floats) -> Floats:
    """The line (n, 4) that joins each box, given by its corners (n, 4), with its wire; NaN where it lies on that."""
    ends = points[None].clip(boxes[:, None, :2], boxes[:, None, 2:])
    far = np.hypot(*(points[None] - ends).transpose(2, 0, 1))
    nearest = STEMS.start + far[:, STEMS].argmin(axis=1) if len(boxes) else np.zeros(0, np.intp)
    found: Floats = np.concatenate([points[nearest], ends[np.arange(len(boxes)), nearest]], axis=1)
    found[far.min(axis=1, initial=np.inf) <= ON] = np.nan
    return found


def stem(path: Floats, place: QRectF) -> QLineF | None:
    """The line that joins a chip with its wire, not where other wires begin; None where it lies on the wire."""
    (line,) = stems(np.array([place.getCoords()]), points_of(path))
    return None if np.isnan(line).any() else QLineF(*line.tolist())


def _box(corner: Floats, size: Size) -> QRectF:
    return QRectF(float(corner[0]), float(corner[1]), *size)


def reach(ways: Floats, sizes: Sequence[Size], far: int) -> tuple[float, float, float, float]:
    """The left, top, right and bottom of where a chip may stand that is so far from its wire at most."""
    most = np.max(sizes, axis=0) + np.array([0.0, far * ASIDE])
    left, top = (ways.min(axis=0) - most).tolist()
    right, low = (ways.max(axis=0) + most).tolist()
    return left, top, right, low


def others(scene: Scene, port: tuple[str, str] | None, around: tuple[float, float, float, float]) -> Floats:
    """Points (n, 2) of the wires near by, but for that into the port."""
    if port is None:
        return np.empty((0, 2))
    slots = scene.wires.within(*around)
    points = scene.wires.paths(slots[slots != scene.wires.slots.get(port, -1)], PIECES).reshape(-1, 2)
    left, top, right, low = around
    within = (points >= (left, top)) & (points <= (right, low))
    return points[within.all(axis=1)]


def lies_on(corners: Floats, size: Size, points: Floats) -> NDArray[np.bool_]:
    """Of each chip of this size with one of these left top corners whether it lies on one of some points."""
    at_x, at_y = points.T
    x, y = corners.T[:, :, None]
    found: NDArray[np.bool_] = (at_x > x - ON) & (at_x < x + size[0] + ON)
    found &= at_y > y - ON
    found &= at_y < y + size[1] + ON
    return np.logical_or.reduce(found, axis=1)


def steps(size: Size, far: int) -> list[Floats]:
    """How far a chip may stand from its wire: on it, with the wire at its end, above and beneath it, and both."""
    aside = [np.array([way * (size[0] / 2 - END), 0.0]) for way in (0, 1, -1)]
    ways = (0, *(side * times for times in range(1, far + 1) for side in (-1, 1)))
    return [step + np.array([0.0, way * ASIDE]) for way in ways for step in aside]


def along(path: Floats) -> Floats:
    """The points of a path after each of SHARES of its length."""
    far = np.concatenate([[0.0], np.hypot(*np.diff(path, axis=0).T).cumsum()])
    return np.stack([np.interp(SHARES * far[-1], far, path[:, axis]) for axis in (0, 1)], axis=1)


def meets(corners: Floats, size: Size, full: Floats) -> NDArray[np.bool_]:
    """Whether each chip of this size with one of these left top corners (m, 2) covers anything of boxes (n, 4)."""
    left, top, wide, high = full.T
    x, y = corners.T[:, :, None]
    found: NDArray[np.bool_] = (x < left + wide + CLEAR) & (x > left - CLEAR - size[0])
    found &= y < top + high + CLEAR
    found &= y > top - CLEAR - size[1]
    return np.logical_or.reduce(found, axis=1)


def covered(corners: Floats, size: Size, full: Floats) -> Floats:
    """How much of boxes (n, 4) each chip of this size covers that has one of these left top corners (m, 2)."""
    if not len(full):
        return np.zeros(len(corners))
    low = np.maximum(corners[:, None], full[None, :, :2] - CLEAR)
    high = np.minimum(corners[:, None] + size, full[None, :, :2] + full[None, :, 2:] + CLEAR)
    return (high - low).clip(0.0).prod(axis=2).sum(axis=1)
