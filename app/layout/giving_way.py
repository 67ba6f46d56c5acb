"""What lies right of an item and beneath it goes aside where the item grows, and comes back where it shrinks.

All that begins right of it moves to the right by the same way, and all that begins beneath it down: so nothing comes to
cover anything, and growing and shrinking by as much leads back to where everything was.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ...core.document import Transaction
from ...core.graph import GraphView
from ..canvas.nesting import EMPTY_FRAME, FRAME_SIDE, FRAME_TOP
from ..editing import move, with_interior
from .boxes import Box

Size = tuple[float, float]
Measure = Callable[[GraphView, str], Size]  # how large a node, a note or a collapsed group is drawn


def extent(graph: GraphView, id: str, measure: Measure, known: Mapping[str, Box]) -> Box:
    """The box of a node or group as it is drawn: of an expanded group, around what it holds. `known` boxes stand."""
    if id in known:
        return known[id]
    if id in graph.nodes or graph.groups[id].collapsed or graph.is_note(id):
        return (*graph.item(id).position, *measure(graph, id))
    boxes = [extent(graph, member, measure, known) for member in graph.members(id).values()]
    if not boxes:
        return (*graph.groups[id].position, *EMPTY_FRAME)
    left, top = min(box[0] for box in boxes) - FRAME_SIDE, min(box[1] for box in boxes) - FRAME_TOP
    right, low = max(box[0] + box[2] for box in boxes), max(box[1] + box[3] for box in boxes)
    return left, top, right + FRAME_SIDE - left, low + FRAME_SIDE - top


def give_way(t: Transaction, id: str, old: Box, new: Box, measure: Measure, level: str | None) -> None:
    """Move what lies around an item whose box has become another, in its group and in those around it.

    `level` is the group that is shown, None: the top; around it nothing is moved, nor around a collapsed group.
    """
    with t.step():
        while True:
            around = t.graph.item(id).group
            shown = around is not None and around != level and not t.graph.groups[around].collapsed
            before = extent(t.graph, around, measure, {id: old}) if around is not None and shown else None
            _move_aside(t, id, old, new, measure)
            if around is None or before is None:
                return
            id, old, new = around, before, extent(t.graph, around, measure, {id: new})


def _move_aside(t: Transaction, id: str, old: Box, new: Box, measure: Measure) -> None:
    """Move what lies in the same group as an item, with the dots of the wires there."""
    graph = t.graph
    corners = {
        other: extent(graph, other, measure, {})[:2]
        for other in graph.members(graph.item(id).group).values()
        if other != id
    }
    edges = tuple(old[axis] + old[2 + axis] for axis in (0, 1))
    ends = tuple(new[axis] + new[2 + axis] for axis in (0, 1))
    # What has come into the way since it went aside stays, and then so does all else.
    free = [not any(ends[axis] <= corner[axis] < edges[axis] for corner in corners.values()) for axis in (0, 1)]
    by = tuple(ends[axis] - edges[axis] if free[axis] else 0.0 for axis in (0, 1))

    def step(x: float, y: float) -> tuple[float, float]:
        return by[0] * (x >= edges[0]), by[1] * (y >= edges[1])

    face = {node: other for other in (*corners, id) for node in with_interior(graph, [other])}
    for wire, points in list(graph.bends.items()):
        source = graph.fed(*wire)
        first, last = None if source is None else face.get(source.node), face.get(wire[0])
        if first is not None and last is not None and first != last:  # within one item they go with that
            ways = [step(*point) for point in points]
            t.set_bends(*wire, [(x + dx, y + dy) for (x, y), (dx, dy) in zip(points, ways, strict=True)])
    for other, corner in corners.items():
        if any(way := step(*corner)):
            move(t, [other], *way)
