"""One iteration laid out in time: each step forward and backward, and within a step back its micro-steps.

Nothing is computed here. A timeline arranges what an evaluation has made, so that going through it, in either
direction, shows the very arrays of that run.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from ..evaluating import Evaluated
from ..graph import Source
from ..infer import in_order
from ..ops import Registry
from ..records import Record
from .cuts import Cuts

Array = np.ndarray[Any, Any]

FORWARD, LOSS, BACKWARD, UPDATE = "forward", "loss", "backward", "update"
PHASES = (FORWARD, LOSS, BACKWARD, UPDATE)


class Delivery(NamedTuple):
    """What one consumer port gives back to the value that it took: `value`, at `source`, whose tensor is `slot`.

    `record` is the application of the op whose rule gave it, `position` the argument that it is the gradient of.
    """

    node: str
    port: str
    source: Source
    slot: int
    value: Array
    record: Record
    position: int


class Strength(NamedTuple):
    """How large an array is: the root of the mean of its squares, and whether all of it is `finite`."""

    rms: float
    finite: bool

    @classmethod
    def of(cls, array: Array) -> Strength:
        with np.errstate(all="ignore"):
            rms = float(np.sqrt(np.mean(np.square(array, dtype=np.float64)))) if array.size else 0.0
        return cls(rms, bool(np.isfinite(rms)) or bool(np.isfinite(array).all()))


class Micro(NamedTuple):
    """A part of a step: "ready", "local", "multiply", "shape" or "deliver", the last three for one port each."""

    kind: str
    port: str | None = None


@dataclass(frozen=True)
class Step:
    """What happens at once at the grain of ops: in `phase`, at `node` (None: at all nodes that are given).

    A step back has the gradients that its node's outputs have received, and what it delivers.
    """

    phase: str
    node: str | None
    nodes: tuple[str, ...] = ()
    deliveries: tuple[Delivery, ...] = ()

    @cached_property
    def micros(self) -> tuple[Micro, ...]:
        """What happens within it, in order; a step that is no step back is one whole."""
        if self.phase != BACKWARD:
            return (Micro("compute"),)
        found = [Micro("ready"), Micro("local")]
        for delivery in self.deliveries:
            found.append(Micro("multiply", delivery.port))
            if self.sums(delivery):
                found.append(Micro("shape", delivery.port))
            found.append(Micro("deliver", delivery.port))
        return tuple(found)

    @staticmethod
    def sums(delivery: Delivery) -> bool:
        """Whether the gradient is brought from the shape of the op's output to the smaller one of the argument."""
        result = delivery.record.result
        return delivery.record.op.expr is not None and np.shape(result) != delivery.value.shape


class Cursor(NamedTuple):
    """A moment: `step` steps are done, and of the next one `micro` micro-steps."""

    step: int = 0
    micro: int = 0


@dataclass(frozen=True)
class Timeline:
    """The steps of one iteration, in order; `updated` holds by id what parameters become."""

    run: Evaluated
    registry: Registry
    steps: tuple[Step, ...]
    updated: Mapping[str, Array] = field(default_factory=dict)

    @property
    def end(self) -> Cursor:
        """The moment at which all is done."""
        return Cursor(len(self.steps))

    @cached_property
    def sources_of(self) -> Mapping[str, tuple[Source, ...]]:
        """By node the outputs that have values."""
        found = defaultdict(list)
        for source in self.run.tensors:
            found[source.node].append(source)
        return {node: tuple(sources) for node, sources in found.items()}

    @cached_property
    def made_at(self) -> Mapping[str, int]:
        """By node the index of the step that computes it."""
        made = {}
        for index, step in enumerate(self.steps):
            if step.phase == FORWARD:
                made.update(dict.fromkeys(step.nodes, index))
        return made

    @cached_property
    def runs(self) -> tuple[tuple[str, int, int], ...]:
        """Each phase with the indices at which it begins and ends."""
        starts = [i for i, step in enumerate(self.steps) if not i or self.steps[i - 1].phase != step.phase]
        ends = [*starts[1:], len(self.steps)]
        return tuple((self.steps[start].phase, start, end) for start, end in zip(starts, ends, strict=True))

    @cached_property
    def back_at(self) -> Mapping[str, int]:
        """By node the index of its step back."""
        return {step.node: i for i, step in enumerate(self.steps) if step.phase == BACKWARD and step.node is not None}

    @cached_property
    def seeded_at(self) -> int | None:
        """The index of the step in which the gradient starts at the root; None where nothing goes back."""
        return next((index for index, step in enumerate(self.steps) if step.phase == LOSS), None)

    @cached_property
    def arrivals(self) -> Mapping[int, tuple[tuple[int, int, Delivery], ...]]:
        """By tensor what is delivered to it, in order: the step, after how many of its micro-steps, and what."""
        found = defaultdict(list)
        for index, step in enumerate(self.steps):
            for delivery in step.deliveries:
                found[delivery.slot].append((index, delivery))
        return {
            slot: tuple((index, delivered_after(self.steps[index], delivery), delivery) for index, delivery in pairs)
            for slot, pairs in found.items()
        }

    @cached_property
    def by_port(self) -> Mapping[tuple[str, str], tuple[int, int, Delivery]]:
        """What each port of a node delivers: the step, after how many of its micro-steps, and what."""
        return {
            (arrival[2].node, arrival[2].port): arrival for arrivals in self.arrivals.values() for arrival in arrivals
        }

    @cached_property
    def _strengths(self) -> dict[tuple[str, str], Strength]:
        return {}

    def strength(self, delivery: Delivery) -> Strength:
        """How large what a port delivers is; looked at once."""
        port = delivery.node, delivery.port
        if port not in self._strengths:
            self._strengths[port] = Strength.of(delivery.value)
        return self._strengths[port]

    @cached_property
    def _states(self) -> dict[int, Any]:
        return {}

    def once(self, slot: int, find: Callable[[Array], Any]) -> Any:
        """What `find` says of the whole gradient of a tensor; looked at once."""
        if slot not in self._states:
            self._states[slot] = find(np.asarray(self.run.gradients.totals[slot]))
        return self._states[slot]

    @cached_property
    def cuts(self) -> Cuts:
        """What keeps gradients from values on which the root depends."""
        return Cuts(self.run, self.registry)

    @cached_property
    def updated_at(self) -> Mapping[str, int]:
        """By parameter the index of the step that changes it."""
        return {step.node: i for i, step in enumerate(self.steps) if step.phase == UPDATE and step.node is not None}

    def with_updates(self, updated: Mapping[str, Array]) -> Timeline:
        """The timeline with a step at its end for each parameter that is changed."""
        steps = (*self.steps, *(Step(UPDATE, id, (id,)) for id in updated))
        return Timeline(self.run, self.registry, steps, updated)

    def phase_at(self, cursor: Cursor) -> str:
        """The phase of the step that is done next, at the end of the last one."""
        return self.steps[min(cursor.step, len(self.steps) - 1)].phase if self.steps else FORWARD


def delivered_after(step: Step, delivery: Delivery) -> int:
    """After how many micro-steps of a step back one of its ports has delivered."""
    return step.micros.index(Micro("deliver", delivery.port)) + 1


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
    root = None if run.root is None else run.tensors.get(run.root)
    if run.root is not None and root is not None and run.gradients.slot == root.slot:
        steps.append(Step(LOSS, run.root.node))
        steps += _steps_back(run)
    return Timeline(run, registry, tuple(steps))


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
