"""Ports that the box of a group has though no wire crosses it there: those that it had when it was saved as a layer.

They stand in the group itself, by the names of what lies within it, in their order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...core.graph import GraphView, Source
from ...core.ops import Registry

SHOWN = "shown_ports"  # of a group: {"inputs": ["NODE.PORT", …], "outputs": ["NODE.OUTPUT", …]}
Ports = tuple[Sequence[tuple[str, str]], Sequence[Source]]  # (node, port) that takes a value; what is given


def told_ports(graph: GraphView, group: str, ports: Ports) -> dict[str, list[str]]:
    """The ports of a group as it can keep them."""
    start = f"{graph.path(group)}/"
    inputs, given = ports
    return {
        "inputs": [f"{graph.path(node).removeprefix(start)}.{port}" for node, port in inputs],
        "outputs": [f"{graph.path(source.node).removeprefix(start)}.{source.output}" for source in given],
    }


def kept_ports(graph: GraphView, registry: Registry, group: str) -> Ports:
    """The ports that a group keeps: inputs that nothing feeds, and outputs; none that are no longer there."""
    kept = graph.group(group).extra.get(SHOWN)
    if not isinstance(kept, Mapping):
        return (), ()
    inputs, given = [], []
    for node, port in _found(graph, group, kept.get("inputs")):
        op = registry.get(graph.nodes[node].op)
        if op is not None and op.has_port(port) and graph.fed(node, port) is None:
            inputs.append((node, port))
    for node, output in _found(graph, group, kept.get("outputs")):
        op = registry.get(graph.nodes[node].op)
        if op is not None and any(each.name == output and not each.hidden for each in op.outputs):
            given.append(Source(node, output))
    return inputs, given


def _found(graph: GraphView, group: str, names: object) -> list[tuple[str, str]]:
    """The nodes and ports that are meant, each once; a file may hold anything here."""
    found: dict[tuple[str, str], None] = {}
    for name in names if isinstance(names, Sequence) and not isinstance(names, str) else ():
        path, _, port = name.rpartition(".") if isinstance(name, str) else ("", "", "")
        id: str | None = group
        for part in path.split("/"):
            id = None if id is None else graph.named(part, id)
        if id is not None and id in graph.nodes:
            found[id, port] = None
    return list(found)
