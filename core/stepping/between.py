"""What of a graph lies between nodes: the ways that lead from one of them to another, or all that one is part of."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple

from ..graph import Graph
from .pulling import Hop


class Region(NamedTuple):
    """Some nodes, and wires among them by the ports that they end at."""

    nodes: frozenset[str] = frozenset()
    wires: frozenset[Hop] = frozenset()


def between(graph: Graph, ids: Collection[str]) -> Region:
    """All ways from one of several nodes to another; of one node all that it depends on, and all that depends on it.

    Empty where no way leads from any of several to another.
    """
    before, after = graph.ancestors(ids), graph.descendants(ids)
    if len(ids) == 1:
        return Region(frozenset(before | after), frozenset((*_within(graph, before), *_within(graph, after))))
    nodes = before & after
    wires = frozenset(_within(graph, nodes))
    return Region(frozenset(nodes), wires) if wires else Region()


def along(graph: Graph, way: Iterable[str]) -> Region:
    """A way told by its nodes, with the wires from each to the next, in whichever direction they go."""
    nodes = [id for id in way if id in graph.nodes]
    pairs = set(pairwise(nodes))
    pairs |= {(after, before) for before, after in pairs}
    return Region(frozenset(nodes), frozenset(hop for hop, source in _wires(graph, nodes) if (source, hop[0]) in pairs))


def _within(graph: Graph, nodes: Collection[str]) -> Iterator[Hop]:
    return (hop for hop, source in _wires(graph, nodes) if source in nodes)


def _wires(graph: Graph, targets: Iterable[str]) -> Iterator[tuple[Hop, str]]:
    """The wires into nodes, each with the node that it comes from."""
    return ((Hop(id, port), source.node) for id in targets for port, source in graph.inputs(id).items())
