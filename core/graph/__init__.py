"""The graph that the user drew: immutable, by id, with its wires indexed by node."""

from __future__ import annotations

from .elements import BuiltBy, Group, Node, Source, Training, Wire
from .graph import Graph, canonical_order
from .loops import closes_loop
from .view import GraphView, boundary

__all__ = [
    "BuiltBy",
    "Graph",
    "GraphView",
    "Group",
    "Node",
    "Source",
    "Training",
    "Wire",
    "boundary",
    "canonical_order",
    "closes_loop",
]
