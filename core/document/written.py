"""Which parameters nodes write from one iteration to the next: which they name, or which is wired to them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from ..graph.elements import Node, Source
from ..graph.view import GraphView

if TYPE_CHECKING:
    from ..op import Op
    from ..ops import Registry


class Written(NamedTuple):
    """A parameter, by its id, and the output of a node, which it holds from the next iteration on."""

    target: str
    source: Source


def written_by(graph: GraphView, registry: Registry, node: Node) -> Iterator[Written]:
    """What a node writes; one that is bypassed writes nothing, and what is wired and no parameter is not written."""
    op = registry.get(node.op)
    if op is not None and "bypass" not in node.flags:
        yield from written_as(graph, op, node)


def written_as(graph: GraphView, op: Op, node: Node) -> Iterator[Written]:
    """What a node writes whose op is `op`."""
    for place, output in op.writes.items():
        target = str(node.params.get(place)) if place == op.target else held_by(graph, graph.inputs(node.id).get(place))
        if target is not None:
            yield Written(target, Source(node.id, output))


def held_by(graph: GraphView, fed: Source | None) -> str | None:
    """The parameter that a value is of, by itself or as a shared one."""
    held = None if fed is None else graph.nodes.get(fed.node)
    if held is not None and held.op == "shared":
        held = graph.nodes.get(str(held.params.get("of")))
    return held.id if held is not None and held.op == "parameter" else None


def writers(graph: GraphView, registry: Registry, ids: Iterable[str]) -> dict[str, Source]:
    """By parameter what the nodes `ids` write to it: of two that write one, which a check refuses, the last."""
    return {found.target: found.source for id in ids for found in written_by(graph, registry, graph.nodes[id])}
