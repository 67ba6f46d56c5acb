"""Where what a script adds goes when it says nothing: right of what feeds it, on nothing that is there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..errors import GradwireError
from ..graph import GraphView
from ..ops import Registry
from . import finding

COLUMN, ROW = 240.0, 144.0  # scene units from one node to the next


def free_place(view: GraphView, registry: Registry, fed_by: Iterable[Any] = ()) -> tuple[float, float]:
    """The corner of what is added, (x, y)."""
    taken = [view.item(id).position for id in (*view.nodes, *view.groups)]
    if not taken:
        return 0.0, 0.0
    sources = [view.node(id).position for id in _nodes(view, registry, fed_by)]
    x, y = (max(x for x, _ in sources) + COLUMN, min(y for _, y in sources)) if sources else (0.0, _below(view))
    while any(abs(x - other_x) < COLUMN and abs(y - other_y) < ROW for other_x, other_y in taken):
        y += ROW
    return x, y


def below(view: GraphView) -> tuple[float, float]:
    """A place beneath all that is there, wires included, level with what stands furthest left."""
    return min((node.position[0] for node in view.nodes.values()), default=0.0), _below(view)


def _below(view: GraphView) -> float:
    bent = [y for points in view.bends.values() for _, y in points]
    return max((y for y in (*(item.position[1] for item in view.nodes.values()), *bent)), default=-ROW) + ROW


def _nodes(view: GraphView, registry: Registry, values: Iterable[Any]) -> list[str]:
    """The nodes whose values are among what was given; what is no value is a parameter."""
    found = []
    for each in values:
        if isinstance(each, str | finding.Named):
            try:
                found.append(finding.value(view, registry, each).node)
            except GradwireError:
                continue
    return found
