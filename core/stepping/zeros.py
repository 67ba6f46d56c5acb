"""Why a gradient is zero: the first op on its way back that turned it into zeros, and at how many elements.

Where an op does so is found by its rule: its product is 0 though what came back was not. Why, the op says itself
(`op.flat`).
"""

from __future__ import annotations

from collections import Counter
from typing import Any, NamedTuple

import numpy as np

from ..evaluating import Evaluated
from ..graph import Source
from .local import Local, local
from .timeline import Array, Delivery, Timeline
from .words import at, norm, places, told

STEPS = 200  # back along a way, where elements are counted by what made them zero
BOUNDS = {"low": "−∞", "high": "∞"}  # of a parameter that sets none


class Zero(NamedTuple):
    """Why, in words; at which `node` and port, and by which way of nodes."""

    text: str
    node: str
    port: str | None
    way: tuple[str, ...]


def why_zero(timeline: Timeline, source: Source) -> Zero:
    """Why the gradient at `source`, all of it 0, is so."""
    run, graph = timeline.run, timeline.run.asked.graph
    way, current = [source.node], source
    while True:
        path = graph.path(current.node)
        start = run.start(current)
        arrivals = _arrivals(timeline, current)
        terms = [*([start] if start is not None and arrivals else []), *(delivery.value for delivery in arrivals)]
        if any(np.any(term) for term in terms):
            text = f"What arrives at {path} cancels: parts of norm {' + '.join(map(norm, terms))} make 0"
            return Zero(text, current.node, None, tuple(way))
        if not arrivals:
            return Zero(f"The gradient starts at {path} as 0", current.node, None, tuple(way))
        makers = [d for d in arrivals if _upstream_is_not_zero(run, d)]
        if makers:
            way.append(makers[0].node)
            text = " · ".join(_made_zero(run, maker) for maker in makers)
            return Zero(text, makers[0].node, makers[0].port, tuple(way))
        current = _above(run, arrivals[0])
        way.append(current.node)


def zeros_text(timeline: Timeline, source: Source) -> str:
    """`8 elements: 5 relu off, 3 not zero`: of a gradient that is 0 in part, what made it so; nothing of another."""
    total = timeline.run.gradient(source)
    if total is None or total.all() or not total.any():
        return ""
    found = Counter(_counted(timeline, source, np.asarray(total == 0)))
    parts = [f"{count:,} {label}" for label, count in found.most_common()]
    return f"{total.size:,} elements: {', '.join([*parts, f'{np.count_nonzero(total):,} not zero'])}"


def _counted(timeline: Timeline, source: Source, open_: Array) -> dict[str, int]:
    """What made the elements of `open_` zero, with their number, followed back as far as each is made of one."""
    run, graph = timeline.run, timeline.run.asked.graph
    found: Counter[str] = Counter()
    for _ in range(STEPS):
        arrivals = _arrivals(timeline, source)
        cancelled = open_ & np.any([np.zeros(open_.shape), *(each.value for each in arrivals)], axis=0)
        found[f"cancelling at {graph.path(source.node)}"] += int(np.count_nonzero(cancelled))
        open_ = open_ & ~cancelled
        rules = [(each, local(run, each)) for each in arrivals]
        for each, rule in rules:
            if rule is not None and rule.product.shape == open_.shape:
                vanishing = open_ & _vanishes(run, each, np.asarray(rule.product.value))
                found[_short(run, each)] += int(np.count_nonzero(vanishing))
                open_ = open_ & ~vanishing
        above = _above(run, arrivals[0]) if len(arrivals) == 1 and arrivals[0].record.op.by_element else None
        value = None if above is None else run.gradient(above)
        if above is None or value is None or value.shape != open_.shape or not open_.any():
            break
        source = above
    found[f"zero behind {graph.path(source.node)}"] += int(np.count_nonzero(open_))
    return {label: count for label, count in found.items() if count}


def _arrivals(timeline: Timeline, source: Source) -> list[Delivery]:
    return [delivery for _, _, delivery in timeline.arrivals.get(timeline.run.tensors[source].slot, ())]


def _above(run: Evaluated, delivery: Delivery) -> Source:
    """An output of the op that delivers whose gradient comes back there."""
    return next(s for s in run.tensors if s.node == delivery.node and run.gradient(s) is not None)


def _upstream_is_not_zero(run: Evaluated, delivery: Delivery) -> bool:
    totals = run.gradients.totals
    return any(np.any(totals[slot]) for slot in delivery.record.slots if slot in totals)


def _vanishes(run: Evaluated, delivery: Delivery, product: Array) -> Array:
    """Where a product is zero though what came from above is not."""
    upstream = run.gradients.totals.get(delivery.record.slot)
    zero: Array = product == 0
    if upstream is None or np.shape(upstream) != product.shape:
        return zero
    return zero & (np.asarray(upstream) != 0)


# Words.


def _made_zero(run: Evaluated, delivery: Delivery) -> str:
    """`clip is saturated: all 3 elements lie outside [−1, 1]`, with the rule at one of them."""
    path, rule = run.asked.graph.path(delivery.node), local(run, delivery)
    if rule is None:
        return f"{path} to {delivery.port}"
    vanishing = _vanishes(run, delivery, np.asarray(rule.product.value))
    shown = told_with_numbers(run, delivery, rule, vanishing)
    count, flat = int(np.count_nonzero(vanishing)), _flat(delivery)
    if flat is None or not count:
        return shown
    says, many, one = flat
    size = vanishing.size
    elements = f"{count:,} of {size:,} elements"
    if count == size:
        elements = {1: "its element", 2: "both elements"}.get(size, f"all {size:,} elements")
    return f"{path} {says}: {elements} {one if count == 1 else many}. {shown}"


def _flat(delivery: Delivery) -> tuple[str, str, str] | None:
    """What the op says of itself where its rule gives 0, with its parameters put in."""
    record = delivery.record
    port = record.op.ports[min(delivery.position, len(record.op.ports) - 1)].name
    flat = record.op.flat.get(port)
    if flat is None:
        return None
    words = {
        name: BOUNDS.get(name, "nothing") if value is None else _parameter(value)
        for name, value in record.params.items()
    }
    return flat.says, flat.many.format_map(words), flat.one.format_map(words)


def _parameter(value: Any) -> str:
    return told(value) if isinstance(value, (int, float)) else str(value)


def _short(run: Evaluated, delivery: Delivery) -> str:
    """`relu off`"""
    path, flat = run.asked.graph.path(delivery.node), _flat(delivery)
    return f"{path} {'gives 0' if flat is None else flat[0].removeprefix('is ')}"


def told_with_numbers(run: Evaluated, delivery: Delivery, rule: Local | None, chosen: Array | None = None) -> str:
    """The rule of one delivery, at the first element that is `chosen` of its product with the numbers put in."""
    name = f"{run.asked.graph.path(delivery.node)} to {delivery.port}"
    if rule is None:
        return name
    product = np.asarray(rule.product.value)
    found = places(~np.isfinite(product) if chosen is None else chosen)
    numbers = rule.numbers(found[0], told) if found else None
    if numbers is None:
        return f"{name}: {rule.text}"
    return f"{name}: {rule.text} = {numbers} = {told(product[found[0]])}{at(found[0])}"
