"""Why a gradient is what it is: the first cause in the graph, told with its numbers, and the way to it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ..evaluating import Evaluated
from ..graph import Graph, Source
from ..summary import length
from ..tape import Tensor
from .births import birth
from .centring import taken_away
from .local import local
from .timeline import BACKWARD, FORWARD, Timeline
from .words import at, norm, places, told
from .zeros import told_with_numbers, why_zero, zeros_text

NONE, NOT_FINITE, ZERO, ORDINARY = "none", "not finite", "zero", "ordinary"


class Why(NamedTuple):
    """An answer: what `kind` of gradient it is, why in words, at which `node` that begins and by which way of nodes.

    `elements` are those concerned, of the value that was asked about.
    """

    kind: str
    text: str
    node: str | None = None
    port: str | None = None
    way: tuple[str, ...] = ()
    elements: tuple[tuple[int, ...], ...] = ()


def why_gradient(timeline: Timeline, source: Source) -> Why:
    """Why the gradient at `source` is none, not finite, zero, or of its size."""
    run = timeline.run
    total = run.gradient(source)
    if total is None:
        return _why_none(timeline, source)
    bad = ~np.isfinite(total)
    if bad.any():
        return _why_not_finite(timeline, source)._replace(elements=places(bad))
    centred = taken_away(run, timeline.registry, source)
    if centred is not None:
        size = f" (norm {norm(total)})" if total.any() else ""
        text = f"{centred.text(run.asked.graph, run.asked.graph.path(source.node))}{size}"
        return Why(ZERO, text, centred.at, None, centred.way)
    if not total.any():
        zero = why_zero(timeline, source)
        return Why(ZERO, zero.text, zero.node, zero.port, zero.way)
    return _why_so_large(timeline, source)


# None.


def _why_none(timeline: Timeline, source: Source) -> Why:
    run = timeline.run
    if not run.roots:
        return Why(NONE, "There is no loss: nothing says of what gradients are to be taken")
    graph = run.asked.graph
    if run.gradients.error is not None:
        return Why(NONE, f"There are no gradients: {run.gradients.error}", run.roots[0].node)
    cut, so = timeline.cuts[source], f" ({timeline.cuts.no_start})" if timeline.cuts.no_start else ""
    if cut is None:
        names = " and ".join(graph.path(root.node) for root in run.roots)
        word = "does" if len(run.roots) == 1 else "do"
        return Why(NONE, f"{names} {word} not depend on it: no wire leads there{so}")
    way = _way(graph, source.node, cut.node)
    return Why(NONE, f"{graph.path(cut.node)}: {cut.reason}{so}", cut.node, cut.port, way)


def _way(graph: Graph, start: str, end: str) -> tuple[str, ...]:
    """The nodes of a shortest way along wires, both ends included; only the ends where there is none."""
    before: dict[str, str | None] = {start: None}
    waiting = [start]
    while waiting and end not in before:
        id = waiting.pop(0)
        for wire in graph.consumers(id):
            if wire.target not in before:
                before[wire.target] = id
                waiting.append(wire.target)
    if end not in before:
        return (start, end)
    way: list[str] = []
    current: str | None = end
    while current is not None:
        way.append(current)
        current = before[current]
    return tuple(reversed(way))


# Not finite.


def first_not_finite(timeline: Timeline) -> Why | None:
    """Where the first NaN or infinity begins: in forward order, and if all values are finite in that of gradients.

    None where everything is finite.
    """
    return _first_value(timeline) or _first_delivery(timeline)


def _why_not_finite(timeline: Timeline, source: Source) -> Why:
    """Where a gradient that is not finite begins: at a value if the root itself is not finite, else going back."""
    run = timeline.run
    roots = [value for root in run.roots if (value := run.value(root)) is not None]
    found = _first_value(timeline) if any(not np.isfinite(value).all() for value in roots) else None
    found = found or _first_delivery(timeline)
    if found is None or found.node is None:  # it starts at the root
        return Why(NOT_FINITE, "The gradient starts as it is", source.node)
    return found._replace(way=_way(run.asked.graph, source.node, found.node))


def _first_value(timeline: Timeline) -> Why | None:
    run = timeline.run
    graph = run.asked.graph
    for step in timeline.steps:
        for node in step.nodes if step.phase == FORWARD else ():
            for source in timeline.sources_of[node]:
                value = run.value(source)
                if value is None or value.dtype.kind != "f" or np.isfinite(value).all():
                    continue
                found = places(~np.isfinite(value))
                text = f"{graph.path(node)} is {told(value[found[0]])}{at(found[0])}"
                begun = birth(tensor := run.tensors[source], _ports(tensor))
                taken = _taken_there(run, node, found[0], value.shape)
                text += f": it {begun.told}" if begun is not None else f", of {taken}" if taken else ""
                return Why(NOT_FINITE, text, node, None, (node,), found)
    return None


def _ports(tensor: Tensor) -> dict[int, str]:
    """By number of a tensor the port that takes it."""
    if tensor.op is None:
        return {}
    return {arg.slot: tensor.op.port_name(i) for i, arg in enumerate(tensor.args) if isinstance(arg, Tensor)}


def _taken_there(run: Evaluated, node: str, place: tuple[int, ...], shape: tuple[int, ...]) -> str:
    """What an op that works element by element took there: `a = −1`, of several `a = 0 as x, b = 0 as y`."""
    parts = []
    graph = run.asked.graph
    inputs = graph.inputs(node)
    for port, source in inputs.items():
        value = run.value(source)
        if value is None:
            return ""
        try:
            number = told(np.broadcast_to(value, shape)[place])
            parts.append(f"{graph.path(source.node)} = {number}" + (f" as {port}" if len(inputs) > 1 else ""))
        except ValueError:
            return ""  # it is no op of that kind
    return ", ".join(parts)


def _first_delivery(timeline: Timeline) -> Why | None:
    run = timeline.run
    for step in timeline.steps:
        for delivery in step.deliveries if step.phase == BACKWARD else ():
            if np.isfinite(delivery.value).all():
                continue
            way = (delivery.source.node, delivery.node)
            found = local(run, delivery)
            text = told_with_numbers(run, delivery, found)
            return Why(NOT_FINITE, text, delivery.node, delivery.port, way, places(~np.isfinite(delivery.value)))
    return None


# Of its size.


def _why_so_large(timeline: Timeline, source: Source) -> Why:
    """The way back to the root along the largest contributions, with what each op multiplies the norm by."""
    run = timeline.run
    graph = run.asked.graph
    way, gains, current = [source.node], [], source
    while True:
        arrivals = [delivery for _, _, delivery in timeline.arrivals.get(run.tensors[current].slot, ())]
        if not arrivals:
            break
        largest = max(arrivals, key=lambda delivery: length(delivery.value))
        above = next(s for s in run.tensors if s.node == largest.node and run.gradient(s) is not None)
        before = length(run.gradient(above))
        gains.append((length(largest.value) / before if before else float("nan"), largest.node))
        way.append(largest.node)
        current = above
    strongest = sorted((g for g in gains if np.isfinite(g[0]) and g[0] > 0), key=lambda g: -abs(np.log(g[0])))[:3]
    gained = ", ".join(f"{graph.path(node)} ×{told(gain)}" for gain, node in strongest)
    total = np.asarray(run.gradient(source))
    text = f"Norm {told(length(total))}" + (f": on the strongest way {gained}" if gained else "")
    text += f". {zeros}" if (zeros := zeros_text(timeline, source)) else ""
    return Why(ORDINARY, text, way[-1], None, tuple(way))
