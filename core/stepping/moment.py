"""What is known at one moment of an iteration: the values that are made, and the state of each gradient."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from ..graph import Source
from .over import Over
from .states import State
from .timeline import BACKWARD, Array, Cursor, Delivery, Micro, Pass, Standing, Step, Timeline, delivered_after


class Gradient(NamedTuple):
    """The gradient of a value at a moment: what of it has `arrived`, of how many `parts`, and once all have their sum.

    `start` is what was put in there, at a root that goes on to another: one of the parts, and the first. `reason` says
    why it is stopped, or why none will come.
    """

    state: State
    value: Array | None = None
    arrived: tuple[Delivery, ...] = ()
    parts: int = 0
    reason: str = ""
    start: Array | None = None

    @property
    def terms(self) -> tuple[Array, ...]:
        """All that has come by now, in the order in which it is added."""
        own = () if self.start is None else (self.start,)
        return (*own, *(delivery.value for delivery in self.arrived))


@dataclass(frozen=True)
class Moment:
    """A timeline at a cursor; `over` is what was gone over as one step, None where each counts for itself."""

    timeline: Timeline
    cursor: Cursor
    over: Over | None = None

    @property
    def step(self) -> Step | None:
        """The step that was done last, or of which a part is done; None before the first."""
        index = self.cursor.step if self.cursor.micro else self.cursor.step - 1
        return self.timeline.steps[index] if index >= 0 else None

    @property
    def done_at_once(self) -> tuple[Step, ...]:
        """The steps that were done last, as one: those that were gone over, else the last alone; none at the start."""
        if self.over is not None:
            return self.timeline.steps[self.over.first : self.cursor.step]
        return () if self.step is None else (self.step,)

    @property
    def micro(self) -> Micro | None:
        """The micro-step that was done last within `step`; None where it is done as a whole."""
        step = self.step
        return step.micros[self.cursor.micro - 1] if self.cursor.micro and step is not None else None

    def computed(self, node: str) -> bool:
        """Whether a node has its values."""
        made = self.timeline.made_at.get(node)
        return made is not None and made < self.cursor.step

    def value(self, source: Source) -> Array | None:
        """The value there, None as long as it is not made."""
        if self.updated(source.node):
            return self.timeline.updated[source.node]
        return self.timeline.run.value(source) if self.computed(source.node) or self._kept(source.node) else None

    def _kept(self, node: str) -> bool:
        """Whether it is a parameter that the iteration before has left with its value."""
        asked = self.timeline.run.asked
        return asked.iteration > 1 and node in asked.graph.nodes and asked.graph.nodes[node].op == "parameter"

    def updated(self, node: str) -> bool:
        """Whether a parameter has been changed by now."""
        at = self.timeline.updated_at.get(node)
        return at is not None and at < self.cursor.step

    def version(self, node: str) -> str:
        """`v0 → v1` where an `assign` has written a parameter by now; "" anywhere else."""
        return self.timeline.updates.version(node) if self.updated(node) else ""

    def left(self, node: str) -> tuple[Pass, ...]:
        """What earlier iterations have left in the gradient of a parameter, and no step has set to zero by now."""
        zeroed = self.timeline.zeroed_at
        return () if zeroed is not None and zeroed < self.cursor.step else self.timeline.left.get(node, ())

    def standing(self, source: Source) -> Standing | None:
        """What stands in the gradient of a parameter where earlier iterations have left something there, else None."""
        if not self.left(source.node):
            return None
        return self.timeline.standing(source.node, self.gradient(source).value is not None)

    @property
    def going_back(self) -> bool:
        """Whether gradients have started, at one root at least; at one that is no float they are not to come."""
        timeline = self.timeline
        if timeline.cuts.of_root is not None:
            return all(self.computed(root.node) for root in timeline.run.roots)
        return any(index < self.cursor.step for index, _ in timeline.starts.values())

    def gradient(self, source: Source) -> Gradient:
        """What is known of the gradient there."""
        timeline, run = self.timeline, self.timeline.run
        tensor = run.tensors.get(source)
        if not self.going_back or tensor is None:
            return Gradient(State.UNREACHED)
        if tensor.slot not in run.gradients.totals:
            cut = timeline.cuts[source]
            return Gradient(State.NO_PATH) if cut is None else Gradient(State.STOPPED, reason=cut.reason)
        arrivals = timeline.arrivals.get(tensor.slot, ())
        arrived = tuple(delivery for step, micros, delivery in arrivals if self._is_done(step, micros))
        at, put_in = timeline.starts.get(tensor.slot, (-1, None))
        started = put_in is not None and at < self.cursor.step
        start = put_in.value if put_in is not None and started and arrivals else None
        parts = len(arrivals) + (put_in is not None and bool(arrivals))
        if len(arrived) < len(arrivals) or (put_in is not None and not started):
            state = State.WAITING if arrived or started else State.UNREACHED
            return Gradient(state, None, arrived, parts, start=start)
        total = run.gradient(source)
        assert total is not None
        return Gradient(timeline.settled(tensor.slot), total, arrived, parts, start=start)

    def _is_done(self, step: int, micros: int) -> bool:
        """Whether `step` is done so far that `micros` of its micro-steps are."""
        return step < self.cursor.step or (step == self.cursor.step and micros <= self.cursor.micro)

    @cached_property
    def delivered(self) -> Mapping[tuple[str, str], Delivery]:
        """All that has been delivered so far, by node and port."""
        found = {}
        for index, step in enumerate(self.timeline.steps[: self.cursor.step + 1]):
            for delivery in step.deliveries:
                if index < self.cursor.step or self._has_delivered(step, delivery):
                    found[delivery.node, delivery.port] = delivery
        return found

    def delivery(self, node: str, port: str) -> Delivery | None:
        """What a port has delivered, None where it has not yet."""
        found = self.timeline.by_port.get((node, port))
        return found[2] if found is not None and self._is_done(*found[:2]) else None

    def _has_delivered(self, step: Step, delivery: Delivery) -> bool:
        """Whether, within the step that is being done, a port has delivered."""
        return delivered_after(step, delivery) <= self.cursor.micro

    @cached_property
    def delivering(self) -> tuple[Delivery, ...]:
        """What the last step, or micro-step, has delivered, or all steps that were gone over as one."""
        step, micro = self.step, self.micro
        if step is None or step.phase != BACKWARD:
            return ()
        if micro is None:
            return tuple(delivery for each in self.done_at_once for delivery in each.deliveries)
        return tuple(d for d in step.deliveries if micro == Micro("deliver", d.port))
