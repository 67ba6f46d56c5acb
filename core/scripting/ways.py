"""How wires run past nodes whose places a script does not say: behind none of them, through two dots where they must.

Places are those of corners (x, y) in scene units; how large nodes are drawn is known closely enough.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

import numpy as np

from ..document import Transaction
from ..graph import GraphView, Source, Wire
from ..ops import Registry

WIDE, FREE = 150.0, 38.0  # of a node, and what of a row's height is free beneath it
BADGE, CLEAR = 14.0, 4.0  # what stands above a node, and what a wire keeps off both
LINE, PORT = 18.0, 37.0  # from one port to the next, and from the corner down to the first
BEFORE, BEYOND = 20.0, 54.0  # from a dot to the column that it stands before, and behind the last one
APART = 10.0  # between two wires that run level
REACHES = 24.0, 220.0  # of the handles of a curve
PIECES = 32  # of a curve that are looked at
MOST = 16  # levels beneath nodes that are tried
Point = tuple[float, float]
Box = tuple[float, float, float, float]  # left, top, right, bottom
Height = Callable[[str], float]  # of a node and what is free beneath it


def lead_past(t: Transaction, registry: Registry, id: str, height: Height) -> None:
    """Put dots into the wires to a new node that would run behind others."""
    view = t.graph
    x = view.node(id).position[0]
    for port, source in view.inputs(id).items():
        left = view.node(source.node).position[0] + WIDE
        between = [node for node in view.nodes.values() if left <= node.position[0] and node.position[0] + WIDE <= x]
        if between:
            boxes = [_box(node.position, height(node.id)) for node in between]
            start, end = ends(view, registry, Wire(source, id, port))
            found = _dots(start, end, boxes, _levels(view, source))
            if found:
                t.set_bends(id, port, found)


def passing(view: GraphView, registry: Registry, x: float) -> Iterator[tuple[float, float]]:
    """From where to where down the wires run that pass through the column at `x`."""
    right = x + WIDE
    for target, node in view.nodes.items():
        if node.position[0] < right:
            continue
        for port, source in view.inputs(target).items():
            if view.node(source.node).position[0] + WIDE <= x:
                dots = view.bends.get((target, port), ())
                path = _path(*ends(view, registry, Wire(source, target, port)), dots)
                within = [y for at, y in path if x - CLEAR <= at <= right + CLEAR]
                if within:
                    yield min(within), max(within)


def ends(view: GraphView, registry: Registry, wire: Wire) -> tuple[Point, Point]:
    """Where a wire leaves a node, and where it comes to one."""
    (left, top), (x, y) = view.node(wire.source.node).position, view.node(wire.target).position
    gives, takes = registry.get(view.node(wire.source.node).op), registry.get(view.node(wire.target).op)
    outputs = [] if gives is None else [gives.outputs[index].name for index in gives.visible]
    ports = [] if takes is None else [port.name for port in takes.ports if not port.hidden]
    ports += [port for port in view.inputs(wire.target) if port not in ports]  # of an op that grows
    out, into = _row(outputs, wire.source.output), _row(ports, wire.port)
    return (left + WIDE, top + PORT + LINE * out), (x, y + PORT + LINE * into)


def _row(names: Sequence[str], name: str) -> int:
    return names.index(name) if name in names else 0


def _box(corner: Point, height: float) -> Box:
    x, y = corner
    return x - CLEAR, y - BADGE - CLEAR, x + WIDE + CLEAR, y + height - FREE + CLEAR


def _levels(view: GraphView, source: Source) -> list[float]:
    """Where wires from elsewhere run level, through their dots."""
    other = [points for (target, port), points in view.bends.items() if view.fed(target, port) != source]
    return [y for points in other for _, y in points]


def _dots(start: Point, end: Point, boxes: Sequence[Box], taken: Sequence[float]) -> list[Point]:
    """The dots through which a wire runs clear of boxes: none, or one or two on the nearest level that is free."""
    if _runs_clear(_path(start, end), boxes):
        return []
    left = min(box[0] for box in boxes) + CLEAR - BEFORE
    right = min(max(box[2] for box in boxes) - CLEAR + BEYOND, end[0] - BEFORE)
    beneath = {box[3] - CLEAR + FREE / 2 for box in boxes}  # above nodes are badges and names of frames
    nearest = sorted(beneath, key=lambda y: abs(y - start[1]) + abs(y - end[1]))[:MOST]
    for y in (start[1], end[1], *nearest, min(box[1] for box in boxes) - CLEAR):
        dots = [(right, y)] if y == start[1] else [(left, y)] if y == end[1] else [(left, y), (right, y)]
        if all(abs(y - other) >= APART for other in taken) and _runs_clear(_path(start, end, dots), boxes):
            return dots
    return []


def _runs_clear(path: Sequence[Point], boxes: Sequence[Box]) -> bool:
    x, y = np.array(path).T[:, :, None]
    left, top, right, bottom = np.array(boxes).T
    return not ((left < x) & (x < right) & (top < y) & (y < bottom)).any()


def _path(start: Point, end: Point, dots: Sequence[Point] = ()) -> list[Point]:
    """Points of a wire, close together."""
    knots = [start, *dots, end]
    return [point for one, other in pairwise(knots) for point in _curve(one, other)]


def _curve(start: Point, end: Point) -> Iterator[Point]:
    (x1, y1), (x2, y2) = start, end
    least, most = REACHES
    reach = min(max((x2 - x1) / 2, least), most)
    for i in range(PIECES + 1):
        t = i / PIECES
        a, b, c, d = (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3
        yield a * x1 + b * (x1 + reach) + c * (x2 - reach) + d * x2, (a + b) * y1 + (c + d) * y2
