"""What was inferred of nodes before: iterations of one graph follow one another, and their shapes are the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from ..graph import Graph, Node, Source
from ..op import Aval
from ..ops import Registry
from .binding import Binding
from .inferring import Describe, Inferred, infer_node
from .problems import Problem

ASKS_MORE = ("dataset", "shared")  # ops whose shapes follow from what is neither in the node nor at its ports


class _Known(NamedTuple):
    """A node, all else that its shapes follow from, and what was found."""

    node: Node
    given: tuple[Any, ...]
    params: dict[str, Any]
    avals: dict[Source, Aval]


class KnownShapes:
    """Infers as `infer_node` does, but of a node that is the very same, with inputs of the same shapes, only once."""

    def __init__(self) -> None:
        self._known: dict[str, _Known] = {}

    def infer_node(
        self, graph: Graph, registry: Registry, id: str, binding: Binding, describe: Describe | None, found: Inferred
    ) -> list[Problem]:
        """Add to `found` what the node `id` gives, and return what is wrong with it; its inputs are found before."""
        node, given = graph.nodes[id], _given(graph, registry, id, binding, found.avals)
        known = self._known.get(id)
        if known is not None and known.node is node and known.given == given:
            found.params[id] = known.params
            found.avals.update(known.avals)
            return []
        problems = infer_node(graph, registry, id, binding, describe, found)
        if not problems and given is not None:
            outputs = (Source(id, output.name) for output in registry[node.op].outputs)
            avals = {source: found.avals[source] for source in outputs if source in found.avals}
            self._known[id] = _Known(node, given, found.params[id], avals)
        return problems


def _given(
    graph: Graph, registry: Registry, id: str, binding: Binding, avals: Mapping[Source, Aval]
) -> tuple[Any, ...] | None:
    """What the shapes of a node follow from beside itself; None where that is more than what feeds it."""
    op = registry.get(graph.nodes[id].op)
    if op is None or op.name in ASKS_MORE or op.target is not None:
        return None
    ports = tuple((port, source.output, avals.get(source)) for port, source in graph.inputs(id).items())
    return binding, registry.version, ports
