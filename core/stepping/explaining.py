"""Why a gradient is what it is: the first cause in the graph, told with its numbers, and the way to it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ..graph import Graph, Source
from ..summary import length
from .beginnings import beginning_of, first_beginning
from .centring import taken_away
from .swallowed import Factor, swallowed
from .timeline import Timeline
from .words import norm, places, told
from .zeros import why_zero, zeros_text

NONE, NOT_FINITE, ZERO, ORDINARY = "none", "not finite", "zero", "ordinary"


class Why(NamedTuple):
    """An answer: what `kind` of gradient it is, why in words, at which `node` that begins and by which way of nodes.

    `elements` are those concerned, of the value that was asked about; `others` the ways to further causes.
    """

    kind: str
    text: str
    node: str | None = None
    port: str | None = None
    way: tuple[str, ...] = ()
    elements: tuple[tuple[int, ...], ...] = ()
    others: tuple[tuple[str, ...], ...] = ()

    @property
    def ways(self) -> tuple[tuple[str, ...], ...]:
        """All of them."""
        return (self.way, *self.others)


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
        return Why(ZERO, zero.text, zero.node, zero.port, zero.way, (), zero.others)
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
    way = _way(graph, source.node, cut.node) or _way(graph, cut.node, source.node)
    return Why(NONE, f"{graph.path(cut.node)}: {cut.reason}{so}", cut.node, cut.port, way)


def _way(graph: Graph, start: str, end: str) -> tuple[str, ...]:
    """The nodes of a shortest way along wires, both ends included; none where there is none."""
    before: dict[str, str | None] = {start: None}
    waiting = [start]
    while waiting and end not in before:
        id = waiting.pop(0)
        for wire in graph.consumers(id):
            if wire.target not in before:
                before[wire.target] = id
                waiting.append(wire.target)
    if end not in before:
        return ()
    way: list[str] = []
    current: str | None = end
    while current is not None:
        way.append(current)
        current = before[current]
    return tuple(reversed(way))


# Not finite.


def first_not_finite(timeline: Timeline) -> Why | None:
    """Where the first NaN begins, or else the first infinity that nobody has typed, in forward order or going back.

    None where there is none, nor any harm of one that was typed.
    """
    found = first_beginning(timeline)
    if found is None:
        return None
    graph = timeline.run.asked.graph
    start, end = (found.node, found.met) if found.port is None else (found.met, found.node)
    return Why(NOT_FINITE, found.text, found.node, found.port, _way(graph, start, end), found.elements)


def _why_not_finite(timeline: Timeline, source: Source) -> Why:
    """Where a gradient that is not finite begins; where no way leads there, the two ways that meet are told."""
    found, graph = beginning_of(timeline, source), timeline.run.asked.graph
    if found is None:
        return Why(NOT_FINITE, "The gradient starts as it is", source.node)
    ways = [_way(graph, source.node, found.node)]
    if not ways[0]:
        ways = [_way(graph, source.node, found.met), _way(graph, found.node, found.met)]
    return Why(NOT_FINITE, found.text, found.node, found.port, ways[0], (), tuple(ways[1:]))


# Of its size.


def _why_so_large(timeline: Timeline, source: Source) -> Why:
    """The way back to the root along the largest contributions, with what each op multiplies the norm by."""
    run = timeline.run
    graph = run.asked.graph
    way, gains, current, begun = [source.node], [], source, ""
    while True:
        arrivals = [delivery for _, _, delivery in timeline.arrivals.get(run.tensors[current].slot, ())]
        if not arrivals:
            break
        largest = max(arrivals, key=lambda delivery: length(delivery.value))
        start = run.start(current)
        if start is not None and length(start) > length(largest.value):
            begun = f"the start of {graph.path(current.node)}, {told(length(start))}"
            break
        above = next(s for s in run.tensors if s.node == largest.node and run.gradient(s) is not None)
        before = length(run.gradient(above))
        gain = length(largest.value) / before if before else float("nan")
        gains.append(Factor(gain, largest.node, above, current))
        way.append(largest.node)
        current = above
    strongest = sorted((each for each in gains if each.weight is not None), key=lambda each: -(each.weight or 0.0))[:3]
    gained = ", ".join(f"{graph.path(each.node)} ×{told(each.gain)}" for each in gains if each in strongest)
    total = np.asarray(run.gradient(source))
    text = f"Norm {told(length(total))}"
    if begun and not gains:
        text += f": its largest part is {begun}"
    elif gained:
        text += f": on the strongest way{f', from {begun}' if begun else ''}{',' * bool(begun)} {gained}"
    text += f". {lost}" if strongest and (lost := swallowed(timeline, strongest[0])) else ""
    text += f". {zeros}" if (zeros := zeros_text(timeline, source)) else ""
    return Why(ORDINARY, text, strongest[0].node if strongest and strongest[0].weight else way[-1], None, tuple(way))
