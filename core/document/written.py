"""Which parameters nodes write from one iteration to the next: by `assign`, or as the statistics that an op keeps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from ..graph.elements import Node, Source
from ..graph.view import GraphView

if TYPE_CHECKING:
    from ..ops import Registry


class Written(NamedTuple):
    """A parameter, by its id, and the output of a node, which it holds from the next iteration on."""

    target: str
    source: Source


def written_by(graph: GraphView, registry: Registry, node: Node) -> Iterator[Written]:
    """What a node writes; one that is bypassed writes nothing, and what is no parameter is not written."""
    op = registry.get(node.op)
    if op is None or "bypass" in node.flags:
        return
    if op.name == "assign":
        yield Written(str(node.params.get("target")), Source(node.id, op.outputs[0].name))
    for port, output in op.writes.items():
        fed = graph.inputs(node.id).get(port)
        held = None if fed is None else graph.nodes.get(fed.node)
        if held is not None and held.op == "shared":
            held = graph.nodes.get(str(held.params.get("of")))
        if held is not None and held.op == "parameter":
            yield Written(held.id, Source(node.id, output))


def writers(graph: GraphView, registry: Registry, ids: Iterable[str]) -> dict[str, Source]:
    """By parameter what the nodes `ids` write to it: of two that write one, which a check refuses, the last."""
    return {found.target: found.source for id in ids for found in written_by(graph, registry, graph.nodes[id])}
