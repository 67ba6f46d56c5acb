"""Where the parts that meet at a fork stand: on their wires, beside nodes and beside each other."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np
from PySide6.QtCore import QRectF

from ..badges import HIGH, LOW, READ
from ..batch import Floats
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
MOST_TOLD = 200  # nodes with something unusual: of more, looking at each would take longer than a frame
END = 10.0  # of a chip, how far from its end a wire may run through it
Size = tuple[float, float]


# By scene: for which places of its items chips were placed, and where each then stands.
_known: WeakKeyDictionary[Scene, tuple[int, dict[Hashable, tuple[int, QRectF]]]] = WeakKeyDictionary()


def kept_clear(canvas: Canvas) -> list[QRectF]:
    """What chips of a canvas must not cover beside nodes: what is found unusual there, and put in by hand."""
    scene, marks = canvas.scene, canvas.marks
    told = [id for id in {*marks.findings, marks.origin[0]} if id in scene.items.slots]
    told = told if len(told) <= MOST_TOLD else []
    above = [QRectF(x, y - GROWN, wide, GROWN) for x, y, wide, _ in map(scene.rect, told)]
    return above + [place for _, place in forked_badges(scene, canvas.editor.branching.here).values()]


def kept_on_wire(
    scene: Scene, path: Floats, sizes: Sequence[Size], taken: Sequence[QRectF], port: tuple[str, str]
) -> tuple[int, QRectF]:
    """As `on_wire`, found once for the wire into a port as long as no item is elsewhere: each frame asks."""
    found = _known.get(scene)
    if found is None or found[0] != scene.items.geometry:
        found = _known[scene] = scene.items.geometry, {}
    key = port, path.tobytes(), tuple(sizes), tuple(place.getRect() for place in taken)
    if key not in found[1]:
        found[1][key] = on_wire(scene, path, sizes, taken)
    return found[1][key]


def on_wire(scene: Scene, path: Floats, sizes: Sequence[Size], taken: Sequence[QRectF]) -> tuple[int, QRectF]:
    """Which of some `sizes`, the best first, a chip on a wire can have, and where it then stands.

    From the middle of the wire outwards, then beside it, then smaller and close; covering no node and nothing that is
    `taken`. Where all is full, the place that covers least, of the last size.
    """
    ways = _along(path)
    left, top = ways.min(axis=0) - sizes[0]
    right, low = ways.max(axis=0) + sizes[0]
    near = scene.items.boxes[scene.find.slots_in(left, top - FAR * ASIDE, right, low + FAR * ASIDE + ABOVE)].copy()
    near[:, 1] -= ABOVE
    near[:, 3] += ABOVE
    full = np.concatenate([near, np.array([place.getRect() for place in taken]).reshape(-1, 4)])
    tries = [
        (number, ways + step) for number, size in enumerate(sizes) for step in _steps(size, NEAR if number else FAR)
    ]
    least: tuple[float, int, QRectF] | None = None
    for number, middles in tries:
        wide, high = sizes[number]
        covered = _covered(middles - np.array([wide, high]) / 2, (wide, high), full)
        best = int(covered.argmin())  # the first of those that cover as little
        if least is None or covered[best] < least[0] or number > least[1]:
            x, y = middles[best]
            least = float(covered[best]), number, QRectF(x - wide / 2, y - high / 2, wide, high)
        if covered[best] == 0.0:
            break
    assert least is not None
    return least[1:]


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
