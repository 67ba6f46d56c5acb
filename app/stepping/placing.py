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
from ..canvas.curves import CLEAR, TURN, is_backward, lanes, points
from ..layout.boxes import Box, around
from ..layout.making_room import APART, LEAST, extent, make_room
from ..look.theme import GRID

if TYPE_CHECKING:
    from ..canvas.batch import Floats
    from ..canvas.canvas import Canvas

OVERLAP, OVER_NOTE, BEHIND = 1e6, 1e4, 100.0  # what each costs, in scene units that a node might go aside instead
FURTHEST = 40  # steps of the grid, up or down


def place_inserted(canvas: Canvas, t: Transaction, made: Inserted) -> None:
    """Move what a mend has put in to where it is free; what lies behind it in the graph has gone aside for it."""
    if canvas.scene.face(made.wire.target) != made.wire.target:
        return  # it goes into a group that is collapsed
    # Right of all that it takes: a wire that led back would lie among those that lead on.
    behind = {source.node for source in t.graph.inputs(made.node).values()} - {made.constant}
    pushed = make_room(canvas, t, made.node, made.wire, behind)
    x, y = t.graph.item(made.node).position
    _settle(canvas, t, made.node, [x], y, _Seen(canvas, t.graph, (made.node,), pushed))
    if not made.constant:
        return
    x, y = t.graph.item(made.node).position
    wide = extent(canvas, t.graph, made.constant)[2]
    fed, _ = t.graph.item(made.wire.source.node).position
    both = _Seen(canvas, t.graph, (made.node, made.constant), pushed)
    _settle(canvas, t, made.constant, [x - APART - wide, fed, x], y, both)


def _settle(canvas: Canvas, t: Transaction, id: str, columns: Sequence[float], y: float, seen: _Seen) -> None:
    """Move a node to the best place of some columns, as near to the height `y` as may be, beside what is `seen`."""
    _, _, wide, high = extent(canvas, t.graph, id)
    steps = sorted(range(-FURTHEST, FURTHEST + 1), key=lambda step: (abs(step), -step))

    def aside(place: tuple[float, float]) -> float:
        return abs(place[0] - columns[0]) + abs(place[1] - y)

    places = sorted(product(columns, (y + step * GRID for step in steps)), key=aside)
    beside = _Beside(seen, id, around((*place, wide, high) for place in places))
    best, least = places[0], float("inf")
    for place in places:
        if aside(place) >= least:
            break  # those that come are no nearer
        if (cost := aside(place) + beside.cost((*place, wide, high))) < least:
            best, least = place, cost
    t.move(id, best)


class _Seen:
    """What is drawn of a graph in which nodes are `new` that the scene does not know, and others are `pushed` aside."""

    def __init__(self, canvas: Canvas, graph: GraphView, new: Sequence[str], pushed: float) -> None:
        self.canvas, self.graph = canvas, graph
        self.new, self.pushed = new, pushed

    def items_in(self, box: Box) -> list[str]:
        """The nodes, notes and collapsed groups that may meet a box; what was pushed, the scene has further left."""
        items = self.canvas.scene.items
        found = self.canvas.scene.find.slots_in(*self._window(box)).tolist()
        return [*(items.at(slot).id for slot in found), *self.new]

    def wires_in(self, box: Box) -> list[Wire]:
        """The wires that may run through a box."""
        wires = self.canvas.scene.wires
        found = [wires.at(slot) for slot in wires.within(*self._window(box)).tolist()]
        ports = {(wire.target, wire.port) for wire in found}
        ports |= {(id, port) for id in self.new for port in self.graph.inputs(id)}
        fed = ((self.graph.fed(*port), port) for port in sorted(ports))
        return [Wire(source, *port) for source, port in fed if source is not None]

    def _window(self, box: Box) -> tuple[float, float, float, float]:
        return box[0] - self.pushed, box[1], box[0] + box[2], box[1] + box[3]

    def box(self, id: str) -> Box | None:
        """Where an item is drawn; None where it is not."""
        drawn = id in self.new or id in self.canvas.scene.items.slots
        return extent(self.canvas, self.graph, id) if drawn else None

    def paths(self, wires: Iterable[Wire], moved: dict[str, Box]) -> tuple[list[Wire], Floats]:
        """Those of some wires that are drawn without dots, and points (n, p, 2) of each; some nodes being `moved`."""
        shown, boxes = [], []
        for wire in wires:
            first, last = (moved.get(id) or self.box(id) for id in (wire.source.node, wire.target))
            if first is not None and last is not None and (wire.target, wire.port) not in self.graph.bends:
                start = first[1] + self._height(wire.source)
                end = last[1] + self._height(Source(wire.target, wire.port), output=False)
                shown.append(wire)
                boxes.append([*first, *last, first[0] + first[2], start, last[0], end])
        sources, targets, ends = np.hsplit(np.array(boxes).reshape(-1, 12), (4, 8))
        return shown, points(ends, np.where(is_backward(ends), lanes(sources, targets), 0.0), 16)

    def _height(self, port: Source, output: bool = True) -> float:
        """How far below the top of its node a port stands."""
        scene = self.canvas.scene
        item = scene.item(port.node) if port.node in scene.items.slots else scene.anatomist.of(self.graph, port.node)
        return item.port_y(port.output, output)


class _Beside:
    """What lies where a node may come to stand: within the box `room`, and along the wires at the node."""

    def __init__(self, seen: _Seen, id: str, room: Box) -> None:
        self._seen, self._id = seen, id
        graph = seen.graph
        self._own = [Wire(source, id, port) for port, source in graph.inputs(id).items()] + [*graph.consumers(id)]
        ends = {end for wire in self._own for end in (wire.source.node, wire.target)} - {id}
        whole = _wider(around([room, *(box for end in ends if (box := seen.box(end)) is not None)]), TURN + CLEAR)
        self._ids = [other for other in seen.items_in(whole) if other != id]
        self._boxes = np.array([seen.box(other) for other in self._ids]).reshape(-1, 4)
        notes = [graph.is_note(other) for other in self._ids]
        self._cost = np.where(np.array(notes, bool), OVER_NOTE, BEHIND)  # of a wire that runs behind each
        passing = [
            wire for wire in seen.wires_in(_wider(room, TURN + CLEAR)) if id not in (wire.source.node, wire.target)
        ]
        self._passing = seen.paths(passing, {})[1]

    def cost(self, box: Box) -> float:
        """What it costs, beside the way, that the node has this box."""
        left, top, wide, high = _wider(box, LEAST)
        x, y, width, height = self._boxes.T
        near = (left < x + width) & (x < left + wide) & (top < y + height) & (y < top + high)
        if near.any():
            return OVERLAP * int(near.sum())
        found = BEHIND * int(_run_through(self._passing, np.array([box])).sum())
        own, paths = self._seen.paths(self._own, {self._id: box})
        for wire, behind in zip(own, _run_through(paths, self._boxes), strict=True):
            counted = [other not in (wire.source.node, wire.target) for other in self._ids]
            found += float(self._cost[behind & counted].sum())
        return found


def _wider(box: Box, by: float) -> Box:
    return box[0] - by, box[1] - by, box[2] + 2 * by, box[3] + 2 * by


def _run_through(paths: Floats, boxes: Floats) -> np.ndarray:
    """Which of some wires (n, p, 2) run through which of some boxes (m, 4): (n, m)."""
    corners, ends = boxes[None, :, None, :2], (boxes[:, :2] + boxes[:, 2:])[None, :, None]
    inside: np.ndarray = np.all((paths[:, None] > corners) & (paths[:, None] < ends), axis=3)
    return np.asarray(np.any(inside, axis=2))
