"""Where what a script adds goes when it says nothing: right of what feeds it, on nothing that is there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from ..document import Transaction
from ..errors import GradwireError
from ..graph import GraphView, Source
from ..graph.elements import COLUMN, ROW
from ..infer import SIZES, Binding, Inferred, infer_upwards
from ..layers import Layer
from ..layers.building import LEAST, LINE, MOST
from ..op import Op
from ..ops import Registry
from ..parameters import BATCH
from . import finding
from .ways import BADGE, CLEAR, FREE, lead_past, passing

PORT = 18.0  # by how much each port beyond the first makes a node higher
HIGHEST = 600.0  # only nodes so close to the lowest are asked how far down they reach
EMPTY: Mapping[str, Any] = MappingProxyType({})


def free_place(
    view: GraphView,
    registry: Registry,
    made: Op | Layer,
    given: Mapping[str, Any] = EMPTY,
    shapes: Shapes | None = None,
) -> tuple[float, float]:
    """The corner (x, y) of a node or layer that is added with these values at its ports and these parameters."""
    items = [view.item(id) for id in (*view.nodes, *view.groups)]
    if not items:
        return 0.0, 0.0
    fed_by, heights, room = _sources(view, registry, given.values()), _Heights(view, registry, shapes), ROW
    if not fed_by:
        return 0.0, _below(view, heights)
    places = [view.node(source.node).position for source in fed_by]
    x, y = max(x for x, _ in places) + COLUMN, min(y for _, y in places)
    beside = sorted((item.position[1], item.id) for item in items if abs(x - item.position[0]) < COLUMN)
    if beside and isinstance(made, Op):
        room = heights.of_new(made, fed_by[0])
    full = [(level, level + heights.of(id)) for level, id in beside]
    full += [(top + FREE - CLEAR, low + BADGE + CLEAR) for top, low in passing(view, registry, x)]
    for top, low in sorted(full):  # from top to bottom, so that none comes back into the way
        if top < y + room and y < low:
            y = low
    return x, y


def lead_wires(t: Transaction, registry: Registry, id: str, shapes: Shapes | None = None) -> None:
    """Let the wires to a node that was put into a free place run behind no other one."""
    lead_past(t, registry, id, _Heights(t.graph, registry, shapes).of)


def below(view: GraphView, registry: Registry) -> tuple[float, float]:
    """A place beneath all that is there, wires included, level with what stands furthest left."""
    left = min((node.position[0] for node in view.nodes.values()), default=0.0)
    return left, _below(view, _Heights(view, registry))


def _below(view: GraphView, heights: _Heights) -> float:
    """How far down it is free: no wire reaches further than its dots and the nodes at its ends."""
    bent = [y + ROW for points in view.bends.values() for _, y in points]
    items = [view.item(id) for id in (*view.nodes, *view.groups)]
    low = max((item.position[1] for item in items), default=-ROW)
    near = [item for item in items if item.position[1] + HIGHEST > low]
    return max((*(item.position[1] + heights.of(item.id) for item in near), *bent), default=0.0)


def _sources(view: GraphView, registry: Registry, values: Iterable[Any]) -> list[Source]:
    """The values of nodes among what was given; what is no value is a parameter."""
    found = []
    for each in values:
        if isinstance(each, str | finding.Named):
            try:
                found.append(finding.value(view, registry, each))
            except GradwireError:
                continue
    return found


class Shapes:
    """The shapes of values as they were found for earlier nodes, as long as nothing that they follow from is another.

    A script adds node by node, and would infer all that is above each of them each time.
    """

    def __init__(self) -> None:
        self._binding: Binding | None = None
        self._made_of: dict[str, tuple[object, Mapping[str, Source]]] = {}  # each node, and what fed it
        self._found = Inferred()
        self._unknown: set[Source] = set()  # whose shape nothing says

    def settle(self, view: GraphView) -> None:
        """Keep what holds for a graph: all, or nothing where anything is another one."""
        binding = Binding(view.dtype, _batch(view) or SIZES[0])
        same = all(view.nodes.get(id) is node and view.inputs(id) == fed for id, (node, fed) in self._made_of.items())
        if binding != self._binding or not same:
            self._binding, self._made_of, self._found, self._unknown = binding, {}, Inferred(), set()

    def of(self, view: GraphView, registry: Registry, source: Source) -> Sequence[Any]:
        """The shape of a value of the graph that was settled; () where nothing says it."""
        assert self._binding is not None
        if source not in self._found.avals and source not in self._unknown:
            above = self._not_known_above(view, source)
            self._made_of.update((id, (view.nodes[id], dict(view.inputs(id)))) for id in above)
            if not any(fed in self._unknown for id in above for fed in view.inputs(id).values()):
                infer_upwards(view, registry, source, self._binding, None, self._found)
            if source not in self._found.avals:
                self._unknown.add(source)
        aval = self._found.avals.get(source)
        return () if aval is None else aval.shape

    def _not_known_above(self, view: GraphView, source: Source) -> set[str]:
        """The nodes from which a value follows, as far as nothing is known of what they give."""
        waiting, found = [source.node], set[str]()
        while waiting:
            id = waiting.pop()
            if id not in found:
                found.add(id)
                fed = view.inputs(id).values()
                waiting += [s.node for s in fed if s not in self._found.avals and s not in self._unknown]
        return found


class _Heights:
    """How much of the height of a column nodes take, with their value and its gradient and what is free beneath."""

    def __init__(self, view: GraphView, registry: Registry, shapes: Shapes | None = None) -> None:
        self._view, self._registry = view, registry
        self._shapes, self._settled = shapes or Shapes(), False

    def of(self, id: str) -> float:
        """Of what is there. A group has nodes of its own."""
        node = self._view.nodes.get(id)
        op = None if node is None else self._registry.get(node.op)
        if op is None:
            return ROW
        grown = len(self._view.inputs(id)) + 1 if op.grows else 0
        shape = self._shape(Source(id, op.outputs[op.visible[0]].name)) if op.visible else ()
        return _height(op, shape, grown)

    def of_new(self, op: Op, fed_by: Source) -> float:
        """Of what is yet to be added: as if it gave what it takes, which most ops do and few exceed."""
        return _height(op, self._shape(fed_by))

    def _shape(self, source: Source) -> Sequence[Any]:
        if not self._settled:
            self._shapes.settle(self._view)
            self._settled = True
        return self._shapes.of(self._view, self._registry, source)


def _height(op: Op, shape: Sequence[Any], grown: int = 0) -> float:
    """A row for each port, and for each row of a small matrix one in the value and one in the gradient."""
    ports = max(sum(not port.hidden for port in op.ports), grown, len(op.visible), 1)
    whole = len(shape) == 2 and all(isinstance(each, int) and each <= MOST for each in shape)
    return ROW + PORT * (ports - 1) + (LINE * max(shape[0] - LEAST, 0) if whole else 0.0)


def _batch(view: GraphView) -> int:
    """How many rows the value of an input has along the batch; 0 where none says it."""
    for node in view.nodes.values():
        shape, value = node.params.get("shape"), node.params.get("value")
        if node.op == "input" and isinstance(shape, tuple) and shape[:1] == (BATCH,) and isinstance(value, tuple):
            return len(value)
    return 0
