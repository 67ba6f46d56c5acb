"""Why a gradient is zero: the first op on its way back that turned it into zeros, and at how many elements.

Where an op does so is found by its rule: its product is 0 though what came back was not. Why, the op says itself
(`op.flat`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from ..evaluating import Evaluated
from ..graph import Source
from ..tape import untraced
from .local import UPSTREAM, Local, local
from .timeline import Array, Delivery, Timeline
from .words import at, norm, places, told

STEPS = 200  # back along ways, where elements are counted by what made them zero
MOST = 4  # ways of a fork that are told
BOUNDS = {"low": "−∞", "high": "∞"}  # of a parameter that sets none


class Zero(NamedTuple):
    """Why, in words; at which `node` and port, and by which way of nodes; `others` are the ways of further causes."""

    text: str
    node: str
    port: str | None
    way: tuple[str, ...]
    others: tuple[tuple[str, ...], ...] = ()


def why_zero(timeline: Timeline, source: Source) -> Zero:
    """Why the gradient at `source`, all of it 0, is so: of a fork each way on which it becomes 0."""
    found = list(_ways(timeline, source))
    first = found[0]
    texts = list(dict.fromkeys(zero.text for zero in found))
    more = f" · and {len(texts) - MOST:,} more" if len(texts) > MOST else ""
    causes = _causes(timeline, source)
    counted = f". {_told(causes, np.asarray(timeline.run.gradient(source)).size, 0)}" if len(causes) > 1 else ""
    others = tuple(dict.fromkeys(zero.way for zero in found if zero.way != first.way))
    return first._replace(text=" · ".join(texts[:MOST]) + more + counted, others=others)


def _ways(timeline: Timeline, source: Source) -> Iterator[Zero]:
    """Where a gradient becomes 0, on each of the ways on which it comes back."""
    run, graph = timeline.run, timeline.run.asked.graph
    waiting: list[tuple[Source, tuple[str, ...], tuple[str, ...]]] = [(source, (source.node,), ())]
    seen = {run.tensors[source].slot}
    while waiting:
        current, way, turns = waiting.pop(0)
        path, start, arrivals = graph.path(current.node), run.start(current), _arrivals(timeline, current)
        terms = [*([start] if start is not None and arrivals else []), *(delivery.value for delivery in arrivals)]
        through = f"through {', then '.join(graph.path(node) for node in turns)}: " if turns else ""
        if any(np.any(term) for term in terms):
            text = f"What arrives at {path} cancels: parts of norm {', '.join(map(norm, terms))} make 0"
            yield Zero(f"{through}{text}", current.node, None, way)
            continue
        if not arrivals:
            yield Zero(f"{through}The gradient starts at {path} as 0", current.node, None, way)
        for each in arrivals:
            further = (*way, each.node)
            if _upstream_is_not_zero(run, each):
                yield Zero(f"{through}{_made_zero(run, each)}", each.node, each.port, further)
                continue
            above = _above(run, each)
            if run.tensors[above].slot not in seen:
                seen.add(run.tensors[above].slot)
                waiting.append((above, further, (*turns, each.node) if len(arrivals) > 1 else turns))


def zeros_text(timeline: Timeline, source: Source) -> str:
    """`8 elements: 5 relu off, 3 not zero`: of a gradient that is 0 in part, what made it so; nothing of another.

    Of an element to which several ways lead, what made it 0 on each.
    """
    total = timeline.run.gradient(source)
    if total is None or total.all() or not total.any():
        return ""
    return _told(_causes(timeline, source), total.size, int(np.count_nonzero(total)))


def _told(causes: Counter[str], size: int, others: int) -> str:
    parts = [f"{count:,} {label}" for label, count in causes.most_common()]
    return f"{size:,} elements: {', '.join([*parts, *([f'{others:,} not zero'] if others else [])])}"


def _causes(timeline: Timeline, source: Source) -> Counter[str]:
    """What made the elements of a gradient zero that are, with their number; `relu off and m gives 0` of two ways."""
    total = np.asarray(timeline.run.gradient(source))
    found: dict[str, Array] = {}
    for label, chosen in _labelled(timeline, source, total == 0):
        found[label] = found.get(label, np.zeros(total.shape, bool)) | chosen
    labels = list(found)
    if not labels:
        return Counter()
    columns = np.stack([found[label].ravel() for label in labels], axis=1)
    combined, counts = np.unique(columns[columns.any(axis=1)], axis=0, return_counts=True)
    named = [" and ".join(label for label, has in zip(labels, row, strict=True) if has) for row in combined]
    return Counter(dict(reversed(list(zip(named, counts.tolist(), strict=True)))))  # as they were found, where alike


def _labelled(timeline: Timeline, source: Source, zero: Array) -> Iterator[tuple[str, Array]]:
    """What made elements zero, with these, followed back on each way as far as each is made of one."""
    run, graph = timeline.run, timeline.run.asked.graph
    waiting = [(source, zero)]
    for _ in range(STEPS):
        if not waiting:
            return
        current, open_ = waiting.pop(0)
        arrivals = _arrivals(timeline, current)
        cancelled = open_ & np.any([np.zeros(open_.shape), *(each.value for each in arrivals)], axis=0)
        yield f"cancelling at {graph.path(current.node)}", cancelled
        open_ = open_ & ~cancelled
        if not arrivals:
            yield f"zero behind {graph.path(current.node)}", open_
        for each in arrivals:
            left, rule = open_, local(run, each)
            if rule is not None and rule.product.shape == open_.shape:
                vanishing = open_ & _vanishes(run, each, np.asarray(rule.product.value))
                yield _short(run, each), vanishing
                left = open_ & ~vanishing
            above = _above(run, each)
            value = run.gradient(above) if each.record.op.by_element else None
            if value is not None and value.shape == left.shape and left.any():
                waiting.append((above, left & (np.asarray(value) == 0)))
            else:
                yield f"zero behind {graph.path(each.node if len(arrivals) > 1 else current.node)}", left
    for current, open_ in waiting:
        yield f"zero behind {graph.path(current.node)}", open_


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


def _without_slope(run: Evaluated, delivery: Delivery) -> Array:
    """Where the op has no slope, whatever comes from above: also where that is 0 already."""
    slot = delivery.record.slot
    upstream = run.gradients.totals.get(slot)
    if upstream is None or not delivery.record.op.by_element:
        return np.zeros((), bool)
    ones = run.gradients._replace(totals={**run.gradients.totals, slot: np.ones_like(upstream)})
    rule = local(replace(run, gradients=ones), delivery)
    product = None if rule is None else np.asarray(rule.product.value)
    return np.zeros((), bool) if product is None or product.shape != np.shape(upstream) else product == 0


# Words.


def _made_zero(run: Evaluated, delivery: Delivery) -> str:
    """`clip is saturated: all 3 elements lie outside [−1, 1]`, with the rule at one of them."""
    path, rule = run.asked.graph.path(delivery.node), local(run, delivery)
    if rule is None:
        return f"{path} to {delivery.port}"
    vanishing = _vanishes(run, delivery, np.asarray(rule.product.value))
    shown = told_with_numbers(run, delivery, rule, vanishing)
    flat, slopeless = _flat(delivery), _without_slope(run, delivery)
    if delivery.record.op.by_element and vanishing.any() and not np.any(vanishing & slopeless):
        least = np.finfo(rule.product.dtype).smallest_subnormal
        return f"{path} underflows: {rule.product.dtype} holds nothing below {told(least)}. {shown}"
    count = int(np.count_nonzero(vanishing if flat is None else vanishing | slopeless))
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


def _given(rule: Local, place: tuple[int, ...]) -> str:
    """`x = 1.7, g = 2`: what an op that works element by element was given at one element."""
    record = rule.delivery.record
    shape = rule.product.shape
    arrays = {record.op.port_name(i): untraced(arg) for i, arg in enumerate(record.args) if arg is not None}
    given = {**arrays, UPSTREAM: rule.upstream}
    return ", ".join(f"{name} = {told(np.broadcast_to(array, shape)[place])}" for name, array in given.items())


def told_with_numbers(run: Evaluated, delivery: Delivery, rule: Local | None, chosen: Array | None = None) -> str:
    """The rule of one delivery, at the first element that is `chosen` of its product with the numbers put in."""
    name = f"{run.asked.graph.path(delivery.node)} to {delivery.port}"
    if rule is None:
        return name
    product = np.asarray(rule.product.value)
    found = places(~np.isfinite(product) if chosen is None else chosen)
    numbers = rule.numbers(found[0], told) if found else None
    if numbers is not None and rule.said:
        return f"{name}: {rule.said}; {_given(rule, found[0])} gives {told(product[found[0]])}{at(found[0])}"
    if numbers is None:
        return f"{name}: {rule.text}"
    told_once = dict.fromkeys([rule.text, numbers, told(product[found[0]])])
    return f"{name}: {' = '.join(told_once)}{at(found[0])}"
