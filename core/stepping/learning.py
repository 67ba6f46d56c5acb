"""What training adds to the iterations of a recording: a share of the loss, a state, an update, what is left."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import copy
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np

from ..cancelling import Cancelled
from ..document.written import writers
from ..errors import GradwireError
from ..evaluating import Asked, Evaluated, Root
from ..feeding import describer
from ..graph import Source, Training
from ..infer import SIZES, infer
from ..ops import Registry
from ..tape import Tensor, output
from ..training.steps import TrainingStep
from .keeping import Slots
from .kept_run import KeptRun
from .laying_out import trained
from .leftover import PASSES, Leftover
from .pacing import Pace
from .passing import Passed, Passing
from .timeline import Array, Timeline

HELD = frozenset({"freeze", "detach"})  # flags of parameters that have no gradient of their own


class Learning:
    """Of the recording of `asked`, whose graph is trained by these settings: what its iterations do beside their
    evaluation, with the bits of training.
    """

    def __init__(self, asked: Asked, registry: Registry, training: Training) -> None:
        self.asked, self.registry = asked, registry
        describe = describer(asked.folder, asked.dtype)
        self.step = TrainingStep(asked.graph, registry, training, asked.dtype, "eager", describe)
        self._assigned, self._candidates = self.step.assigned, self.step.trained
        self._pace = Pace(asked, registry, self.step)
        self._leftover = Leftover()

    def starts(self) -> bool:
        """Whether gradients can start at the loss: not at one that is no float."""
        binding, graph, loss = replace(self.step.binding, batch=SIZES[0]), self.asked.graph, self.step.loss
        avals = infer(graph, self.registry, binding, self.step.describe, only=graph.ancestors([loss.node])).avals
        return loss not in avals or avals[loss].floating  # of what has no shape it is told elsewhere why

    @cached_property
    def trains(self) -> bool:
        """Whether iterations follow one another: not where gradients of another value than the loss are asked for."""
        return all(root == Root(self.step.loss) for root in self.asked.roots)

    def begin(self, number: int, origin: KeptRun) -> None:
        """The recording begins with this iteration of a run. Raises `GradwireError`."""
        if self._pace.watches:
            self._pace.begin(number, *origin.progress(number))

    def before(self, number: int) -> Learning:
        """Another one, which knows the iterations before one."""
        made = copy(self)
        made._pace = self._pace.before(number)
        made._leftover = self._leftover.before(number)
        return made

    def needed(self, number: int) -> int:
        """The first iteration to be recorded for the sake of this one: what the last few before it have left in
        gradients is told one by one.
        """
        begun = max(number - PASSES, self._pace.adds_since(number), 1)
        return number if self._leftover.holds(range(begun, number)) else begun

    def passes(self, numbers: range, state: Slots, cancelled: Cancelled) -> Iterator[Passed]:
        """Go through iterations without recording them, the first of which begins with `state`: none of them where they
        cannot be compiled.
        """
        return iter(()) if self._passing is None else self._passing.run(numbers, state, self._pace, cancelled)

    @cached_property
    def _passing(self) -> Passing | None:
        try:
            return Passing(self.asked, self.registry, self.step) if self.trains else None
        except GradwireError:  # what keeps it from training is told where it is trained
            return None

    def roots(self, number: int) -> tuple[Root, ...]:
        """Those of an iteration: the loss starts from its share where several batches make one update."""
        share = self._pace.share(number) if self.trains else None
        return self.asked.roots if share is None else (Root(self.step.loss, share),)

    def first_state(self, run: Evaluated) -> dict[str, Array]:
        """What each slot holds before the first iteration."""
        nodes = self.asked.graph.nodes
        size = next((len(tensor.value) for s, tensor in run.tensors.items() if nodes[s.node].op == "dataset"), None)
        return self.step.first_state(size, self.asked.values)

    def updates(self, run: Evaluated, state: Slots, number: int) -> dict[str, Array]:
        """What an iteration that began with `state` puts into it."""
        if not self.trains:
            return {}
        graph = self.asked.graph
        updates: dict[str, Any] = {}
        for target, source in writers(graph, self.registry, graph.order()).items():
            written = self._written(run, source) if target in self._assigned else None
            if written is not None:
                updates[target] = written.value
        sources = [Source(id, "y") for id in self._trained(run)]
        pairs = {s.node: (run.tensors[s].value, np.asarray(run.gradient(s))) for s in sources}
        with np.errstate(all="ignore"):
            rates = {lr: np.float64(rate) for lr, rate in self._pace.rates(number).items()}
            return self.step.committed(state, pairs, updates, rates, self._pace.acts(number))[0]

    def told(
        self, timeline: Timeline, before: Slots, after: Slots, states: Mapping[int, Slots], loss_before: float | None
    ) -> Timeline:
        """The timeline with what its iteration finds in the gradients of parameters, and what it makes of them.

        `states` are those that are still known; `loss_before` is of the iteration before, None where it is not known.
        """
        if not self.trains or not timeline.starts:
            return timeline
        ids, pace, number = self._trained(timeline.run), self._pace, timeline.run.asked.iteration
        begun = pace.adds_since(number)
        left = {id: self._leftover.of(id, begun, number, states, before) for id in ids} if number > 1 else {}
        self._leftover.note(number, {id: np.asarray(timeline.run.gradient(Source(id, "y"))) for id in ids})
        pace.note(number, timeline.loss, after)
        updated = {id: after.get(id, value) for id, value in _parameters(timeline.run).items()}
        asking = [id for id in updated if not self.asked.graph.nodes[id].flags & HELD] or list(updated)
        zeroed = asking if pace.acts(number).fresh else ()
        return trained(timeline, updated, left, loss_before, zeroed, pace.rates(number), pace.waits(number))

    def _trained(self, run: Evaluated) -> list[str]:
        """The parameters that the update changes."""
        return [id for id in self._candidates if run.gradient(Source(id, "y")) is not None]

    def _written(self, run: Evaluated, source: Source) -> Tensor | None:
        """The value of an output, which may be hidden; None where its node has none."""
        op = self.registry[run.asked.graph.nodes[source.node].op]
        shown = run.tensors.get(Source(source.node, op.outputs[op.visible[0]].name))
        return shown if shown is None or op.has_output(source.output) else output(shown, op, source.output)


def _parameters(run: Evaluated) -> dict[str, Array]:
    """The values of all parameters, whether the loss depends on them or not."""
    graph = run.asked.graph
    values = {id: run.value(Source(id, "y")) for id in graph.order() if graph.nodes[id].op == "parameter"}
    return {id: value for id, value in values.items() if value is not None}
