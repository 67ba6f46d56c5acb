"""Wires that a mend has laid, or put nodes on, are drawn around the nodes that they would run behind.

Behind a node a wire seems to end at it, and what comes out on the other side to be another one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from ...core.document import Transaction
from ...core.graph import GraphView, Wire
from ..editing.places import all_whole
from ..layout.boxes import Box
from ..layout.lanes import BESIDE_LANE, Lane
from ..layout.making_room import extent
from ..layout.routing import Boxes, Point, dots, path_of, runs_clear

if TYPE_CHECKING:
    from ..canvas.batch import Floats
    from ..canvas.canvas import Canvas

AWAY = 24.0  # between a wire and the nodes that it passes
ROUND = 20.0  # before and behind these, where it turns
APART = 4.0  # between two points of a wire that are looked at
TOO_NEAR = 8.0  # between two wires that are hardly told apart
PUSHED, HIGH = 600.0, 400.0  # how far from a wire nodes are looked at


def go_around(canvas: Canvas, t: Transaction, before: GraphView, made: Iterable[str] = ()) -> None:
    """Put dots into the wires that were not there `before`, and those that meet nodes just `made`, where they help."""
    scene, graph = canvas.scene, t.graph
    new = {id for id in made if scene.faces.cover(graph.item(id).group) == ""}
    known = set(before.wires())
    slots = {slot for id in new for slot in scene.wires.within(*_reach(_edges([extent(canvas, graph, id)]))).tolist()}
    passing = {scene.wires.at(slot) for slot in slots} & {*graph.wires()}
    lanes: list[Lane] = []
    drawn = [np.empty((0, 2))]  # points of the wires that are done
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
        before_it = _behind(canvas, wire, others - new) if wire in known else ()
        met = _edges(box for id, box in boxes.items() if id not in before_it)
        found: list[Point] = []
        if not runs_clear(start, end, [], met):
            frames, done = _passed_frames(canvas, graph, ends), np.concatenate(drawn)
            found, laid = _around(start, end, _edges([*boxes.values(), *frames]), lanes, done)
            if not found and frames:
                found, laid = _around(start, end, _edges(boxes.values()), lanes, done)
            t.set_bends(wire.target, wire.port, all_whole(found))
            lanes += laid
        drawn.append(_drawn(start, end, found))


def _passed_frames(canvas: Canvas, graph: GraphView, ends: Iterable[str]) -> list[Box]:
    """Groups that are drawn as frames and hold neither end of a wire: it had better not run through their titles."""
    items = canvas.scene.items
    around = {group for id in ends for group in graph.chain(graph.item(id).group)}
    ids = {items.at(slot).id for slot in items.nesting.frames}.difference(around)
    return [extent(canvas, graph, id) for id in ids if id in graph.groups]


def _reach(edges: Boxes) -> tuple[float, float, float, float]:
    """Where in the scene may lie what now meets a box: it was drawn before nodes were pushed aside."""
    left, top, right, low = edges[0].tolist()
    return left - PUSHED, top - HIGH, right + PUSHED, low + HIGH


def _behind(canvas: Canvas, wire: Wire, ids: Iterable[str]) -> set[str]:
    """Behind which of some items a wire runs as it is drawn now, before anything has been moved."""
    scene = canvas.scene
    start, end = np.split(scene.wires.ends[scene.wires.slots[wire.target, wire.port]], 2)
    ends = (float(start[0]), float(start[1])), (float(end[0]), float(end[1]))
    return {id for id in ids if id in scene.items.slots and not runs_clear(*ends, [], _edges([scene.rect(id)]))}


def _around(
    start: Point, end: Point, boxes: Boxes, lanes: Sequence[Lane], drawn: Floats
) -> tuple[list[Point], list[Lane]]:
    """The dots that lead around some boxes, by the least detour and beside other `lanes`, with the lane that they make.

    Of two ways along it that which is less among the wires of which points (n, 2) are `drawn`.

    None where none are found.
    """
    left, top, right, low = boxes[(boxes[:, 2] > start[0]) & (boxes[:, 0] < end[0])].T
    beside = {lane.y + side * BESIDE_LANE for lane in lanes for side in (-1, 1)}
    beside = {y for y in beside if not ((top - AWAY < y) & (y < low + AWAY)).any()}
    for y in sorted({*(top - AWAY), *(low + AWAY), *beside}, key=lambda y: abs(y - start[1]) + abs(y - end[1])):
        passed = (top < max(y, start[1], end[1])) & (low > min(y, start[1], end[1]))
        if not passed.any():
            continue
        lane = Lane(left[passed].min() - ROUND, right[passed].max() + ROUND, y)
        whole = Lane(start[0], end[0], y)  # beside another one it runs on its way to the lane too
        if any(each.left < whole.right and whole.left < each.right and abs(each.y - y) < BESIDE_LANE for each in lanes):
            continue
        level, fewer = [(lane.left, y), (lane.right, y)], dots(start, end, [lane], boxes)
        clear = [found for found in (level, fewer) if runs_clear(start, end, found, boxes)]
        if clear and start[0] < lane.left < lane.right < end[0]:
            return min(clear, key=lambda found: _along(_drawn(start, end, found), drawn)), [whole]
    return [], []


def _drawn(start: Point, end: Point, dots: Sequence[Point]) -> Floats:
    """Points (n, 2) of a wire through some dots, each as far from the next."""
    path = path_of(start, end, dots)
    far = np.concatenate([[0.0], np.hypot(*np.diff(path, axis=0).T).cumsum()])
    shares = np.arange(0.0, far[-1], APART)
    return np.stack([np.interp(shares, far, path[:, axis]) for axis in (0, 1)], axis=1)


def _along(path: Floats, drawn: Floats) -> int:
    """How much of a wire runs among others."""
    away = np.abs(path[:, None] - drawn[None]).max(axis=2)
    return int((away < TOO_NEAR).any(axis=1).sum()) if len(drawn) else 0


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
