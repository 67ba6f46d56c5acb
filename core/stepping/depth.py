"""How far gradients come: how large each is, by how many ops its value is away from what is given.

The plot in which vanishing and exploding gradients are seen, as in Glorot and Bengio (2010), figures 2 and 7.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from ..graph import Graph, Source
from ..ops import Registry
from .timeline import Strength

LEARNT = ("parameter", "shared")  # ops whose values are as deep as what takes them


class Level(NamedTuple):
    """A value, its depth, and how large the gradient is that stands there."""

    source: Source
    depth: int
    strength: Strength
    is_learnt: bool = False


class Profile:
    """The gradients of a graph by depth. `levels` are in the order of computation."""

    def __init__(self, levels: Sequence[Level]) -> None:
        self.levels = tuple(levels)

    @cached_property
    def line(self) -> tuple[Level, ...]:
        """Of the values of each depth, parameters aside, the one with the largest gradient, from what is given on."""
        largest: dict[int, Level] = {}
        for level in self.levels:
            known = largest.get(level.depth)
            if not level.is_learnt and (known is None or known.strength.rms < level.strength.rms):
                largest[level.depth] = level
        return tuple(largest[depth] for depth in sorted(largest))


def depths(graph: Graph) -> dict[str, int]:
    """By node how many ops lie between what is given and its value, on the longest way.

    A parameter is as deep as what takes it first; one that nothing takes is left out.
    """
    found: dict[str, int] = {}
    for id in graph.order():
        if graph.nodes[id].op not in LEARNT:
            inputs = graph.inputs(id).values()
            found[id] = max((found.get(source.node, 0) + 1 for source in inputs), default=0)
    for id, node in graph.nodes.items():
        takers = [found[wire.target] for wire in graph.consumers(id) if wire.target in found]
        if node.op in LEARNT and takers:
            found[id] = min(takers)
    return found


def profile(
    graph: Graph, registry: Registry, deep: Mapping[str, int], strength: Callable[[Source], Strength | None]
) -> Profile:
    """The values of `graph` that have a gradient, of which `strength` tells how large it is and None of all others.

    `deep` is what `depths` finds.
    """
    levels = []
    for id in graph.order():
        op = registry.get(graph.nodes[id].op)
        if op is None or id not in deep:
            continue
        for position in op.visible:
            source = Source(id, op.outputs[position].name)
            size = strength(source)
            if size is not None:
                levels.append(Level(source, deep[id], size, op.name in LEARNT))
    return Profile(levels)
