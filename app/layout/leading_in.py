"""The dots with which a wire that comes into a frame passes beneath what it would run behind there.

They follow from where things stand, so that they are the same whenever these stand as before.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from ...core.document import Transaction
from ...core.graph import GraphView, Source, Wire, boundary
from ..canvas.anatomy import Anatomist
from ..editing.places import all_whole
from .boxes import Box
from .giving_way import Measure, extent
from .lanes import Lane
from .routing import dots

BENEATH = (6.0, 12.0)  # scene units from what is passed to the first wire and to the others: within the frame's margin


def forget(t: Transaction, groups: Iterable[str], measure: Measure) -> None:
    """Remove the dots that wires into groups have within their frames."""
    for group in groups:
        left, top, width, height = extent(t.graph, group, measure, {})
        for _, target, port in boundary(t.graph, group)[0]:
            points = t.graph.bends.get((target, port), ())
            kept = [(x, y) for x, y in points if not (left <= x <= left + width and top <= y <= top + height)]
            t.set_bends(target, port, kept)


def lead_in(t: Transaction, groups: Iterable[str], anatomist: Anatomist, measure: Measure) -> None:
    """Lead the wires into groups, outer ones first, that have no dots within them."""
    for group in groups:
        for number, wire in enumerate(boundary(t.graph, group)[0]):
            _lead(t, group, wire, BENEATH[min(number, 1)], anatomist, measure)


def _lead(t: Transaction, group: str, wire: Wire, beneath: float, anatomist: Anatomist, measure: Measure) -> None:
    graph = t.graph
    around = [wire.target, *graph.chain(graph.node(wire.target).group)]
    member = around[around.index(group) - 1]  # what of the group holds the end of the wire, or is it
    target = extent(graph, member, measure, {})
    passed = [extent(graph, other, measure, {}) for other in graph.members(group).values() if other != member]
    passed = [box for box in passed if box[0] + box[2] <= target[0]]
    before = graph.bends.get((wire.target, wire.port), ())
    if not passed:
        return
    lane = Lane(
        min(box[0] for box in passed),
        max(box[0] + box[2] for box in passed),
        max(box[1] + box[3] for box in passed) + beneath,
    )
    start = before[-1] if before else _start(graph, wire.source, anatomist, measure)
    node = graph.node(wire.target)
    end = node.position[0], node.position[1] + anatomist.of(graph, node.id).port_y(wire.port, False)
    found = dots(start, end, [lane], _corners(passed))
    t.set_bends(wire.target, wire.port, (*before, *all_whole(found)))


def _start(graph: GraphView, source: Source, anatomist: Anatomist, measure: Measure) -> tuple[float, float]:
    """Where a wire leaves its node, or the outermost collapsed group around that."""
    collapsed = [id for id in graph.chain(graph.node(source.node).group) if graph.groups[id].collapsed]
    if collapsed:
        left, top, width, height = extent(graph, collapsed[-1], measure, {})
        return left + width, top + height / 2
    item, (x, y) = anatomist.of(graph, source.node), graph.node(source.node).position
    return x + item.width, y + item.port_y(source.output, True)


def _corners(boxes: list[Box]) -> np.ndarray:
    return np.array([(x, y, x + width, y + height) for x, y, width, height in boxes])
