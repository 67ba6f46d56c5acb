"""A layered drawing in which each wire that passes a column has a lane there: no wire runs behind a box."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from .levels import levels
from .ordering import Link, Order

BETWEEN_COLUMNS, BETWEEN_ROWS = 70.0, 30.0
BESIDE_LANE = 16.0  # between a lane and a box or another lane
STRAIGHT = 8  # how much more it counts that a lane goes on level than that a wire between two boxes is

Point = tuple[float, float]
Sweeps = Callable[[], Iterator[int]]


class Joint(NamedTuple):
    """A wire between two boxes, by number; None is what lies outside, to the left or to the right of all.

    `out` and `into` are how far below the tops of the boxes it leaves the one and reaches the other.
    """

    source: int | None
    target: int | None
    out: float = 0.0
    into: float = 0.0


class Lane(NamedTuple):
    """A level stretch of a wire."""

    left: float
    right: float
    y: float


class Woven(NamedTuple):
    """One part of a drawing: the corner of each box, the lanes of each joint from left to right, and the width.

    `rises` is by how much all wires together go up or down.
    """

    places: list[Point]
    lanes: list[list[Lane]]
    width: float
    rises: float = 0.0


class Weaving:
    """Boxes in columns with the joints among them, each as a chain of pieces from one column to the next."""

    def __init__(self, sizes: Sequence[tuple[float, float]], joints: Sequence[Joint], ranks: Sequence[int]) -> None:
        self._sizes = sizes
        self._joints = joints
        self._ranks = list(ranks)  # grows by those of the lanes
        self._heights = [height for _, height in sizes]
        self.links: list[Link] = []
        self._chains = [self._chain(joint, max(ranks)) for joint in joints]

    def _chain(self, joint: Joint, last: int) -> list[int]:
        """The lanes of a joint, each a number beyond those of the boxes, from left to right."""
        start = -1 if joint.source is None else self._ranks[joint.source]
        end = last + 1 if joint.target is None else self._ranks[joint.target]
        lanes = [self._lane(rank) for rank in range(start + 1, end)]
        chain = [*([] if joint.source is None else [joint.source]), *lanes]
        chain += [] if joint.target is None else [joint.target]
        for number, (a, b) in enumerate(pairwise(chain)):
            out = joint.out if number == 0 and joint.source is not None else 0.0
            into = joint.into if number == len(chain) - 2 and joint.target is not None else 0.0
            both = self._is_lane(a) + self._is_lane(b)
            weight = (2, 1, STRAIGHT)[both]
            self.links.append(Link(a, b, out, into, self._share(a, out), self._share(b, into), weight))
        return lanes

    def _lane(self, rank: int) -> int:
        self._ranks.append(rank)
        self._heights.append(0.0)
        return len(self._ranks) - 1

    def _is_lane(self, number: int) -> bool:
        return number >= len(self._sizes)

    def _share(self, number: int, below: float) -> float:
        return below / (self._heights[number] + 1.0)

    def columns(self, boxes: Sequence[Sequence[int]]) -> list[list[int]]:
        """The columns of boxes with the lanes put among them, about where the straight way would be."""
        where = {box: index / max(len(column), 1) for column in boxes for index, box in enumerate(column)}
        for joint, chain in zip(self._joints, self._chains, strict=True):
            start = where[joint.source] if joint.source is not None else None
            end = where[joint.target] if joint.target is not None else None
            first = start if start is not None else end or 0.0
            last = end if end is not None else first
            for index, lane in enumerate(chain, 1):
                where[lane] = first + (last - first) * index / (len(chain) + 1)
        found: list[list[int]] = [list(column) for column in boxes]
        for lane in range(len(self._sizes), len(self._ranks)):
            found[self._ranks[lane]].append(lane)
        return [sorted(column, key=where.__getitem__) for column in found]

    def order(self, boxes: Sequence[Sequence[int]], sweeps: Sweeps) -> tuple[int, list[list[int]]]:
        """How many crossings there are in the best order found from this one on, and that order."""
        order = Order(self.columns(boxes), self.links, len(self._ranks))
        return order.reduce(sweeps), order.columns

    def _gap(self, upper: int, lower: int) -> float:
        return BESIDE_LANE if self._is_lane(upper) or self._is_lane(lower) else BETWEEN_ROWS

    def place(self, columns: Sequence[Sequence[int]], sweeps: Sweeps) -> Woven:
        """Where all stand, from (0, 0) on."""
        tops = levels(columns, self._heights, self.links, self._gap, sweeps)
        upper = min(tops)
        places: list[Point] = [(0.0, 0.0)] * len(self._sizes)
        left, edges = 0.0, []
        for column in columns:
            wide = max((self._sizes[box][0] for box in column if not self._is_lane(box)), default=0.0)
            edges.append((left, left + wide))
            for box in column:
                if not self._is_lane(box):
                    places[box] = (left, tops[box] - upper)
            left += wide + BETWEEN_COLUMNS
        lanes = []
        for joint, chain in zip(self._joints, self._chains, strict=True):
            own = []
            if joint.source is not None:  # beside wider boxes of its column it goes on level
                start, right = (
                    places[joint.source][0] + self._sizes[joint.source][0],
                    edges[self._ranks[joint.source]][1],
                )
                if start < right:
                    own.append(Lane(start, right, places[joint.source][1] + joint.out))
            lanes.append(own + [Lane(*edges[self._ranks[lane]], tops[lane] - upper) for lane in chain])
        rises = sum(abs(tops[a] + out - tops[b] - into) for a, b, out, into, *_ in self.links)
        return Woven(places, lanes, left - BETWEEN_COLUMNS, rises)
