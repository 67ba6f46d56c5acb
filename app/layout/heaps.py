"""Graphs whose files say no places, as those made in Python: all nodes lie on one heap until they are laid out."""

from __future__ import annotations

from collections.abc import Mapping

from ...core.document import Document
from ...core.graph import Graph
from ...core.ops import Registry
from ..canvas.anatomy import Item
from .arranging import layout_of, put


def is_heap(graph: Graph, group: str | None = None) -> bool:
    """Whether several things lie at one place, and nothing lies elsewhere: at the top, or in a group."""
    places = [graph.item(id).position for id in graph.members(group).values()]
    return len(places) > 1 and len(set(places)) == 1


def laid_out(graph: Graph, registry: Registry, shown: Mapping[str, Item]) -> Graph:
    """The same graph with places, for `shown` as they are drawn."""
    document = Document(graph, registry=registry)
    with document.transaction("Lay out the graph") as t:
        put(t, layout_of(graph, shown))
    return document.graph
