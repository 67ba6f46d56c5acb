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


def cover(graph: GraphView, group: str | None, entered: str | None) -> str | None:
    """The collapsed group that stands for all that lies in `group` while `entered` is shown.

    "" where none does, None where `group` lies outside.
    """
    chain = graph.chain(group)
    if entered is not None:
        if entered not in chain:
            return None
        chain = chain[: chain.index(entered)]
    return next((id for id in reversed(chain) if graph.groups[id].collapsed), "")


def seen_name(graph: GraphView, id: str, entered: str | None) -> str:
    """The path of a node, or of the collapsed group that stands for it while `entered` is shown."""
    return graph.path(cover(graph, graph.item(id).group, entered) or id)


def seen_port(graph: GraphView, id: str, port: str, entered: str | None) -> str:
    """The same with a port, `add.y`; of a collapsed group, which may show others, without it."""
    name = seen_name(graph, id, entered)
    return f"{name}.{port}" if name == graph.path(id) else name
