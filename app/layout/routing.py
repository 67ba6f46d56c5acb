"""The dots through which a wire is drawn after a layout: none where its own curve runs clear of all boxes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..canvas.bends import route
from ..canvas.curves import is_backward, points
from .lanes import Lane

Point = tuple[float, float]
Boxes = NDArray[np.float64]  # (n, 4): left, top, right, bottom

CLEAR = 4.0  # scene units between a wire and a box
BETWEEN = 16.0  # scene units from one point of a straight wire that is looked at to the next
PIECES = 24  # points of a wire from one dot to the next that are looked at


def dots(start: Point, end: Point, lanes: Sequence[Lane], boxes: Boxes) -> list[Point]:
    """The fewest of a wire's dots with which it runs clear of `boxes`, those at its ends not among them."""
    ends = np.array([[*start, *end]])
    if not lanes or is_backward(ends)[0]:
        return []
    found = _knots(start, end, lanes)
    near = _near(boxes, ends[0], found)
    if runs_clear(start, end, [], near):
        return []
    for dot in list(found):
        fewer = [other for other in found if other is not dot]
        if runs_clear(start, end, fewer, near):
            found = fewer
    return found


def _knots(start: Point, end: Point, lanes: Sequence[Lane]) -> list[Point]:
    """Both ends of each lane; those in the middle of a level stretch are left out."""
    found = [point for lane in lanes for point in ((lane.left, lane.y), (lane.right, lane.y))]
    whole = [start, *found, end]
    return [
        at for before, at, after in zip(whole, found, whole[2:], strict=False) if not before[1] == at[1] == after[1]
    ]


def _near(boxes: Boxes, ends: NDArray[np.float64], found: Sequence[Point]) -> Boxes:
    """The boxes, grown by what must be clear, that the wire could meet at all."""
    grown = boxes + np.array([-CLEAR, -CLEAR, CLEAR, CLEAR])
    high, low = (pick([ends[1], ends[3], *(y for _, y in found)]) for pick in (min, max))
    meets = (grown[:, 0] <= ends[2]) & (grown[:, 2] >= ends[0]) & (grown[:, 1] <= low) & (grown[:, 3] >= high)
    near: Boxes = grown[meets]
    return near


def runs_clear(start: Point, end: Point, found: Sequence[Point], boxes: Boxes) -> bool:
    """Whether a wire that leads forward, through the dots `found`, meets none of some boxes."""
    if not len(boxes):
        return True
    path = path_of(start, end, found)  # in which a straight part has no points but its ends
    far = np.concatenate([[0.0], np.hypot(*np.diff(path, axis=0).T).cumsum()])
    shares = np.union1d(far, np.arange(0.0, far[-1], BETWEEN))[:, None]
    x, y = (np.interp(shares, far, path[:, axis]) for axis in (0, 1))
    inside = (x > boxes[:, 0]) & (x < boxes[:, 2]) & (y > boxes[:, 1]) & (y < boxes[:, 3])
    return not inside.any()


def path_of(start: Point, end: Point, found: Sequence[Point]) -> NDArray[np.float64]:
    """Points (n, 2) of a wire that leads forward, through the dots `found`."""
    if found:
        return route(start, end, np.array(found), PIECES * (len(found) + 1))
    return points(np.array([[*start, *end]]), np.zeros(1), PIECES)[0]
