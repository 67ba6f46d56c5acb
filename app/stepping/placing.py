"""Where the nodes that a mend puts in come to stand: on nothing, and so that wires run behind no note.

A wire behind a note takes its text away, one behind a node only hides where it leads: the first is hardly ever
accepted, the second where the next free place is far off.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from ...core.document import Transaction
from ...core.graph import GraphView, Source, Wire
from ...core.stepping.mending import Inserted
from ..canvas.curves import is_backward, lanes, points
from ..layout.making_room import APART, LEAST, extent, make_room
from ..look.theme import GRID

if TYPE_CHECKING:
    from ..canvas.batch import Floats
    from ..canvas.canvas import Canvas

Box = tuple[float, float, float, float]  # left, top, width, height
OVERLAP, OVER_NOTE, BEHIND = 1e6, 1e4, 100.0  # what each costs, in scene units that a node might go aside instead
FURTHEST = 40  # steps of the grid, up or down


def place_inserted(canvas: Canvas, t: Transaction, made: Inserted) -> None:
    """Move what a mend has put in to where it is free; what lies behind it in the graph has gone aside for it."""
    if canvas.scene.face(made.wire.target) != made.wire.target:
        return  # it goes into a group that is collapsed
    make_room(canvas, t, made.node, made.wire)
    x, y = t.graph.item(made.node).position
    items = canvas.scene.items
    solid = [items.at(slot).id for slot in items.solid().tolist()]
    _settle(canvas, t, made.node, [x], y, [*solid, made.node])
    x, y = t.graph.item(made.node).position
    wide = extent(canvas, t.graph, made.constant)[2]
    fed, _ = t.graph.item(made.wire.source.node).position
    _settle(canvas, t, made.constant, [x - APART - wide, fed, x], y, [*solid, made.node, made.constant])


def _settle(canvas: Canvas, t: Transaction, id: str, columns: Sequence[float], y: float, shown: Iterable[str]) -> None:
    """Move a node to the best place of some columns, as near to the height `y` as may be, beside what is `shown`."""
    graph = t.graph
    boxes = {other: extent(canvas, graph, other) for other in shown}
    own = [wire for wire in graph.wires() if id in (wire.source.node, wire.target)]
    paths = [_path(canvas, graph, wire, boxes) for wire in graph.wires() if wire not in own]
    passing = [path for path in paths if path is not None]
    _, _, wide, high = boxes.pop(id)

    def cost(place: tuple[float, float]) -> float:
        box = (*place, wide, high)
        aside = abs(place[0] - columns[0]) + abs(place[1] - y)
        near = (box[0] - LEAST, box[1] - LEAST, wide + 2 * LEAST, high + 2 * LEAST)
        found = aside + OVERLAP * sum(_meet(near, other) for other in boxes.values())
        if found >= OVERLAP:
            return found
        found += BEHIND * sum(_runs_through(path, box) for path in passing)
        here = {**boxes, id: box}
        for wire in own:
            path = _path(canvas, graph, wire, here)
            if path is None:
                continue
            for other, there in boxes.items():
                if other not in (wire.source.node, wire.target) and _runs_through(path, there):
                    found += OVER_NOTE if graph.is_note(other) else BEHIND
        return found

    steps = sorted(range(-FURTHEST, FURTHEST + 1), key=lambda step: (abs(step), -step))
    place = min(product(columns, (y + step * GRID for step in steps)), key=cost)
    t.move(id, place)


def _path(canvas: Canvas, graph: GraphView, wire: Wire, boxes: dict[str, Box]) -> Floats | None:
    """Points (n, 2) of a wire between nodes in these places; None where one of them is not seen."""
    first, last = boxes.get(wire.source.node), boxes.get(wire.target)
    if first is None or last is None or (wire.target, wire.port) in graph.bends:
        return None
    start = first[1] + _height(canvas, graph, wire.source)
    end = last[1] + _height(canvas, graph, Source(wire.target, wire.port), output=False)
    ends = np.array([[first[0] + first[2], start, last[0], end]])
    lane = lanes(np.array([first]), np.array([last])) if is_backward(ends)[0] else np.zeros(1)
    return points(ends, lane, 16)[0]


def _height(canvas: Canvas, graph: GraphView, port: Source, output: bool = True) -> float:
    """How far below the top of its node a port stands."""
    return canvas.scene.anatomist.of(graph, port.node).port_y(port.output, output)


def _runs_through(path: Floats, box: Box) -> bool:
    x, y, wide, high = box
    return bool(((path > (x, y)) & (path < (x + wide, y + high))).all(axis=1).any())


def _meet(a: Box, b: Box) -> bool:
    return a[0] < b[0] + b[2] and b[0] < a[0] + a[2] and a[1] < b[1] + b[3] and b[1] < a[1] + a[3]
