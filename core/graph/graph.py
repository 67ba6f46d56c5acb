"""The graph that the user drew: nodes, groups and wires by id, immutable, wires indexed by node.

A `Graph` is read by many threads at once without locks; a change makes a new one through `Draft` (draft.py).
"""

from __future__ import annotations

import heapq
from hashlib import blake2b
from types import MappingProxyType

from ..errors import EditError
from .draft import Draft
from .elements import DTYPES, BuiltBy, Group, Node, Source, Training, Wire, natural_key
from .loops import closes_loop, knots, name_loop
from .normal_form import EMPTY, canonical
from .view import GraphView, boundary

__all__ = ["BuiltBy", "Graph", "Group", "Node", "Source", "Training", "Wire", "boundary", "closes_loop"]


class Graph(GraphView):
    """An immutable graph. `Graph()` is the empty one; all others come from `Draft.freeze()`."""

    nodes: MappingProxyType[str, Node]
    groups: MappingProxyType[str, Group]

    def __init__(self) -> None:
        self._nodes: dict[str, Node] = {}
        self._groups: dict[str, Group] = {}
        self.nodes = MappingProxyType(self._nodes)
        self.groups = MappingProxyType(self._groups)
        self.training = None
        self.dtype = DTYPES[0]
        self.extra = EMPTY
        self.wire_count = 0
        self._inputs = {}
        self._consumers = {}
        self._members = {}
        self._bends = {}
        self._free_numbers: dict[str, int] = {}
        self._free_suffixes: dict[tuple[str | None, str], int] = {}
        self._order: tuple[str, ...] | None = None
        self._fingerprints: dict[str, str] = {}

    def draft(self) -> Draft:
        """A private copy that can be changed and frozen to a new graph."""
        return Draft(self)

    def order(self) -> tuple[str, ...]:
        """The canonical topological order of the nodes' ids: ties by natural order of id.

        O((n + e) log n) once, then cached. Raises EditError naming a loop, and one of each further knot of
        loops; only a graph made without the document's checks can have any.
        """
        if self._order is None:
            self._order = canonical_order(self)
        return self._order

    def fingerprint(self, id: str) -> str:
        """A hash of what a node computes: op, parameters, acting flags and the fingerprints of its inputs.

        Ids, names and places are no part of it, nor are values and the graph's dtype. After an edit only
        nodes downstream of it are hashed again.
        """
        memo = self._fingerprints
        waiting = [self.node(id).id]
        while waiting:
            current = waiting[-1]
            ports = self._inputs.get(current, {})
            unknown = [source.node for source in ports.values() if source.node not in memo]
            if unknown and current not in memo:
                waiting += unknown
                continue
            waiting.pop()
            if current not in memo:
                node = self.nodes[current]
                fed = [(port, source.output, memo[source.node]) for port, source in sorted(ports.items())]
                text = canonical((node.op, node.params, sorted(node.acting), fed))
                memo[current] = blake2b(text.encode("ascii"), digest_size=16).hexdigest()
        return memo[id]

    def dump(self) -> str:
        """The whole graph as canonical JSON text; equal graphs have equal texts."""
        nodes = {id: node.to_json() | {"inputs": self._inputs.get(id, {})} for id, node in self.nodes.items()}
        return canonical(
            {
                "bends": {f"{target}.{port}": points for (target, port), points in self._bends.items()},
                "dtype": self.dtype,
                "extra": self.extra,
                "groups": {id: group.to_json() for id, group in self.groups.items()},
                "nodes": nodes,
                "training": self.training and self.training.to_json(),
            }
        )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Graph):
            return NotImplemented
        return self is other or self.dump() == other.dump()

    def __repr__(self) -> str:
        return f"Graph({len(self.nodes)} nodes, {len(self.groups)} groups)"


def canonical_order(view: GraphView) -> tuple[str, ...]:
    """The order that `Graph.order` gives, made anew: of a graph in the making, too."""
    ids = sorted(view.nodes, key=natural_key)
    rank = {id: index for index, id in enumerate(ids)}  # comparing ints is far cheaper than keys
    missing = {id: len(ports) for id, ports in view._inputs.items() if ports}
    ready = [index for index, id in enumerate(ids) if id not in missing]
    order = []
    while ready:
        id = ids[heapq.heappop(ready)]
        order.append(id)
        for target, _ in view._consumers.get(id, ()):
            missing[target] -= 1
            if not missing[target]:
                heapq.heappush(ready, rank[target])
    if len(order) < len(ids):
        looping = knots(view, set(ids).difference(order))
        first, *others = (EditError(f"the wires close the loop {name_loop(view, knot)}") for knot in looping)
        first.also = tuple(others)
        raise first
    return tuple(order)
