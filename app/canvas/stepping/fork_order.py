"""Where all parts that meet at one fork stand: in the order in which their wires leave it, each at its own wire."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cmp_to_key
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF

from ..batch import Floats
from ..scene import Scene
from .chip_places import (
    CLEAR,
    ON,
    SHARES,
    Size,
    along,
    full_boxes,
    lies_on,
    meets,
    others,
    points_of,
    reach,
    stems,
    steps,
)

MOST = 8  # parts of one fork that are placed together: of more nobody follows each to its wire
TRIED = 8  # ways to place the first parts that are kept in mind, and places of the next that are tried with each
LEVEL, SPOT = 8.0, 40.0  # scene units, down and across: of places so close to each other only the best is looked at
COARSE = [0, *(number for number in range(len(SHARES)) if number % 4 in (3, 0) and number)]  # of places along a wire
PARTED = 4.0  # scene units between two wires of which one is above the other
STRIDE, STRIDES = 8.0, 80  # in which wires are walked along to see that
# How far aside of its wire each size may stand; where that is not enough, further.
RANGES = ((2,), (7, 2, 2), (7, 7, 16))
# What a place costs: a step aside, one nearer to another wire of the fork than to its own, to which a line leads then,
# a size less, a place on its own wire that another one crosses, one on other wires alone, one on both with its middle
# nearer to the other, and one that is against the order, or lies on what joins another part with its wire.
ASIDE, NEARER, SMALLER, ON_BOTH, CROSSING, AMISS, AGAINST = 10.0, 150.0, 1e3, 5.0, 1e5, 1e6, 1e7


class Part(NamedTuple):
    """One that is to be placed: the port at which its wire ends, the wire, and the sizes that it may have."""

    port: tuple[str, str]
    path: Floats
    sizes: tuple[Size, ...]


class _Candidates(NamedTuple):
    """Where one part may stand: (n, 4) left, top, right, bottom; which size; what joins it (n, 4), NaN if nothing."""

    boxes: Floats
    sizes: NDArray[np.intp]
    stems: Floats
    costs: Floats


class _Way(NamedTuple):
    """The first parts as they are placed: of each the row of its places, with boxes and stems, and the cost of all."""

    rows: tuple[int, ...]
    boxes: Floats
    stems: Floats
    cost: float


def in_order(paths: Sequence[Floats]) -> list[int]:
    """The wires that leave one output from top to bottom: by which is above where two of them have parted."""
    heights = [_heights(path) for path in paths]

    def above(one: int, other: int) -> int:
        apart = heights[one] - heights[other]
        parted = np.flatnonzero(np.abs(apart) > PARTED)
        return int(np.sign(apart[parted[0]])) if len(parted) else 0

    return sorted(range(len(paths)), key=cmp_to_key(above))


def _heights(path: Floats) -> Floats:
    far = np.concatenate([[0.0], np.hypot(*np.diff(path, axis=0).T).cumsum()])
    found: Floats = np.interp(np.arange(STRIDES) * STRIDE, far, path[:, 1])
    return found


def place_together(scene: Scene, parts: Sequence[Part], taken: Sequence[QRectF]) -> list[tuple[int, QRectF]] | None:
    """Which of its sizes each part has, and where it stands; None where there is no room.

    None covers a node, what is `taken`, or another part. They stand in the order in which their wires leave, each
    nearer to its own than to another of the fork; as near as can be, and with names where there is room.
    """
    order = in_order([part.path for part in parts])
    best: list[tuple[int, QRectF]] | None = None
    for ranges in RANGES:
        every = [_candidates(scene, parts, number, ranges, taken) for number in order]
        way = _best(every)
        if way is None:
            continue
        placed = {number: (places, row) for number, places, row in zip(order, every, way.rows, strict=True)}
        best = [_of(*placed[number]) for number in range(len(parts))]
        if way.cost < CROSSING:
            break
    return best


def _of(places: _Candidates, row: int) -> tuple[int, QRectF]:
    left, top, right, low = places.boxes[row].tolist()
    return int(places.sizes[row]), QRectF(left, top, right - left, low - top)


def _candidates(
    scene: Scene, parts: Sequence[Part], number: int, ranges: Sequence[int], taken: Sequence[QRectF]
) -> _Candidates:
    """All that a part may have without covering what is there."""
    part = parts[number]
    ways = along(part.path)[COARSE]
    around = reach(ways, part.sizes, max(ranges))
    full, wires = full_boxes(scene, taken, around), others(scene, part.port, around)
    own = points_of(part.path)
    rest = [points_of(other.path) for index, other in enumerate(parts) if index != number]
    found = [
        _of_size(which, size, far, ways, full, wires, own, rest)
        for which, (size, far) in enumerate(zip(part.sizes, ranges, strict=False))
    ]
    return _Candidates(*(np.concatenate(columns) for columns in zip(*found, strict=True)))


def _of_size(
    which: int, size: Size, far: int, ways: Floats, full: Floats, wires: Floats, own: Floats, rest: Sequence[Floats]
) -> _Candidates:
    aside = np.array(steps(size, far))
    corners = (ways[None] + aside[:, None] - np.array(size) / 2).reshape(-1, 2)
    step, share = np.divmod(np.arange(len(corners)), len(ways))
    free = np.flatnonzero(~meets(corners, size, full))
    corners, step, share = corners[free], step[free], share[free]
    costs = which * SMALLER + step * ASIDE + share * 0.01
    costs += lies_on(corners, size, wires) * np.where(aside[step].any(axis=1), CROSSING, ON_BOTH)
    best = _best_of_each(np.rint(corners[:, 1] / LEVEL) * 1e4 + np.rint(corners[:, 0] / SPOT), costs)
    boxes, costs = np.concatenate([corners, corners + size], axis=1)[best], costs[best]
    costs += _amiss(boxes, own, rest)
    return _Candidates(boxes, np.full(len(boxes), which), stems(boxes, own), costs)


def _amiss(boxes: Floats, own: Floats, rest: Sequence[Floats]) -> Floats:
    """What it costs that boxes, and their middles too, are as near to another wire of the fork as to their own."""
    near, middle = _distance(boxes, own), _distance(_middles(boxes), own)
    amiss: NDArray[np.bool_] = np.zeros(len(boxes), bool)
    for other in rest:
        amiss |= (_distance(boxes, other) <= near) & (_distance(_middles(boxes), other) <= middle)
    costs: Floats = np.where(amiss, np.where(near <= ON, AMISS, NEARER), 0.0)
    return costs


def _middles(boxes: Floats) -> Floats:
    return np.tile((boxes[:, :2] + boxes[:, 2:]) / 2, 2)


def _best_of_each(spots: Floats, costs: Floats) -> NDArray[np.intp]:
    """The row of the cheapest in each of some spots."""
    order = np.lexsort((costs, spots))
    found: NDArray[np.intp] = order[np.unique(spots[order], return_index=True)[1]]
    return found


def _best(every: Sequence[_Candidates]) -> _Way | None:
    """The cheapest way to place all parts that is found, None where one has no room."""
    found = [_Way((), np.empty((0, 4)), np.empty((0, 4)), 0.0)]
    for places in every:
        found = sorted((way for before in found for way in _with(before, places)), key=lambda way: way.cost)[:TRIED]
    return found[0] if found else None


def _with(way: _Way, places: _Candidates) -> Iterator[_Way]:
    """A way with one part more, at the best of its places."""
    costs = places.costs.copy()
    for box, stem in zip(way.boxes, way.stems, strict=True):
        costs[_meet(places.boxes, box)] = np.inf
        costs += AGAINST * (places.boxes[:, 1] + places.boxes[:, 3] < box[1] + box[3] + 2.0)
        costs += AGAINST * (_crosses(places.stems, box) | _crosses(stem, places.boxes))
    best = _best_of_each(np.rint(places.boxes[:, 1] / LEVEL), costs)
    for row in best[np.argsort(costs[best], kind="stable")][:TRIED].tolist():
        if np.isfinite(costs[row]):
            boxes, stems = np.vstack([way.boxes, places.boxes[row]]), np.vstack([way.stems, places.stems[row]])
            yield _Way((*way.rows, row), boxes, stems, way.cost + costs[row])


def _meet(boxes: Floats, box: Floats) -> NDArray[np.bool_]:
    low, high = np.maximum(boxes[:, :2], box[:2] - CLEAR), np.minimum(boxes[:, 2:], box[2:] + CLEAR)
    found: NDArray[np.bool_] = np.logical_and.reduce(low < high, axis=1)
    return found


def _distance(boxes: Floats, path: Floats) -> Floats:
    """How far each box is from a wire, 0 where that runs through it."""
    ends = path[None].clip(boxes[:, None, :2], boxes[:, None, 2:])
    across, down = (path[None] - ends).transpose(2, 0, 1)
    found: Floats = np.sqrt((across * across + down * down).min(axis=1, initial=np.inf))
    return found


def _crosses(lines: Floats, boxes: Floats) -> NDArray[np.bool_]:
    """Whether lines (…, 4) run through boxes (…, 4)."""
    begin, way = lines[..., :2], lines[..., 2:] - lines[..., :2]
    with np.errstate(all="ignore"):
        first, last = (boxes[..., :2] - begin) / way, (boxes[..., 2:] - begin) / way
    level = np.abs(way) < 1e-9
    within = (begin > boxes[..., :2]) & (begin < boxes[..., 2:])
    enter = np.where(level, np.where(within, -np.inf, np.inf), np.minimum(first, last)).max(axis=-1)
    leave = np.where(level, np.where(within, np.inf, -np.inf), np.maximum(first, last)).min(axis=-1)
    there = ~np.isnan(way).any(axis=-1)
    found: NDArray[np.bool_] = np.asarray((np.maximum(enter, 0.0) <= np.minimum(leave, 1.0)) & there)
    return found
