"""Tidying up: align, distribute, and a layered layout of all or of what is selected. Never unasked, each one undo.

Boxes are (x, y, width, height) in scene units, by the id of a node or group, as the canvas shows them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from ...core.document import Transaction
from ...core.graph import GraphView
from ...core.graph.elements import natural_key
from ..canvas.nesting import EMPTY_FRAME, FRAME_SIDE, FRAME_TOP
from ..editing import dots_among, move, outermost, straighten, with_interior
from .layering import Stopped, layered

Box = tuple[float, float, float, float]
Point = tuple[float, float]
Size = tuple[float, float]

EDGES = ("left", "right", "top", "bottom", "centre", "middle")
AXES = ("horizontally", "vertically")


def around(boxes: Iterable[Box]) -> Box:
    """The box around some boxes."""
    corners = [(x, y, x + width, y + height) for x, y, width, height in boxes]
    left, top = min(c[0] for c in corners), min(c[1] for c in corners)
    return left, top, max(c[2] for c in corners) - left, max(c[3] for c in corners) - top


def align(boxes: Mapping[str, Box], edge: str) -> dict[str, Point]:
    """The steps (dx, dy) that bring boxes to one edge of the box around them, or to its centre (x) or middle (y)."""
    left, top, width, height = around(boxes.values())
    steps = {}
    for id, (x, y, w, h) in boxes.items():
        steps[id] = {
            "left": (left - x, 0.0),
            "right": (left + width - x - w, 0.0),
            "top": (0.0, top - y),
            "bottom": (0.0, top + height - y - h),
            "centre": (left + width / 2 - x - w / 2, 0.0),
            "middle": (0.0, top + height / 2 - y - h / 2),
        }[edge]
    return steps


def distribute(boxes: Mapping[str, Box], axis: str) -> dict[str, Point]:
    """The steps that make the gaps between boxes equal along an axis; the outermost stay where they are."""
    along = AXES.index(axis)
    order = sorted(boxes, key=lambda id: (boxes[id][along] + boxes[id][2 + along] / 2, id))
    whole = around(boxes.values())
    taken = sum(box[2 + along] for box in boxes.values())
    gap = (whole[2 + along] - taken) / max(len(order) - 1, 1)
    steps, at = {}, whole[along]
    for id in order:
        step = at - boxes[id][along]
        steps[id] = (0.0, step) if along else (step, 0.0)
        at += boxes[id][2 + along] + gap
    return steps


def lay_out(
    graph: GraphView,
    sizes: Mapping[str, Size],
    ids: Iterable[str] | None = None,
    level: str | None = None,
    stopped: Stopped = lambda: False,
) -> dict[str, Point]:
    """The steps of a layered layout: of all in the group `level` (None: the top), or of the nodes and groups `ids`.

    `sizes` are those of nodes and collapsed groups. Expanded groups are laid out within and then stand as one box;
    those of each group stay around the middle that they had. Raises `RunError` once `stopped` says so.
    """
    chosen = list(graph.members(level).values()) if ids is None else outermost(graph, ids)
    families: dict[str | None, list[str]] = defaultdict(list)
    for id in chosen:
        families[graph.item(id).group].append(id)
    steps: dict[str, Point] = {}
    for family in families.values():
        steps.update(_Layout(graph, sizes, stopped).around_middle(family))
    return steps


class _Layout:
    """The layout of what lies directly in one group, with expanded groups from the inside out."""

    def __init__(self, graph: GraphView, sizes: Mapping[str, Size], stopped: Stopped) -> None:
        self.graph = graph
        self.sizes = sizes
        self._stopped = stopped
        self.places: dict[str, Point] = {}  # of nodes and collapsed groups, within their own family at first
        self.inner: dict[str, list[str]] = {}  # expanded group -> its nodes and collapsed groups at any depth

    def around_middle(self, family: list[str]) -> dict[str, Point]:
        """The steps that lay out a family around the middle that it has."""
        self._arrange(family)
        before = {id: self.graph.item(id).position for id in self.places}
        old, new = around(self._boxes(family, before)), around(self._boxes(family, self.places))
        dx, dy = old[0] + old[2] / 2 - new[0] - new[2] / 2, old[1] + old[3] / 2 - new[1] - new[3] / 2
        return {
            id: (round(x + dx) - before[id][0], round(y + dy) - before[id][1]) for id, (x, y) in self.places.items()
        }

    def _expanded(self, id: str) -> bool:
        group = self.graph.groups.get(id)
        return group is not None and not group.collapsed and bool(self.graph.members(id))

    def _within(self, id: str) -> list[str]:
        """What an expanded group holds at any depth, but nothing of collapsed groups."""
        found = list(self.graph.members(id).values())
        for inner in found:  # grows while it is read
            if self._expanded(inner):
                found += self.graph.members(inner).values()
        return found

    def _boxes(self, family: Iterable[str], places: Mapping[str, Point]) -> list[Box]:
        """The boxes of the nodes and collapsed groups of a family, at any depth."""
        every = [inner for id in family for inner in ((id, *self._within(id)) if self._expanded(id) else (id,))]
        return [(*places[id], *self._size(id)) for id in every if not self._expanded(id)]

    def _top(self, id: str) -> float:
        """Where an item or the highest thing within an expanded group stands."""
        if self._expanded(id):
            return min(self.graph.item(inner).position[1] for inner in self._within(id) if not self._expanded(inner))
        return self.graph.item(id).position[1]

    def _size(self, id: str) -> Size:
        return self.sizes.get(id, EMPTY_FRAME)

    def _arrange(self, family: list[str]) -> Size:
        """Place a family from (0, 0) on; returns the size of the whole."""
        ids = sorted(family, key=natural_key)  # not by place, or a second layout could be another
        sizes: list[Size] = []
        for id in ids:
            if self._expanded(id):
                width, height = self._arrange(list(self.graph.members(id).values()))
                sizes.append((width + 2 * FRAME_SIDE, height + FRAME_TOP + FRAME_SIDE))
            else:
                sizes.append(self._size(id))
        width = height = 0.0
        tops = [self._top(id) for id in ids]
        places = layered(sizes, self._edges(ids), tops, self._stopped)
        for id, (x, y), size in zip(ids, places, sizes, strict=True):
            width, height = max(width, x + size[0]), max(height, y + size[1])
            self.places[id] = (x, y)
            if self._expanded(id):
                for inner in self._within(id):
                    at = self.places[inner]
                    self.places[inner] = (x + FRAME_SIDE + at[0], y + FRAME_TOP + at[1])
        return width, height

    def _edges(self, ids: list[str]) -> list[tuple[int, int]]:
        """The wires between members of a family; one that ends within a group ends at the group."""
        number: dict[str, int] = {}
        for i, id in enumerate(ids):
            nodes = self.graph.interior(id)[0] if id in self.graph.groups else [id]
            number.update(dict.fromkeys(nodes, i))
        edges = []
        for node, target in number.items():
            for source in self.graph.sources(node):
                if source in number and number[source] != target:
                    edges.append((number[source], target))
        return edges


def shift(t: Transaction, steps: Mapping[str, Point]) -> None:
    """Move nodes and groups, each by its step, with what lies within groups."""
    with t.step():
        for id, (dx, dy) in steps.items():
            if dx or dy:
                move(t, [id], dx, dy)


def is_as_drawn(graph: GraphView, before: GraphView) -> bool:
    """Whether a graph looks as it did before: parameters may have other values."""
    if graph is before:
        return True
    same = graph.nodes == before.nodes and graph.groups == before.groups and graph.bends == before.bends
    return same and all(graph.inputs(id) == before.inputs(id) for id in graph.nodes)


def put(t: Transaction, steps: Mapping[str, Point]) -> None:
    """Move what was laid out; with a group goes only what has no step of its own."""
    with t.step():
        # Dots lead around what stood there before.
        straighten(t, dots_among(t.graph, dict.fromkeys(with_interior(t.graph, steps))))
        groups = t.graph.groups
        for id, (dx, dy) in steps.items():
            if not (dx or dy):
                continue
            if id in groups and not any(member in steps for member in t.graph.members(id).values()):
                move(t, [id], dx, dy)
            else:
                x, y = t.graph.item(id).position
                t.move(id, (x + dx, y + dy))
