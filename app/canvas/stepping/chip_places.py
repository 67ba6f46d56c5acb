"""Where the parts that meet at a fork stand: on their wires, beside nodes, each other and the wires of others."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF

from ..badges import HIGH, LOW, READ
from ..batch import Floats
from ..fates import AWAY
from ..fates import HIGH as WORDS
from ..items import Slots
from ..nodes import TEXTS
from ..scene import Scene
from .forked import forked_badges

if TYPE_CHECKING:
    from ..canvas import Canvas

SHARES = np.array([0.5, *(0.5 + side * away for away in np.arange(0.02, 0.46, 0.02) for side in (1, -1))])
CLEAR = 3.0  # scene units between a chip and what it must not cover
ABOVE = HIGH - LOW  # of a node, where its badges stand
GROWN = HIGH * READ / TEXTS - LOW  # where they stand at the least zoom at which chips are shown
ASIDE = 16.0  # how far beneath its wire, or above it, a chip stands that has no room on it
NEAR, FAR = 2, 7  # so many times as far at most: any chip, and one that would otherwise lose its name
FURTHEST = 60  # the same of one that finds room nowhere nearer
MOST_TOLD = 200  # nodes with something unusual: of more, looking at each would take longer than a frame
END = 10.0  # of a chip, how far from its end a wire may run through it
PIECES = 16  # into which a third of another wire is cut to look whether a chip lies on it
STEMS = slice(24, 73)  # of 97 points of a wire, those at which a line to its chip may begin
ON = 2.0  # scene units: what is as near to a wire lies on it
Size = tuple[float, float]


# By scene: for which places of its items and wires chips were placed, and where each then stands.
_known: WeakKeyDictionary[Scene, tuple[tuple[int, int], dict[Hashable, tuple[int, QRectF]]]] = WeakKeyDictionary()


def kept_clear(canvas: Canvas) -> list[QRectF]:
    """What chips of a canvas must not cover beside nodes: what is found unusual there, and put in by hand."""
    scene, marks = canvas.scene, canvas.marks
    told = [id for id in {*marks.findings, marks.origin[0]} if id in scene.items.slots]
    told = told if len(told) <= MOST_TOLD else []
    above = [QRectF(x, y - GROWN, wide, GROWN) for x, y, wide, _ in map(scene.rect, told)]
    window = canvas.view.window(canvas.width(), canvas.height())
    words = [QRectF(*box) for box in words_beneath(canvas, scene.find.slots_in(*window)).tolist()]
    return above + words + [place for _, place in forked_badges(scene, canvas.editor.branching.here).values()]


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
    found, now = _known.get(scene), (scene.items.geometry, scene.wires.edition)
    if found is None or found[0] != now:
        found = _known[scene] = now, {}
    left, top, right, low = _reach(_along(path), sizes, FURTHEST)
    around = QRectF(left, top, right - left, low - top)
    near = [place for place in taken if place.intersects(around)]
    key = port, path.tobytes(), tuple(sizes), tuple(place.getRect() for place in near)
    if key not in found[1]:
        found[1][key] = on_wire(scene, path, sizes, near, port)
    return found[1][key]


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
    ways = _along(path)
    reach = _reach(ways, sizes, FAR)
    full, others = _full(scene, taken, reach), _others(scene, port, reach)
    crossing: tuple[int, QRectF] | None = None
    for number, size in enumerate(sizes):
        for step in _steps(size, NEAR if number else FAR):
            corners = ways + step - np.array(size) / 2
            covered = _covered(corners, size, full)
            free = np.flatnonzero(covered == 0.0)
            apart = free[~_lies_on(corners[free], size, others)]
            if len(apart) or (len(free) and not step.any()):  # the first of them; on its own wire it may cross others
                return number, _box(corners[[*apart, *free][0]], size)
            if len(free) and crossing is None:
                crossing = number, _box(corners[free[0]], size)
    return crossing or (len(sizes) - 1, _far_off(scene, ways, sizes[-1], taken))


def _far_off(scene: Scene, ways: Floats, size: Size, taken: Sequence[QRectF]) -> QRectF:
    """Where a chip stands that has no room near its wire: covering nothing, or what is least."""
    full = _full(scene, taken, _reach(ways, [size], FURTHEST))
    least: tuple[float, QRectF] | None = None
    for step in _steps(size, FURTHEST):
        corners = ways + step - np.array(size) / 2
        covered = _covered(corners, size, full)
        best = int(covered.argmin())
        if least is None or covered[best] < least[0]:
            least = float(covered[best]), _box(corners[best], size)
        if least[0] == 0.0:
            break
    assert least is not None
    return least[1]


def _full(scene: Scene, taken: Sequence[QRectF], reach: tuple[float, float, float, float]) -> Floats:
    """The boxes (n, 4) that a chip must not cover: nodes within reach with their badges, and what is `taken`."""
    left, top, right, low = reach
    near = scene.items.boxes[scene.find.slots_in(left, top, right, low + ABOVE)].copy()
    near[:, 1] -= ABOVE
    near[:, 3] += ABOVE
    return np.concatenate([near, np.array([place.getRect() for place in taken]).reshape(-1, 4)])


def stem(path: Floats, place: QRectF) -> QLineF | None:
    """The line that joins a chip with its wire, not where other wires begin; None where it lies on the wire."""
    shares = np.linspace(0.0, len(path) - 1.0, 97)
    points = np.stack([np.interp(shares, np.arange(len(path)), path[:, axis]) for axis in (0, 1)], axis=1)
    ends = points.clip((place.left(), place.top()), (place.right(), place.bottom()))
    far = np.hypot(*(points - ends).T)
    if far.min() <= ON:
        return None
    nearest = STEMS.start + int(far[STEMS].argmin())
    return QLineF(QPointF(*points[nearest].tolist()), QPointF(*ends[nearest].tolist()))


def _box(corner: Floats, size: Size) -> QRectF:
    return QRectF(float(corner[0]), float(corner[1]), *size)


def _reach(ways: Floats, sizes: Sequence[Size], far: int) -> tuple[float, float, float, float]:
    """The left, top, right and bottom of where a chip may stand that is so far from its wire at most."""
    most = np.max(sizes, axis=0) + np.array([0.0, far * ASIDE])
    left, top = (ways.min(axis=0) - most).tolist()
    right, low = (ways.max(axis=0) + most).tolist()
    return left, top, right, low


def _others(scene: Scene, port: tuple[str, str] | None, reach: tuple[float, float, float, float]) -> Floats:
    """Points (n, 2) of the wires near by, but for that into the port."""
    if port is None:
        return np.empty((0, 2))
    slots = scene.wires.within(*reach)
    points = scene.wires.paths(slots[slots != scene.wires.slots.get(port, -1)], PIECES).reshape(-1, 2)
    left, top, right, low = reach
    within = (points >= (left, top)) & (points <= (right, low))
    return points[within.all(axis=1)]


def _lies_on(corners: Floats, size: Size, points: Floats) -> NDArray[np.bool_]:
    """Of each chip of this size with one of these left top corners whether it lies on one of some points."""
    beyond = points[None] - corners[:, None]
    within = (beyond > -ON) & (beyond < np.array(size) + ON)
    found: NDArray[np.bool_] = np.logical_or.reduce(within[:, :, 0] & within[:, :, 1], axis=1)
    return found


def _steps(size: Size, far: int) -> list[Floats]:
    """How far a chip may stand from its wire: on it, with the wire at its end, above and beneath it, and both."""
    aside = [np.array([way * (size[0] / 2 - END), 0.0]) for way in (0, 1, -1)]
    ways = (0, *(side * times for times in range(1, far + 1) for side in (-1, 1)))
    return [step + np.array([0.0, way * ASIDE]) for way in ways for step in aside]


def _along(path: Floats) -> Floats:
    """The points of a path after each of SHARES of its length."""
    far = np.concatenate([[0.0], np.hypot(*np.diff(path, axis=0).T).cumsum()])
    return np.stack([np.interp(SHARES * far[-1], far, path[:, axis]) for axis in (0, 1)], axis=1)


def _covered(corners: Floats, size: Size, full: Floats) -> Floats:
    """How much of boxes (n, 4) each chip of this size covers that has one of these left top corners (m, 2)."""
    if not len(full):
        return np.zeros(len(corners))
    low = np.maximum(corners[:, None], full[None, :, :2] - CLEAR)
    high = np.minimum(corners[:, None] + size, full[None, :, :2] + full[None, :, 2:] + CLEAR)
    return (high - low).clip(0.0).prod(axis=2).sum(axis=1)
