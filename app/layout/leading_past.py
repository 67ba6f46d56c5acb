"""The dots with which a wire that only passes a frame runs over or under it, instead of behind it.

Like those of wires that lead into a frame they follow from where things stand.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import product

import numpy as np

from ...core.document import Transaction
from ...core.graph import GraphView, Wire
from ..canvas.anatomy import Anatomist
from ..editing.places import all_whole
from .boxes import Box
from .giving_way import Measure, extent
from .lanes import BESIDE_LANE, Lane
from .routing import Point, dots, runs_clear

AWAY = 12.0  # scene units from a frame to the first wire that passes it
ROUND = 20.0  # before and behind it, where a wire turns


def forget_past(t: Transaction, groups: Iterable[str], anatomist: Anatomist, measure: Measure) -> None:
    """Remove the dots that wires past groups have been given, and no others: who moved one has made it his own."""
    for group in groups:
        for wire, found in _past(t.graph, group, anatomist, measure, alone=False):
            if list(t.graph.bends.get((wire.target, wire.port), ())) == found:
                t.set_bends(wire.target, wire.port, [])


def lead_past(t: Transaction, groups: Iterable[str], anatomist: Anatomist, measure: Measure) -> None:
    """Lead the wires without dots that would run behind groups over or under them."""
    for group in groups:
        for wire, found in [*_past(t.graph, group, anatomist, measure, alone=True)]:
            t.set_bends(wire.target, wire.port, found)


def _past(
    graph: GraphView, group: str, anatomist: Anatomist, measure: Measure, alone: bool
) -> Iterator[tuple[Wire, list[Point]]]:
    """The wires between nodes beside a group, `alone` those without dots, that need some to pass it, with these."""
    level = graph.item(group).group
    boxes = {id: extent(graph, id, measure, {}) for id in graph.members(level).values()}
    lanes: list[float] = []
    for wire in graph.wires():
        ends = wire.source.node, wire.target
        if any(id not in boxes for id in ends) or (alone and (wire.target, wire.port) in graph.bends):
            continue
        start, end = (boxes[id][:2] for id in ends)
        start = start[0] + boxes[ends[0]][2], start[1] + anatomist.of(graph, ends[0]).port_y(wire.source.output, True)
        end = end[0], end[1] + anatomist.of(graph, ends[1]).port_y(wire.port, False)
        passed = _edges([boxes[group]])
        if end[0] <= start[0] or runs_clear(start, end, [], passed):
            continue
        others = _edges(box for id, box in boxes.items() if id not in ends)
        for clear_of in (others, passed):
            found = _around(start, end, boxes[group], lanes, clear_of)
            if found:
                yield wire, all_whole(found)
                break


def _around(start: Point, end: Point, box: Box, lanes: list[float], clear_of: np.ndarray) -> list[Point]:
    """The dots over or under a box, by the lesser detour, beside the `lanes` of others; none where none fit."""
    left, top, wide, high = box
    heights = [
        side + way * (AWAY + step * BESIDE_LANE)
        for (side, way), step in product(((top, -1), (top + high, 1)), range(len(lanes) + 1))
    ]
    for y in sorted(heights, key=lambda y: abs(y - start[1]) + abs(y - end[1])):
        lane = Lane(max(left - ROUND, start[0] + ROUND), min(left + wide + ROUND, end[0] - ROUND), y)
        if y in lanes or lane.left >= lane.right:
            continue
        found = dots(start, end, [lane], clear_of)
        if found and runs_clear(start, end, found, clear_of):
            lanes.append(y)
            return found
    return []


def _edges(boxes: Iterable[Box]) -> np.ndarray:
    """Boxes as left, top, right and bottom."""
    left, top, wide, high = np.array([*boxes]).reshape(-1, 4).T
    return np.column_stack([left, top, left + wide, top + high])
