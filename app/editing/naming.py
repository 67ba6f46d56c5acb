"""How undo labels and messages call nodes, ports and wires."""

from __future__ import annotations

from collections.abc import Collection

from ...core.graph import GraphView, Source, Wire


def counted(graph: GraphView, ids: Collection[str]) -> str:
    """`relu` for one node or group, `2 nodes`, `3 groups` or `4 items` for more."""
    if len(ids) == 1:
        (id,) = ids
        return graph.item(id).name
    groups = sum(id in graph.groups for id in ids)
    kind = "nodes" if not groups else "groups" if groups == len(ids) else "items"
    return f"{len(ids)} {kind}"


def wires_counted(count: int) -> str:
    """`1 wire`, `2 wires`."""
    return f"{count} wire{'' if count == 1 else 's'}"


def source_name(graph: GraphView, source: Source) -> str:
    """`x`, or `data.x` for an output that is not called y."""
    name = graph.node(source.node).name
    return name if source.output in ("", "y") else f"{name}.{source.output}"


def port_name(graph: GraphView, target: str, port: str) -> str:
    """`add.y`"""
    return f"{graph.node(target).name}.{port}"


def wire_name(graph: GraphView, wire: Wire) -> str:
    """`x to add.y`"""
    return f"{source_name(graph, wire.source)} to {port_name(graph, wire.target, wire.port)}"
