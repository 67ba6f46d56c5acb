"""The layout of what lies directly in one group, with expanded groups from the inside out.

A wire that ends within an expanded group has its lanes there too: from the edge of the frame, where the lane outside
goes on, to the node.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from ...core.cancelling import Cancelled
from ...core.graph import GraphView, Wire
from ...core.graph.elements import natural_key
from ..canvas.anatomy import Item, row_middle
from ..canvas.nesting import EMPTY_FRAME, FRAME_SIDE, FRAME_TOP
from .boxes import Box, around
from .lanes import Joint, Lane
from .layering import layered
from .routing import dots

Point = tuple[float, float]
Size = tuple[float, float]


class Layout:
    """Lays out one family: nodes and groups that lie in the same group."""

    def __init__(self, graph: GraphView, shown: Mapping[str, Item], stopped: Cancelled) -> None:
        self.graph = graph
        self.places: dict[str, Point] = {}  # of nodes and collapsed groups, within their own family at first
        self.shown = shown
        self._stopped = stopped
        self.lanes: dict[str | None, dict[Wire, list[Lane]]] = {}  # by expanded group, None: the family itself
        self.origins: dict[str | None, Point] = defaultdict(lambda: (0.0, 0.0))  # of what lies in each of these
        self._edges: dict[tuple[str, Wire], float] = {}  # how far below a frame's top a wire crosses its edge

    def around_middle(self, family: list[str]) -> dict[str, Point]:
        """The steps that lay out a family around the middle that it has."""
        self._arrange(family, None)
        before = {id: self.graph.item(id).position for id in self.places}
        old, new = around(self._boxes(family, before)), around(self._boxes(family, self.places))
        # Whole numbers, once for all: rounded one by one, level wires would have steps.
        dx, dy = (round(old[i] + old[2 + i] / 2 - new[i] - new[2 + i] / 2) for i in (0, 1))
        self.places = {id: (round(x) + dx, round(y) + dy) for id, (x, y) in self.places.items()}
        for frame in self.lanes:
            x, y = self.origins[frame]
            self.origins[frame] = (x + dx, y + dy)
        return {id: (x - before[id][0], y - before[id][1]) for id, (x, y) in self.places.items()}

    def wires(self, ids: Iterable[str]) -> Iterator[Wire]:
        """The wires into nodes, and into what lies in groups."""
        for id in ids:
            for node in self.graph.interior(id)[0] if id in self.graph.groups else [id]:
                for port, source in self.graph.inputs(node).items():
                    yield Wire(source, node, port)

    # What there is.

    def is_frame(self, id: str) -> bool:
        """Whether it is an expanded group that holds something."""
        group = self.graph.groups.get(id)
        return group is not None and not group.collapsed and bool(self.graph.members(id))

    def _within(self, id: str) -> list[str]:
        """What an expanded group holds at any depth, but nothing of collapsed groups."""
        found = list(self.graph.members(id).values())
        for inner in found:  # grows while it is read
            if self.is_frame(inner):
                found += self.graph.members(inner).values()
        return found

    def _boxes(self, family: Iterable[str], places: Mapping[str, Point]) -> list[Box]:
        """The boxes of the nodes and collapsed groups of a family, at any depth."""
        every = [inner for id in family for inner in ((id, *self._within(id)) if self.is_frame(id) else (id,))]
        return [(*places[id], *self.size(id)) for id in every if not self.is_frame(id)]

    def _top(self, id: str) -> float:
        """Where an item or the highest thing within an expanded group stands."""
        if self.is_frame(id):
            return min(self.graph.item(inner).position[1] for inner in self._within(id) if not self.is_frame(inner))
        return self.graph.item(id).position[1]

    def size(self, id: str) -> Size:
        """How large a node or collapsed group is drawn."""
        item = self.shown.get(id)
        return EMPTY_FRAME if item is None or not item.height else (item.width, item.height)

    def port(self, id: str, wire: Wire, output: bool) -> float:
        """How far below the top of a node or group a wire leaves or reaches it."""
        if self.is_frame(id):
            return self._edges.get((id, wire), row_middle(0))
        node, port = wire.source if output else wire[1:]
        item = self.shown.get(id)
        return row_middle(0) if item is None else item.port_y(port if id == node else f"{node}.{port}", output)

    # Placing.

    def _arrange(self, family: list[str], frame: str | None) -> Size:
        """Place a family, what an expanded group holds, from (0, 0) on; returns the size of the whole."""
        ids = sorted(family, key=natural_key)  # not by place, or a second layout could be another
        sizes: list[Size] = []
        for id in ids:
            if self.is_frame(id):
                width, height = self._arrange(list(self.graph.members(id).values()), id)
                sizes.append((width + 2 * FRAME_SIDE, height + FRAME_TOP + FRAME_SIDE))
            else:
                sizes.append(self.size(id))
        joints = self._joints(ids, frame is None)
        drawing = layered(sizes, joints.values(), [self._top(id) for id in ids], self._stopped)
        for id, (x, y) in zip(ids, drawing.places, strict=True):
            self.places[id] = (x, y)
            if self.is_frame(id):
                self._shift(id, x + FRAME_SIDE, y + FRAME_TOP)
        lanes = {wire: list(drawing.lanes.get(i, ())) for i, wire in enumerate(joints)}
        self.lanes[frame] = lanes
        if frame is not None:
            for wire, joint in joints.items():
                self._meet_edge(frame, wire, joint, drawing.places, drawing.size[0])
        return drawing.size

    def _shift(self, frame: str, dx: float, dy: float) -> None:
        """What lies in an expanded group stands here within the family around it."""
        for inner in self._within(frame):
            x, y = self.places[inner]
            self.places[inner] = (x + dx, y + dy)
        for each in (frame, *(inner for inner in self._within(frame) if self.is_frame(inner))):
            x, y = self.origins[each]
            self.origins[each] = (x + dx, y + dy)

    def _joints(self, ids: list[str], whole: bool) -> dict[Wire, Joint]:
        """The wires of a family; where it is not the `whole` that is laid out, those to and from outside too."""
        number: dict[str, int] = {}
        for i, id in enumerate(ids):
            nodes = self.graph.interior(id)[0] if id in self.graph.groups else [id]
            number.update(dict.fromkeys(nodes, i))
        wires = list(self.wires(ids))
        if not whole:
            wires += [wire for node in number for wire in self.graph.consumers(node) if wire.target not in number]
        joints = {}
        for wire in wires:
            first, last = number.get(wire.source.node), number.get(wire.target)
            if first == last or (whole and first is None):
                continue
            out = 0.0 if first is None else self.port(ids[first], wire, True)
            into = 0.0 if last is None else self.port(ids[last], wire, False)
            joints[wire] = Joint(first, last, out, into)
        return joints

    def _meet_edge(self, frame: str, wire: Wire, joint: Joint, places: list[Point], width: float) -> None:
        """Note where a wire to or from outside crosses the edge of a frame."""
        lanes = self.lanes[frame][wire]
        if joint.source is None and joint.target is not None:
            self._edges[frame, wire] = FRAME_TOP + (lanes[0].y if lanes else places[joint.target][1] + joint.into)
        elif joint.target is None and joint.source is not None:
            y = lanes[-1].y if lanes else places[joint.source][1] + joint.out
            if lanes and lanes[-1].right < width:  # beside parts that are wider
                lanes.append(Lane(lanes[-1].right, width, y))
            self._edges[frame, wire] = FRAME_TOP + y


def bends(layout: Layout) -> dict[tuple[str, str], list[Point]]:
    """The dots of each wire between two that were laid out: of one into a collapsed group those up to its box."""
    graph = layout.graph
    ids = [id for id in layout.places if not layout.is_frame(id)]
    number = {id: i for i, id in enumerate(ids)}
    face = {node: id for id in ids for node in ([id] if id in graph.nodes else graph.interior(id)[0])}
    corners = np.array([layout.places[id] for id in ids], np.float64).reshape(-1, 2)
    boxes = np.hstack([corners, corners + np.array([layout.size(id) for id in ids]).reshape(-1, 2)])
    lanes = _all_lanes(layout)
    found: dict[tuple[str, str], list[Point]] = {}
    for wire in layout.wires(ids):
        first, last = face.get(wire.source.node), face[wire.target]
        if first is None or first == last:
            continue
        others = np.delete(boxes, [number[first], number[last]], axis=0) if lanes[wire] else boxes
        x, y = layout.places[first]
        start = x + layout.size(first)[0], y + layout.port(first, wire, True)
        end = layout.places[last][0], layout.places[last][1] + layout.port(last, wire, False)
        found[wire.target, wire.port] = dots(start, end, lanes[wire], others)
    return found


def _all_lanes(layout: Layout) -> dict[Wire, list[Lane]]:
    """The lanes of each wire from left to right, where they are in the end."""
    found: dict[Wire, list[Lane]] = defaultdict(list)
    for frame, lanes in layout.lanes.items():
        x, y = layout.origins[frame]
        for wire, own in lanes.items():
            found[wire] = sorted([*found[wire], *(Lane(a + x, b + x, level + y) for a, b, level in own)])
    return found
