"""Where what a script adds goes when it says nothing: right of what feeds it, on nothing that is there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from ..errors import GradwireError
from ..graph import GraphView, Source
from ..infer import SIZES, Binding, Inferred, infer_upwards
from ..layers import Layer
from ..layers.building import LEAST, LINE, MOST
from ..op import Op
from ..ops import Registry
from ..parameters import BATCH
from . import finding

COLUMN, ROW = 240.0, 144.0  # scene units from one node to the next
PORT = 18.0  # by how much each port beyond the first makes a node higher
HIGHEST = 600.0  # only nodes so close to the lowest are asked how far down they reach
EMPTY: Mapping[str, Any] = MappingProxyType({})


def free_place(
    view: GraphView, registry: Registry, made: Op | Layer, given: Mapping[str, Any] = EMPTY
) -> tuple[float, float]:
    """The corner (x, y) of a node or layer that is added with these values at its ports and these parameters."""
    items = [view.item(id) for id in (*view.nodes, *view.groups)]
    if not items:
        return 0.0, 0.0
    fed_by = _sources(view, registry, given.values())
    places = [view.node(source.node).position for source in fed_by]
    x, y = (max(x for x, _ in places) + COLUMN, min(y for _, y in places)) if places else (0.0, _below(view, registry))
    heights, room = _Heights(view, registry), ROW
    beside = sorted((item.position[1], item.id) for item in items if abs(x - item.position[0]) < COLUMN)
    if beside and isinstance(made, Op):
        room = heights.of_new(made, fed_by[0] if fed_by else None, given.get("shape"))
    for level, id in beside:  # from top to bottom, so that none comes back into the way
        if level < y + room and y < level + heights.of(id):
            y = level + heights.of(id)
    return x, y


def below(view: GraphView, registry: Registry) -> tuple[float, float]:
    """A place beneath all that is there, wires included, level with what stands furthest left."""
    return min((node.position[0] for node in view.nodes.values()), default=0.0), _below(view, registry)


def _below(view: GraphView, registry: Registry) -> float:
    heights = _Heights(view, registry)
    bent = [y + ROW for points in view.bends.values() for _, y in points]
    low = max((node.position[1] for node in view.nodes.values()), default=-ROW)
    near = [node for node in view.nodes.values() if node.position[1] + HIGHEST > low]
    return max((*(node.position[1] + heights.of(node.id) for node in near), *bent), default=0.0)


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


class _Heights:
    """How much of the height of a column nodes take, with their value and its gradient and what is free beneath."""

    def __init__(self, view: GraphView, registry: Registry) -> None:
        self._view, self._registry = view, registry
        self._found = Inferred()

    def of(self, id: str) -> float:
        """Of what is there. A group has nodes of its own."""
        node = self._view.nodes.get(id)
        op = None if node is None else self._registry.get(node.op)
        if op is None:
            return ROW
        grown = len(self._view.inputs(id)) + 1 if op.grows else 0
        shape = self._shape(Source(id, op.outputs[op.visible[0]].name)) if op.visible else ()
        return _height(op, shape, grown)

    def of_new(self, op: Op, fed_by: Source | None, shape: Any) -> float:
        """Of what is yet to be added: as if it gave what it takes, which most ops do and few exceed."""
        if fed_by is not None:
            return _height(op, self._shape(fed_by))
        return _height(op, shape if isinstance(shape, tuple | list) else ())

    def _shape(self, source: Source) -> Sequence[Any]:
        binding = Binding(self._view.dtype, _batch(self._view) or SIZES[0])
        aval = infer_upwards(self._view, self._registry, source, binding, None, self._found)
        return () if aval is None else aval.shape


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
