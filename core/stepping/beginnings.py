"""Where what is not finite begins. An infinity that was given, as in a mask, is what its user wants until harm comes of
it: NaN, a root that is infinite, or a gradient that is not finite.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import NamedTuple

import numpy as np

from ..evaluating import Evaluated
from ..graph import Source
from ..tape import Tensor
from .births import birth
from .local import local
from .timeline import BACKWARD, FORWARD, Array, Delivery, Timeline
from .words import at, places, told
from .zeros import told_with_numbers

Bad = Callable[[Array], Array]
STARTING = ("parameter", "dataset")  # take nothing, and yet nobody has typed their numbers


class Beginning(NamedTuple):
    """Where, in words; at which `node`, and at which `port` if it is what comes back there that is not finite.

    `met` is the node at which harm comes of it; `harmless`: nothing of it comes to a root, an end or a gradient.
    """

    text: str
    node: str
    port: str | None
    elements: tuple[tuple[int, ...], ...]
    met: str
    harmless: bool = False


def first_beginning(timeline: Timeline) -> Beginning | None:
    """Of all values the first NaN, or else of all gradients what is first not finite, or else the first ∞ that was
    computed; and the infinity that was computed of which it comes. None where nothing is to be told.
    """
    sources = [source for step in timeline.steps if step.phase == FORWARD for source in _sources(timeline, step.nodes)]
    nan = next((source for source in sources if _has(timeline.run, source, np.isnan)), None)
    if nan is not None:
        return _of_nan(timeline, nan)
    delivery = _first_delivery(timeline)
    if delivery is not None:
        return _of_values(timeline, _around(timeline, delivery.node)) or _of_delivery(timeline.run, delivery)
    return _of_infinity(timeline, sources)


def beginning_of(timeline: Timeline, source: Source) -> Beginning | None:
    """Where a gradient that is not finite begins: in values, where those of a root are not finite, else going back.

    None where it starts as it is.
    """
    run = timeline.run
    delivery = _first_delivery(timeline, run.asked.graph.descendants([source.node]))
    if delivery is None:
        return None
    roots = [value for root in run.roots if (value := run.value(root)) is not None]
    found = None
    if any(not np.isfinite(value).all() for value in roots):
        found = _of_values(timeline, _around(timeline, delivery.node))
    return _of_delivery(run, delivery) if found is None else found._replace(met=delivery.node)


def beginnings_of(timeline: Timeline, source: Source) -> list[Beginning]:
    """All ops that send back to a gradient what is not finite, of a gradient that is; in the order of the pass."""
    run, to = timeline.run, timeline.run.asked.graph.descendants([source.node])
    found = dict[tuple[str, str], Delivery]()
    for step in timeline.steps:
        for delivery in step.deliveries if step.phase == BACKWARD else ():
            if delivery.source.node in to and not np.isfinite(delivery.value).all():
                coming = [run.gradient(each) for each in _sources(timeline, [delivery.node])]
                if all(each is None or np.isfinite(each).all() for each in coming):
                    found.setdefault((delivery.node, delivery.port), delivery)
    return [_of_delivery(run, delivery) for delivery in found.values()]


# Of values.


def _of_values(timeline: Timeline, sources: Iterable[Source]) -> Beginning | None:
    """Where NaN begins that is in one of these, or comes to them; or else an infinity that was computed."""
    nan = _births(timeline, sources, np.isnan)
    if nan:
        return _of_nan(timeline, nan[0])
    infinite = [source for source in _births(timeline, sources, np.isinf) if not _given(timeline.run, source)]
    return _of_value(timeline.run, infinite[0]) if infinite else None


def _of_nan(timeline: Timeline, source: Source) -> Beginning:
    """Of a value that makes NaN of what it takes; where that is infinite and was computed, it begins there."""
    run = timeline.run
    own, op = _of_value(run, source), run.tensors[source].op
    there = own.elements[0] if op is not None and op.by_element else None
    shape = np.asarray(run.value(source)).shape
    taken = [each for each in _taken(run, source) if _is_infinite(run, each, there, shape)]
    causes = [each for each in _births(timeline, taken, np.isinf) if not _given(run, each)]
    if not causes:
        return own
    cause = _of_value(run, causes[0])
    return cause._replace(text=f"{cause.text}. So {own.text}", met=source.node)


def _of_infinity(timeline: Timeline, sources: Collection[Source]) -> Beginning | None:
    """Of an infinity of which neither NaN nor a gradient that is not finite comes."""
    run = timeline.run
    births = _births(timeline, sources, np.isinf)
    computed = [source for source in births if not _given(run, source)]
    if computed:
        ends = [source for source in sources if not run.asked.graph.consumers(source.node)]
        harmless = not any(_has(run, source, np.isinf) for source in {*ends, *run.roots})
        return _of_value(run, computed[0])._replace(harmless=harmless)
    given = _births(timeline, [root for root in run.roots if root in run.tensors], np.isinf)
    return _of_value(run, given[0])._replace(met=run.roots[0].node) if given else None


def _births(timeline: Timeline, sources: Iterable[Source], bad: Bad) -> list[Source]:
    """The values with such numbers which take none, back from these on all ways of such; in forward order."""
    run = timeline.run
    waiting = [source for source in sources if _has(run, source, bad)]
    seen, found = set(waiting), []
    while waiting:
        source = waiting.pop()
        before = [each for each in _taken(run, source) if _has(run, each, bad)]
        if not before:
            found.append(source)
        waiting += set(before) - seen
        seen.update(before)
    return sorted(found, key=lambda source: (timeline.made_at.get(source.node, 0), source))


def _of_value(run: Evaluated, source: Source) -> Beginning:
    value, node = np.asarray(run.value(source)), source.node
    found = places(np.isnan(value)) or places(np.isinf(value))
    text = f"{run.asked.graph.path(node)} is {told(value[found[0]])}{at(found[0])}"
    begun = birth(tensor := run.tensors[source], _ports(tensor))
    taken = _taken_there(run, node, found[0], value.shape) if tensor.op is not None and tensor.op.by_element else ""
    text += f": it {begun.told}" if begun is not None else f", of {taken}" if taken else ""
    return Beginning(text, node, None, found, node)


def _given(run: Evaluated, source: Source) -> bool:
    """Whether somebody has typed its numbers."""
    return not _taken(run, source) and run.asked.graph.nodes[source.node].op not in STARTING


def _taken(run: Evaluated, source: Source) -> list[Source]:
    """The values of which one is made: none of one that was put in by hand."""
    if source in run.asked.put:
        return []
    return [each for each in run.asked.graph.inputs(source.node).values() if each in run.tensors]


def _sources(timeline: Timeline, nodes: Iterable[str]) -> list[Source]:
    return [source for node in nodes for source in timeline.sources_of[node] if source in timeline.run.tensors]


def _around(timeline: Timeline, node: str) -> list[Source]:
    """What a node gives and what it takes."""
    taken = timeline.run.asked.graph.inputs(node).values()
    return [*_sources(timeline, [node]), *(each for each in taken if each in timeline.run.tensors)]


def _has(run: Evaluated, source: Source, bad: Bad) -> bool:
    value = run.value(source)
    return value is not None and value.dtype.kind == "f" and bool(bad(value).any())


def _is_infinite(run: Evaluated, source: Source, place: tuple[int, ...] | None, shape: tuple[int, ...]) -> bool:
    """Whether a value is, of an op that works element by element at the element that it gives to this place."""
    if not _has(run, source, np.isinf):
        return False
    return place is None or bool(np.isinf(np.broadcast_to(np.asarray(run.value(source)), shape)[place]))


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
        number = told(np.broadcast_to(value, shape)[place])
        parts.append(f"{graph.path(source.node)} = {number}" + (f" as {port}" if len(inputs) > 1 else ""))
    return ", ".join(parts)


# Going back.


def _first_delivery(timeline: Timeline, to: Collection[str] | None = None) -> Delivery | None:
    """The first that is not finite, to one of these nodes."""
    return next(
        (
            delivery
            for step in timeline.steps
            for delivery in (step.deliveries if step.phase == BACKWARD else ())
            if (to is None or delivery.source.node in to) and not np.isfinite(delivery.value).all()
        ),
        None,
    )


def _of_delivery(run: Evaluated, delivery: Delivery) -> Beginning:
    text = told_with_numbers(run, delivery, local(run, delivery))
    found = places(~np.isfinite(delivery.value))
    return Beginning(text, delivery.node, delivery.port, found, delivery.source.node)
