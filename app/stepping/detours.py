"""Wires that a mend has laid, or put nodes on, are drawn around the nodes that they would run behind.

Behind a node a wire seems to end at it, and what comes out on the other side to be another one.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from ...core.document import Transaction
from ...core.graph import GraphView, Wire
from ..layout.boxes import Box
from ..layout.lanes import Lane
from ..layout.making_room import extent
from ..layout.routing import Boxes, Point, dots, runs_clear

if TYPE_CHECKING:
    from ..canvas.canvas import Canvas

AWAY = 24.0  # between a wire and the nodes that it passes
ROUND = 20.0  # before and behind these, where it turns
PUSHED, HIGH = 600.0, 400.0  # how far from a wire nodes are looked at


def go_around(canvas: Canvas, t: Transaction, before: GraphView, made: Iterable[str] = ()) -> None:
    """Put dots into the wires that were not there `before`, and those that meet nodes just `made`, where they help."""
    scene, graph = canvas.scene, t.graph
    new = {id for id in made if scene.faces.cover(graph.item(id).group) == ""}
    known = set(before.wires())
    slots = {slot for id in new for slot in scene.wires.within(*_reach(_edges([extent(canvas, graph, id)]))).tolist()}
    passing = {scene.wires.at(slot) for slot in slots} & {*graph.wires()}
    for wire in [*(wire for wire in graph.wires() if wire not in known), *sorted(passing)]:
        ends = {wire.source.node, wire.target}
        if (wire.target, wire.port) in graph.bends or not ends <= scene.items.slots.keys() | new:
            continue
        start, end = _ends(canvas, graph, wire)
        if end[0] < start[0] + AWAY:
            continue
        window = _reach(np.array([[start[0], min(start[1], end[1]), end[0], max(start[1], end[1])]]))
        near = {scene.items.at(slot).id for slot in scene.find.slots_in(*window).tolist()}
        others = {id for id in near if id in graph.nodes or id in graph.groups} - ends | new - ends
        boxes = {id: extent(canvas, graph, id) for id in others}
        # Behind what a wire ran before it may go on to run.
        met = _edges(box for id, box in boxes.items() if wire not in known or id in new)
        if not runs_clear(start, end, [], met):
            t.set_bends(wire.target, wire.port, _around(start, end, _edges(boxes.values())))


def _reach(edges: Boxes) -> tuple[float, float, float, float]:
    """Where in the scene may lie what now meets a box: it was drawn before nodes were pushed aside."""
    left, top, right, low = edges[0].tolist()
    return left - PUSHED, top - HIGH, right + PUSHED, low + HIGH


def _around(start: Point, end: Point, boxes: Boxes) -> list[Point]:
    """The dots that lead around some boxes, by the least detour; none where none is found."""
    left, top, right, low = boxes[(boxes[:, 2] > start[0]) & (boxes[:, 0] < end[0])].T
    for y in sorted({*(top - AWAY), *(low + AWAY)}, key=lambda y: abs(y - start[1]) + abs(y - end[1])):
        passed = (top < max(y, start[1], end[1])) & (low > min(y, start[1], end[1]))
        if not passed.any():
            continue
        lane = Lane(left[passed].min() - ROUND, right[passed].max() + ROUND, y)
        found = dots(start, end, [lane], boxes)
        if start[0] < lane.left < lane.right < end[0] and runs_clear(start, end, found, boxes):
            return found
    return []


def _ends(canvas: Canvas, graph: GraphView, wire: Wire) -> tuple[Point, Point]:
    """Where a wire begins and ends."""
    source, anatomist = wire.source, canvas.scene.anatomist
    x, y, wide, _ = extent(canvas, graph, source.node)
    left, top, _, _ = extent(canvas, graph, wire.target)
    out, into = anatomist.of(graph, source.node), anatomist.of(graph, wire.target)
    return (x + wide, y + out.port_y(source.output, True)), (left, top + into.port_y(wire.port, False))


def _edges(boxes: Iterable[Box]) -> Boxes:
    """Boxes as left, top, right and bottom."""
    left, top, wide, high = np.array(list(boxes)).reshape(-1, 4).T
    return np.column_stack([left, top, left + wide, top + high])
