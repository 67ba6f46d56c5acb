"""What is added to values of which the mean is taken away at once: it changes nothing, and no gradient comes back.

Which op takes means away, and over which axes, it says itself (`op.centres`); where a port is added it says in
`op.element`, or adds element by element.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ..evaluating import Evaluated
from ..graph import Graph, Source
from ..op import Aval
from ..ops import Registry
from ..signature import NOTHING
from ..tape import Tensor
from .terms import array_of, told_of

Axes = frozenset[int]


class Centred(NamedTuple):
    """A value that has no effect: it is added at `node`, port `port`, and taken away `at` another node."""

    node: str
    port: str
    at: str
    way: tuple[str, ...]

    def text(self, graph: Graph, name: str) -> str:
        """Why, in a sentence."""
        sum_, mean = graph.path(self.node), graph.path(self.at)
        return (
            f"{name} is added (in {sum_}) alike to all elements of which {mean} takes the mean away, so it has no "
            "effect, and its gradient is 0 up to rounding"
        )


def taken_away(run: Evaluated, registry: Registry, source: Source, training: bool = False) -> Centred | None:
    """Where all that a value is added to has its mean taken away; None where it has an effect.

    With `training` as it is in training, whatever mode the run is in.
    """
    graph = run.asked.graph
    found: Centred | None = None
    if source not in run.tensors or source in run.roots:
        return None
    for wire in (wire for wire in graph.consumers(source.node) if wire.source == source):
        made = run.tensors.get(Source(wire.target, _output(registry, graph, wire.target)))
        alike = None if made is None else _alike(made, wire.port)
        if alike is None:
            return None
        way = _removed(run, registry, wire.target, alike, training)
        if way is None:
            return None
        found = Centred(wire.target, wire.port, way[-1], (source.node, *way))
    return found


def _output(registry: Registry, graph: Graph, node: str) -> str:
    return registry[graph.nodes[node].op].outputs[0].name


def _alike(made: Tensor, port: str) -> Axes | None:
    """The axes of a value along which all elements have the same number of `port` added; None where it is not added."""
    op, shape = made.op, made.shape
    if op is None or port not in op.port_names(len(made.args)) or not made.value.size:
        return None
    own = np.shape(array_of(made.args[op.port_names(len(made.args)).index(port)]))
    if op.by_element and op.traits.linear and len(made.args) == 2:
        extra = len(shape) - len(own)
        return frozenset(i for i, n in enumerate(shape) if i < extra or (own[i - extra] == 1 and n >= 1))
    first = (0,) * len(shape)
    ends = [tuple(n - 1 if i == axis else 0 for i in range(len(shape))) for axis, n in enumerate(shape)]
    added = [getattr(told_of(made, index), "plus", NOTHING).get(port) for index in (first, *ends)]
    if added[0] is None:
        return None
    return frozenset(axis for axis, place in enumerate(added[1:]) if place == added[0])


def _removed(run: Evaluated, registry: Registry, node: str, alike: Axes, training: bool) -> tuple[str, ...] | None:
    """The way from a node to the one that takes the mean away, along all of its axes one of which is alike."""
    graph = run.asked.graph
    source = Source(node, _output(registry, graph, node))
    takers = graph.consumers(node)
    if source in run.roots or not takers:
        return None
    way: tuple[str, ...] | None = None
    for wire in takers:
        made = run.tensors.get(Source(wire.target, _output(registry, graph, wire.target)))
        op = None if made is None else made.op
        if made is None or op is None or wire.port != op.port_name(0):
            return None
        if op.centres is not None:
            params = {**op.defaults, **made.params}
            params |= {name: "train" for name, role in op.roles.items() if role == "mode" and training}
            avals = [None if arg is None else Aval(np.shape(a := array_of(arg)), a.dtype) for arg in made.args]
            axes = op.centres(*avals, **params)
            if not axes or not alike.issuperset(axes):
                return None
            way = (node, wire.target)
        elif op.traits.carries == "unchanged":
            further = _removed(run, registry, wire.target, alike, training)
            if further is None:
                return None
            way = (node, *further)
        else:
            return None
    return way
