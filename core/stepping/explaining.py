"""Why a gradient is what it is: the first cause in the graph, told with its numbers, and the way to it."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ..evaluating import Evaluated
from ..graph import Graph, Source
from .local import Local, local
from .timeline import BACKWARD, FORWARD, Array, Delivery, Timeline

NONE, NOT_FINITE, ZERO, ORDINARY = "none", "not finite", "zero", "ordinary"
SHOWN = 5  # elements that are named


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
        return _why_not_finite(timeline, source)._replace(elements=_places(bad))
    if not total.any():
        return _why_zero(timeline, source)
    return _why_so_large(timeline, source)


# None.


def _why_none(timeline: Timeline, source: Source) -> Why:
    run = timeline.run
    if not run.roots:
        return Why(NONE, "There is no loss: nothing says of what gradients are to be taken")
    graph = run.asked.graph
    cut = timeline.cuts[source]
    if cut is None:
        names = " and ".join(graph.path(root.node) for root in run.roots)
        word = "does" if len(run.roots) == 1 else "do"
        return Why(NONE, f"{names} {word} not depend on it: no wire leads there")
    way = _way(graph, source.node, cut.node)
    return Why(NONE, f"{graph.path(cut.node)}: {cut.reason}", cut.node, cut.port, way)


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
                places = _places(~np.isfinite(value))
                text = f"{graph.path(node)} is {_told(value[places[0]])}{_at(places[0])}"
                taken = _taken_there(run, node, places[0], value.shape)
                return Why(NOT_FINITE, f"{text}{f', of {taken}' if taken else ''}", node, None, (node,), places)
    return None


def _taken_there(run: Evaluated, node: str, place: tuple[int, ...], shape: tuple[int, ...]) -> str:
    """What an op that works element by element took there: `a = −1`, of several `a = 0 as x, b = 0 as y`."""
    told = []
    graph = run.asked.graph
    inputs = graph.inputs(node)
    for port, source in inputs.items():
        value = run.value(source)
        if value is None:
            return ""
        try:
            number = _told(np.broadcast_to(value, shape)[place])
            told.append(f"{graph.path(source.node)} = {number}" + (f" as {port}" if len(inputs) > 1 else ""))
        except ValueError:
            return ""  # it is no op of that kind
    return ", ".join(told)


def _first_delivery(timeline: Timeline) -> Why | None:
    run = timeline.run
    for step in timeline.steps:
        for delivery in step.deliveries if step.phase == BACKWARD else ():
            if np.isfinite(delivery.value).all():
                continue
            way = (delivery.source.node, delivery.node)
            found = local(run, delivery)
            text = _told_with_numbers(run, delivery, found, lambda product: ~np.isfinite(product))
            return Why(NOT_FINITE, text, delivery.node, delivery.port, way, _places(~np.isfinite(delivery.value)))
    return None


def _told_with_numbers(run: Evaluated, delivery: Delivery, rule: Local | None, chosen: Any) -> str:
    """The rule of one delivery, at the first element that is `chosen` of its product with the numbers put in."""
    name = f"{run.asked.graph.path(delivery.node)} to {delivery.port}"
    if rule is None:
        return name
    product = np.asarray(rule.product.value)
    places = _places(np.asarray(chosen(product)))
    numbers = rule.numbers(places[0], _told) if places else None
    if numbers is None:
        return f"{name}: {rule.text}"
    return f"{name}: {rule.text} = {numbers} = {_told(product[places[0]])}{_at(places[0])}"


# Zero.


def _why_zero(timeline: Timeline, source: Source) -> Why:
    """The first op, going back from the root, that turned a gradient on this way into zeros."""
    run = timeline.run
    graph = run.asked.graph
    way, current = [source.node], source
    while True:
        tensor = run.tensors[current]
        arrivals = [delivery for _, _, delivery in timeline.arrivals.get(tensor.slot, ())]
        start = run.start(current)
        terms = [*([start] if start is not None and arrivals else []), *(delivery.value for delivery in arrivals)]
        if any(np.any(term) for term in terms):
            sign = " + ".join(_norm(term) for term in terms)
            text = f"What arrives at {graph.path(current.node)} cancels: parts of norm {sign} make 0"
            return Why(ZERO, text, current.node, None, tuple(way))
        if not arrivals:
            return Why(ZERO, f"The gradient starts at {graph.path(current.node)} as 0", current.node, None, tuple(way))
        maker = next((d for d in arrivals if _upstream_is_not_zero(run, d)), None)
        if maker is not None:
            way.append(maker.node)
            found = local(run, maker)
            text = _told_with_numbers(run, maker, found, lambda p, m=maker: _where_it_vanishes(run, m, p))
            return Why(ZERO, text, maker.node, maker.port, tuple(way))
        current = next(s for s in run.tensors if s.node == arrivals[0].node and run.gradient(s) is not None)
        way.append(current.node)


def _upstream_is_not_zero(run: Evaluated, delivery: Delivery) -> bool:
    totals = run.gradients.totals
    return any(np.any(totals[slot]) for slot in delivery.record.slots if slot in totals)


def _where_it_vanishes(run: Evaluated, delivery: Delivery, product: Array) -> Array:
    """Where a product is zero though what came from above is not."""
    upstream = run.gradients.totals.get(delivery.record.slot)
    zero: Array = product == 0
    if upstream is None or np.shape(upstream) != product.shape:
        return zero
    return zero & (np.asarray(upstream) != 0)


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
        largest = max(arrivals, key=lambda delivery: float(np.linalg.norm(delivery.value)))
        above = next(s for s in run.tensors if s.node == largest.node and run.gradient(s) is not None)
        before = float(np.linalg.norm(np.asarray(run.gradient(above))))
        gains.append((float(np.linalg.norm(largest.value)) / before if before else float("nan"), largest.node))
        way.append(largest.node)
        current = above
    strongest = sorted((g for g in gains if np.isfinite(g[0]) and g[0] > 0), key=lambda g: -abs(np.log(g[0])))[:3]
    told = ", ".join(f"{graph.path(node)} ×{_told(gain)}" for gain, node in strongest)
    total = np.asarray(run.gradient(source))
    text = f"Norm {_told(float(np.linalg.norm(total)))}" + (f": on the strongest way {told}" if told else "")
    return Why(ORDINARY, text, way[-1], None, tuple(way))


# Words.


def _places(chosen: Array) -> tuple[tuple[int, ...], ...]:
    """The first few places where `chosen` is true."""
    return tuple(tuple(int(i) for i in place) for place in np.argwhere(chosen)[:SHOWN])


def _at(place: tuple[int, ...]) -> str:
    return f" at [{', '.join(map(str, place))}]" if place else ""


def _norm(value: Array) -> str:
    return _told(float(np.linalg.norm(value)))


def _told(value: Any) -> str:
    number = float(value)
    if np.isnan(number):
        return "NaN"
    if np.isinf(number):
        return "∞" if number > 0 else "−∞"
    return f"{number:.4g}".replace("-", "−")
