"""One iteration laid out in time: each step forward and backward, and within a step back its micro-steps.

Nothing is computed here. A timeline arranges what an evaluation has made, so that going through it, in either
direction, shows the very arrays of that run.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from ..evaluating import Evaluated
from ..graph import Source, Wire
from ..ops import Registry
from ..records import Record
from ..summary import length
from .cuts import Cuts
from .states import State, settled
from .updating import Updates

Array = np.ndarray[Any, Any]

ZERO, FORWARD, LOSS, BACKWARD, UPDATE = "zero", "forward", "loss", "backward", "update"
PHASES = (ZERO, FORWARD, LOSS, BACKWARD, UPDATE)


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


class Start(NamedTuple):
    """What is put in at a root, before any consumer port delivers."""

    source: Source
    slot: int
    value: Array


class Pass(NamedTuple):
    """What iterations before this one, from `first` to `last`, have left in the gradient of a parameter."""

    first: int
    last: int
    value: Array

    @property
    def name(self) -> str:
        return f"pass {self.last}" if self.first == self.last else f"passes {self.first} to {self.last}"


class Standing(NamedTuple):
    """What stands in the gradient of a parameter, and which share of it was `left` by earlier iterations, by norms."""

    value: Array
    left: float


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

    A step back has what its node delivers, that in which gradients start at a root has the `start`.
    """

    phase: str
    node: str | None
    nodes: tuple[str, ...] = ()
    deliveries: tuple[Delivery, ...] = ()
    start: Start | None = None

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
        return delivery.record.op.by_element and np.shape(result) != delivery.value.shape


class Cursor(NamedTuple):
    """A moment: `step` steps are done, and of the next one `micro` micro-steps."""

    step: int = 0
    micro: int = 0


@dataclass(frozen=True)
class Timeline:
    """The steps of one iteration, in order; `updated` holds by id what parameters become, changed or not.

    `left` holds by id what earlier iterations have left in the gradients of parameters, the first of them first. Where
    no step sets that to zero, this iteration adds to it. `loss_before` is the loss of the iteration before, `rates`
    the learning rates of this one by those that the settings name (empty: as they name them), and `waits` says why it
    changes no parameter though there are gradients.
    """

    run: Evaluated
    registry: Registry
    steps: tuple[Step, ...]
    updated: Mapping[str, Array] = field(default_factory=dict)
    left: Mapping[str, tuple[Pass, ...]] = field(default_factory=dict)
    loss_before: float | None = None
    rates: Mapping[float, float] = field(default_factory=dict)
    waits: str = ""
    # What has been looked at once. The interface and workers fill these together: what two of them find for an entry is
    # the same, one entry is set at once, none is taken away, and nobody goes through them. So are those of `Cuts`.
    _strengths: dict[tuple[str, str], Strength] = field(default_factory=dict, init=False, repr=False, compare=False)
    _states: dict[int, State] = field(default_factory=dict, init=False, repr=False, compare=False)
    _standing: dict[tuple[str, bool], Standing] = field(default_factory=dict, init=False, repr=False, compare=False)
    ways_known: dict[Any, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

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
    def phases(self) -> tuple[tuple[str, int, int], ...]:
        """Each phase with the indices at which it begins and ends."""
        starts = [i for i, step in enumerate(self.steps) if not i or self.steps[i - 1].phase != step.phase]
        ends = [*starts[1:], len(self.steps)]
        return tuple((self.steps[start].phase, start, end) for start, end in zip(starts, ends, strict=True))

    @cached_property
    def back_at(self) -> Mapping[str, int]:
        """By node the index of its step back."""
        return {step.node: i for i, step in enumerate(self.steps) if step.phase == BACKWARD and step.node is not None}

    @cached_property
    def starts(self) -> Mapping[int, tuple[int, Start]]:
        """By tensor the gradients that are put in at roots, each with the index of the step."""
        return {step.start.slot: (index, step.start) for index, step in enumerate(self.steps) if step.start is not None}

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

    def strength(self, delivery: Delivery) -> Strength:
        """How large what a port delivers is; looked at once."""
        port = delivery.node, delivery.port
        if port not in self._strengths:
            self._strengths[port] = Strength.of(delivery.value)
        return self._strengths[port]

    def settled(self, slot: int) -> State:
        """The state of the gradient of a tensor once it is whole; looked at once."""
        if slot not in self._states:
            self._states[slot] = settled(np.asarray(self.run.gradients.totals[slot]))
        return self._states[slot]

    @cached_property
    def cuts(self) -> Cuts:
        """What keeps gradients from values on which the root depends."""
        return Cuts(self.run, self.registry)

    def stopped(self, wire: Wire) -> str:
        """Why a wire on the way to the root delivers no gradient; "" where it does, and for other wires."""
        return "" if (wire.target, wire.port) in self.by_port else self.cuts.stopped(wire)

    @cached_property
    def updates(self) -> Updates:
        """By what parameters are written, and why others stay as they are."""
        return Updates(self.run, self.registry, self.cuts, self.updated, self.rates, self.waits)

    @property
    def loss(self) -> float:
        """What training makes small, whatever share of an update this batch has; else the objective."""
        training = self.run.asked.graph.training
        root = self.run.root
        if training is None or root is None or len(self.run.roots) > 1 or root.node != training.loss:
            return self.run.objective()
        value = self.run.value(root)
        return float("nan") if value is None else float(np.sum(value, dtype=np.float64))

    @cached_property
    def updated_at(self) -> Mapping[str, int]:
        """By parameter the index of the step of its update."""
        return {step.node: i for i, step in enumerate(self.steps) if step.phase == UPDATE and step.node is not None}

    @cached_property
    def zeroed_at(self) -> int | None:
        """The index of the step that sets the gradients of parameters to zero; None where none does."""
        return next((index for index, step in enumerate(self.steps) if step.phase == ZERO), None)

    def added_up(self, id: str) -> Array | None:
        """With which gradient a parameter is updated: what was left and not set to zero, and that of this iteration."""
        own = self.run.gradient(Source(id, "y"))
        if own is None or self.zeroed_at is not None or not self.left.get(id):
            return own
        return self.standing(id, whole=True).value

    def standing(self, id: str, whole: bool) -> Standing:
        """What was left in the gradient of a parameter, with that of this iteration once it is `whole`."""
        found = self._standing.get((id, whole))
        if found is None:
            left = sum_of([part.value for part in self.left[id]])
            found = Standing(left, 1.0)
            own = self.run.gradient(Source(id, "y")) if whole else None
            if own is not None:
                norms = length(left), length(own)
                found = Standing(left + own, norms[0] / sum(norms) if any(norms) else 0.0)
            self._standing[id, whole] = found
        return found


def sum_of(arrays: Sequence[Array]) -> Array:
    """The sum from left to right, as gradients are added up."""
    total = arrays[0]
    for array in arrays[1:]:
        total = total + array
    return total


def delivered_after(step: Step, delivery: Delivery) -> int:
    """After how many micro-steps of a step back one of its ports has delivered."""
    return step.micros.index(Micro("deliver", delivery.port)) + 1
