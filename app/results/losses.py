"""Which values training could make small: found beside the window, since all nodes have to be looked at."""

from __future__ import annotations

import heapq
from collections.abc import Mapping

from ...core.graph import Graph, Source
from ...core.ops import Registry

MOST = 200  # losses that are offered


def losses(graph: Graph, registry: Registry, shapes: Mapping[Source, str]) -> tuple[str, ...]:
    """Nodes that training could make small, most likely ones first: ops that are losses, then other single floats.

    One of which nothing is known yet, as nothing is wired to it, is among them if its op is a loss.
    """
    found: list[tuple[bool, bool, bool, str]] = []
    for id, node in graph.nodes.items():
        op = registry.get(node.op)
        if op is None or not op.visible or not op.ports:
            continue
        shape = shapes.get(Source(id, op.outputs[op.visible[0]].name), "")
        is_loss = op.category == "loss"
        if shape.startswith("() f") or (is_loss and not shape):
            found.append((not is_loss, not shape, bool(graph.targets(id)), id))
    likely = heapq.nsmallest(MOST, found)  # a path is a walk, and nobody looks through thousands
    named = [(no_loss, unknown, taken, graph.path(id), id) for no_loss, unknown, taken, id in likely]
    return tuple([each[-1] for each in sorted(named)])
