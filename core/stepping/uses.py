"""What reads each tensor of an iteration: ops that take it on the way forward, and gradient rules that use its value.

Which values a rule uses is found by running it on tensors: what is on the tape then, it has used. So a product uses
both factors, a sum nothing, and what only tells a rule a shape is not read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ..records import Record
from ..reverse import reached
from ..tape import Tensor, history
from .local import rehearse
from .timeline import Array, Timeline

Reads = Mapping[int, tuple[int, ...]]  # by tensor the indices of steps, in order


def used(timeline: Timeline, record: Record, positions: Iterable[int]) -> set[int]:
    """The tensors whose values the rule of `record` uses, to give the gradients of the arguments at `positions`."""
    rehearsed = rehearse(timeline.run, record)
    if rehearsed is None:
        return set()
    entries = [rehearsed.entry(position) for position in positions]
    stands_for = rehearsed.stands_for
    return {stands_for[tensor.slot] for tensor in history(entries) if tensor.slot in stands_for}


@dataclass(frozen=True, eq=False)
class Uses:
    """Of the tensors of an iteration, by number, where `kept` names nodes whose gradients are asked for.

    A framework goes back only where a gradient is asked for: of parameters that are trained, of inputs, of `kept`.
    """

    timeline: Timeline
    kept: frozenset[str] = frozenset()

    @cached_property
    def owners(self) -> Mapping[int, str]:
        """By tensor the node that makes it, or within which it is made: as a cast that a port needs is."""
        found: dict[int, str] = {}
        made_at, tensors = self.timeline.made_at, self.timeline.run.tensors
        for source in sorted(tensors, key=lambda source: made_at.get(source.node, 0)):
            found.setdefault(tensors[source].slot, source.node)
        for node, tensor in self._within(dict(found)):
            for slot in _slots(tensor):
                found.setdefault(slot, node)
        return found

    def _within(self, shown: Mapping[int, str]) -> Iterator[tuple[str, Tensor]]:
        """The applications of each node: that of its op, and of what is computed within it for that."""
        tensors, seen = self.timeline.run.tensors, set()
        for node, sources in self.timeline.sources_of.items():
            waiting = [tensors[source] for source in sources if shown[tensors[source].slot] == node]
            while waiting:
                tensor = waiting.pop()
                if tensor.op is None or _slots(tensor)[0] in seen:
                    continue
                seen.add(_slots(tensor)[0])
                yield node, tensor
                waiting += [arg for arg in _taken(tensor) if arg.slot not in shown]

    @cached_property
    def applications(self) -> tuple[tuple[str, Tensor], ...]:
        """Each application of an op, with its node."""
        tensors = self.timeline.run.tensors
        shown = {tensors[source].slot: self.owners[tensors[source].slot] for source in tensors}
        return tuple(self._within(shown))

    @cached_property
    def arrays(self) -> Mapping[int, Array]:
        """The values of all tensors that nodes make: outputs, hidden ones, and what is made within a node."""
        found = {tensor.slot: tensor.value for tensor in self.timeline.run.tensors.values()}
        for _, tensor in self.applications:
            values = (tensor.value,) if tensor.results is None else tensor.results[1]
            found |= dict(zip(_slots(tensor), values, strict=True))
        return found

    @cached_property
    def forward(self) -> Reads:
        """By tensor the steps forward that take it."""
        found = defaultdict(set)
        for node, tensor in self.applications:
            for arg in _taken(tensor):
                found[arg.slot].add(self.timeline.made_at[node])
        return _in_order(found)

    @cached_property
    def backward(self) -> Reads:
        """By tensor the steps back whose rule uses its value."""
        found = defaultdict(set)
        for step, record in self._rules():
            wanted = [i for i, arg in enumerate(record.args) if getattr(arg, "slot", None) in self.asked]
            for slot in used(self.timeline, record, wanted) if wanted else ():
                found[slot].add(step)
        return _in_order(found)

    def _rules(self) -> Iterator[tuple[int, Record]]:
        """The applications whose rule runs on the way back, with the index of the step."""
        totals = self.timeline.run.gradients.totals
        for record, node, _ in self.timeline.run.gradients.walked:
            step = None if node is None else self.timeline.back_at.get(node)
            if step is not None and record.op.vjp_rule is not None and any(slot in totals for slot in record.slots):
                yield step, record

    @cached_property
    def leaves(self) -> frozenset[int]:
        """The tensors whose gradients are asked for."""
        nodes, owners = self.timeline.run.asked.graph.nodes, self.owners
        return frozenset(
            slot
            for slot in (tensor.slot for tensor in self.timeline.run.tensors.values())
            if owners[slot] in self.kept
            or nodes[owners[slot]].op == "input"
            or (nodes[owners[slot]].op == "parameter" and "freeze" not in nodes[owners[slot]].flags)
        )

    @cached_property
    def asked(self) -> frozenset[int]:
        """The tensors whose gradients are needed for those that are asked for: all that depend on one of these."""
        walked = self.timeline.run.gradients.walked
        found = reached((record for record, _, _ in reversed(walked)), self.leaves)
        return frozenset(slot for slot in found if slot in self.timeline.run.gradients.totals)


def _slots(tensor: Tensor) -> range:
    """The numbers of all outputs of the application that made a tensor."""
    first, count = (tensor.slot, 1) if tensor.results is None else (tensor.results[0], len(tensor.results[1]))
    return range(first, first + count)


def _taken(tensor: Tensor) -> Sequence[Any]:
    return [arg for arg in tensor.args if isinstance(arg, Tensor)]


def _in_order(found: Mapping[int, set[int]]) -> Reads:
    return {slot: tuple(sorted(steps)) for slot, steps in found.items()}
