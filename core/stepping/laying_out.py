"""The timeline of an evaluation: its nodes in the order in which they were computed, and in that of the walk back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ..evaluating import Evaluated
from ..graph import Source
from ..infer import in_order
from ..ops import Registry
from .timeline import BACKWARD, FORWARD, LOSS, UPDATE, ZERO, Array, Delivery, Pass, Start, Step, Timeline


def lay_out(run: Evaluated, registry: Registry) -> Timeline:
    """The timeline of what was computed: what is given, each op forward, the loss, each op backward."""
    graph = run.asked.graph
    made = {source.node for source in run.tensors}
    given: list[str] = []
    computed: list[str] = []
    for id in in_order(graph):
        if id in made:
            (computed if graph.inputs(id) else given).append(id)
    steps = [Step(FORWARD, None, tuple(given))] if given else []
    steps += [Step(FORWARD, id, (id,)) for id in computed]
    starting = {run.tensors[root].slot: root for root in run.roots if run.start(root) is not None}
    for slot, root in starting.items():
        steps.append(Step(LOSS, root.node, start=Start(root, slot, run.gradients.starts[slot])))
    if starting:
        steps += _steps_back(run)
    return Timeline(run, registry, tuple(steps))


def trained(
    timeline: Timeline,
    updated: Mapping[str, Array],
    left: Mapping[str, tuple[Pass, ...]],
    loss_before: float | None,
    zeroed: Sequence[str],
    rates: Mapping[float, float],
    waits: str,
) -> Timeline:
    """A timeline with a step at its end for each parameter, changed or not; and at its beginning, where the gradients
    of any are `zeroed`, one for that. The other arguments are fields of `Timeline`.
    """
    zero = [Step(ZERO, None, tuple(zeroed))] if zeroed else []
    steps = (*zero, *timeline.steps, *(Step(UPDATE, id, (id,)) for id in updated))
    return Timeline(timeline.run, timeline.registry, steps, updated, left, loss_before, rates, waits)


def _steps_back(run: Evaluated) -> Iterator[Step]:
    """A step for each node whose ops the walk went through, in its order."""
    sources: dict[int, Source] = {}
    for source, tensor in run.tensors.items():
        sources.setdefault(tensor.slot, source)
    delivered = {
        (slot, node, port): value for slot, parts in run.gradients.parts.items() for node, port, value in parts
    }
    deliveries: dict[str, list[Delivery]] = {}
    for record, node, port in run.gradients.walked:
        if node is None:
            continue
        received = any(slot in run.gradients.totals for slot in record.slots)
        if not received or record.op.vjp_rule is None:
            continue
        deliveries.setdefault(node, [])
        for position, arg in enumerate(record.args):
            slot = getattr(arg, "slot", None)
            name = port or record.op.port_name(position)
            value = None if slot is None else delivered.get((slot, node, name))
            if slot in sources and value is not None:
                source = _taken(run, node, name, sources[slot])
                deliveries[node].append(Delivery(node, name, source, slot, value, record, position))
    for node, found in deliveries.items():
        yield Step(BACKWARD, node, (node,), tuple(found))


def _taken(run: Evaluated, node: str, port: str, otherwise: Source) -> Source:
    """The value that a port takes; the tensor alone may be that of several."""
    return run.asked.graph.inputs(node).get(port, otherwise)
