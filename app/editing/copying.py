"""Copies of nodes, groups and all within, with the wires among them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from ...core.document import Transaction
from ...core.graph import GraphView, Wire
from .moving import outermost, with_interior
from .places import whole


def wires_within(graph: GraphView, nodes: Collection[str]) -> tuple[list[Wire], list[Wire]]:
    """The wires among some nodes, and those that enter from others."""
    within: list[Wire] = []
    entering: list[Wire] = []
    for id in nodes:
        for port, source in graph.inputs(id).items():
            (within if source.node in nodes else entering).append(Wire(source, id, port))
    return within, entering


def duplicate(
    t: Transaction,
    values: Mapping[str, Any],
    ids: Iterable[str],
    offset: tuple[float, float],
    inputs: bool = False,
) -> list[str]:
    """Copy nodes and groups beside themselves, with their values; with `inputs` they read what the originals read.

    Returns the outermost copies.
    """
    graph, offset = t.graph, whole(offset)
    roots = outermost(graph, ids)
    chosen = with_interior(graph, roots)
    nodes = {id: graph.nodes[id] for id in chosen if id in graph.nodes}
    groups = [graph.groups[id] for id in chosen if id in graph.groups]
    within, entering = wires_within(graph, nodes)
    around = {graph.item(id).group for id in roots}
    new: dict[str, str] = {}
    with t.step():
        if len(around) == 1:
            (into,) = around
        else:
            into = None
        held = {id: values[id] for id in nodes if id in values}
        copied = {(wire.target, wire.port) for wire in within + entering * inputs}
        bends = {wire: points for wire, points in graph.bends.items() if wire in copied}
        new = t.paste(
            nodes.values(), groups, within + entering * inputs, values=held, bends=bends, group=into, offset=offset
        )
    return [new[id] for id in roots]
