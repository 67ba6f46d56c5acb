"""The curves of wires, many at once, as points.

A wire that goes to the right is one S. One that goes back leaves to the right, runs along a lane that lies clear of
both nodes, and comes in from the left, so that it can be told from the forward ones and followed.
"""

from __future__ import annotations

import numpy as np

from .batch import Floats

TURN = 34.0  # how far a backward wire swings out
CLEAR = 20.0  # between its lane and the nodes
LEAST_REACH, MOST_REACH = 24.0, 220.0  # of the control points of an S
HEAD = 5.0  # of the head of an arrow, along the wire and to either side
DASH = 7.0  # of a dash, and of a gap between two


def lanes(source: Floats, target: Floats) -> Floats:
    """The y at which each backward wire would best run: beside its target (boxes: n, 4), on the side of the source.

    There it runs in the gap above or below a row of nodes, and the way to it beside a column of them; half-way between
    two boxes it would cross what lies there. Where the boxes leave no room between them, it runs below both.
    """
    source_end, target_end = source[:, 1] + source[:, 3], target[:, 1] + target[:, 3]
    above, below = (target[:, 1] - source_end) / 2, (source[:, 1] - target_end) / 2  # half of the room there is
    lane = np.maximum(source_end, target_end) + CLEAR
    lane = np.where(above > CLEAR / 2, target[:, 1] - np.minimum(above, CLEAR), lane)
    return np.where(below > CLEAR / 2, target_end + np.minimum(below, CLEAR), lane)


def is_backward(ends: Floats) -> np.ndarray:
    """Which wires, given as (n, 4) ends, go back to the left."""
    return ends[:, 2] < ends[:, 0] + 4.0


def _bezier(corners: list[tuple[Floats, Floats]], count: int) -> Floats:
    """Points of cubic curves: (n, count, 2) for four corners, each a pair of arrays of n numbers."""
    t = np.linspace(0.0, 1.0, count)
    weights = np.stack([(1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3])
    places = np.stack([np.stack(corner, axis=1) for corner in corners])  # (4, n, 2)
    return np.einsum("cp,cnd->npd", weights, places)


def points(ends: Floats, lane: Floats, count: int, turn: Floats | float = TURN) -> Floats:
    """The points (n, 3 * count + 1, 2) of wires, their ends (n, 4) being the two ports.

    Those that go back run along the height `lane`, and swing out by `turn` on their way to it.
    """
    arc = (3 * count - 1) // 2  # pieces of each turn; the lane between them is straight
    back = is_backward(ends)
    result = np.empty((len(ends), 3 * count + 1, 2))
    if not back.all():
        x1, y1, x2, y2 = ends[~back].T
        reach = np.clip((x2 - x1) * 0.5, LEAST_REACH, MOST_REACH)
        result[~back] = _bezier([(x1, y1), (x1 + reach, y1), (x2 - reach, y2), (x2, y2)], 3 * count + 1)
    if back.any():
        x1, y1, x2, y2 = ends[back].T
        y, aside = lane[back], np.broadcast_to(turn, len(ends))[back]
        out = _bezier([(x1, y1), (x1 + aside, y1), (x1 + aside, y), (x1, y)], arc + 1)
        home = _bezier([(x2, y), (x2 - aside, y), (x2 - aside, y2), (x2, y2)], arc + 1)
        spare = np.repeat(home[:, :1], 3 * count - 2 * arc - 1, axis=1)
        result[back] = np.concatenate([out, spare, home], axis=1)
    return result


def segments(path: Floats) -> Floats:
    """The lines (n * (p - 1), 4) that join the points (n, p, 2) of each curve."""
    return np.concatenate([path[:, :-1], path[:, 1:]], axis=2).reshape(-1, 4)


def distances(path: Floats, x: float, y: float) -> Floats:
    """How far the point (x, y) is from each of the curves (n, p, 2)."""
    start, step = path[:, :-1], path[:, 1:] - path[:, :-1]
    away = np.array([x, y]) - start
    length = np.maximum((step**2).sum(axis=2), 1e-12)
    along = np.clip((away * step).sum(axis=2) / length, 0.0, 1.0)
    return np.sqrt((((start + along[:, :, None] * step) - [x, y]) ** 2).sum(axis=2).min(axis=1))


def dashes(paths: Floats, dash: float = DASH) -> Floats:
    """The dashes (m, 4) of curves (n, p, 2), in two pieces each, as long on a level stretch as on a steep one."""
    steps = np.hypot(*np.moveaxis(np.diff(paths, axis=1), 2, 0))
    along = np.concatenate([np.zeros((len(paths), 1)), np.cumsum(steps, axis=1)], axis=1)
    total = along[:, -1]
    begun = np.cumsum(total + 1.0) - total  # where each begins on one line that holds all, one behind the other
    counts = np.ceil(total / (2 * dash)).astype(np.intp)
    which = np.repeat(np.arange(len(paths)), counts)
    starts = 2 * dash * (np.arange(len(which)) - np.repeat(np.cumsum(counts) - counts, counts))
    ends = np.minimum(starts + dash, total[which])
    where = np.stack([starts, (starts + ends) / 2, ends], axis=1) + begun[which, None]
    line = (along + begun[:, None]).ravel()
    x, y = (np.interp(where, line, paths[:, :, axis].ravel()) for axis in (0, 1))
    return np.concatenate([np.stack([x[:, i], y[:, i], x[:, i + 1], y[:, i + 1]], axis=1) for i in (0, 1)])


def arrow_heads(path: Floats) -> Floats:
    """Two strokes (2 n, 4) half-way along each of the curves (n, p, 2), which show where it goes."""
    if not len(path):
        return np.empty((0, 4))
    steps = np.diff(path, axis=1)
    along = np.cumsum(np.sqrt((steps**2).sum(axis=2)), axis=1)
    half = (along < along[:, -1:] / 2).sum(axis=1)  # the piece that holds the middle
    each = np.arange(len(path))
    way = steps[each, half]
    way = HEAD * way / np.maximum(np.sqrt((way**2).sum(axis=1, keepdims=True)), 1e-9)
    left = along[each, half] - along[:, -1] / 2  # from the middle to the end of that piece
    tip = path[each, half + 1] - way / HEAD * left[:, None] + way / 2
    aside = way[:, ::-1] * [-1.0, 1.0]
    return np.concatenate([np.hstack([tip, tip - way + aside]), np.hstack([tip, tip - way - aside])])
