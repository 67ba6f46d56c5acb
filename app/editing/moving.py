"""Where nodes are: moving and nudging them together with what lies within groups."""

from __future__ import annotations

from collections.abc import Iterable

from ...core.document import Transaction
from ...core.graph import GraphView
from .bending import dots_among
from .places import all_whole, whole

STEP = 10.0  # scene units that an arrow key moves by; with Shift five times as many


def with_interior(graph: GraphView, ids: Iterable[str]) -> list[str]:
    """These nodes and groups and all that lies within the groups, each once."""
    found: dict[str, None] = {}
    for id in ids:
        found[id] = None
        if id in graph.groups:
            nodes, groups = graph.interior(id)
            found.update(dict.fromkeys((*nodes, *groups)))
    return list(found)


def outermost(graph: GraphView, ids: Iterable[str]) -> list[str]:
    """Those of some nodes and groups that lie in no group among them."""
    chosen = dict.fromkeys(ids)
    return [id for id in chosen if not any(group in chosen for group in graph.chain(graph.item(id).group))]


def move(t: Transaction, ids: Iterable[str], dx: float, dy: float) -> None:
    """Move nodes and groups; what lies within a group goes with it, and so do the dots of wires among them."""
    with t.step():
        moved = dict.fromkeys(with_interior(t.graph, ids))
        for id in moved:
            x, y = t.graph.item(id).position
            t.move(id, whole((x + dx, y + dy)))
        for wire in dots_among(t.graph, moved) if t.graph.bends else ():
            t.set_bends(*wire, all_whole((x + dx, y + dy) for x, y in t.graph.bends[wire]))
