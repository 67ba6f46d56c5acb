"""Recording iterations of training one after the other, each as a timeline, and keeping them within a budget."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ..cancelling import Cancelled, never
from ..evaluating import Asked, Evaluated, Evaluator, Root
from ..feeding import describer
from ..graph import Source
from ..ops import Registry
from ..running import Holding
from ..training.optim import kept_slot
from ..training.steps import TrainingStep
from .keeping import Keeping, Shelf
from .laying_out import lay_out
from .storage import arrays_of, storage
from .timeline import Array, Pass, Timeline

BUDGET = 256_000_000  # bytes of recorded iterations
HELD = frozenset({"freeze", "detach"})  # flags of parameters that have no gradient of their own
PASSES = 6  # iterations whose gradients are told one by one where they add up


@dataclass(frozen=True)
class Iteration:
    """One iteration: what was computed, and what every slot of state held before it and holds after it.

    `trains`: another one follows.
    """

    number: int
    timeline: Timeline
    before: Mapping[str, Array]
    after: Mapping[str, Array]
    trains: bool = False

    @cached_property
    def storage(self) -> tuple[Array, ...]:
        """The memory in which all lies that it holds, its states included."""
        return storage((*arrays_of(self.timeline), *self.before.values(), *self.after.values()))

    @property
    def size(self) -> int:
        """Bytes of what it holds beside its states, which the iterations before and after it hold as well."""
        states = {id(array) for array in storage((*self.before.values(), *self.after.values()))}
        return sum(array.nbytes for array in self.storage if id(array) not in states)


Put = Mapping[int, Mapping[Source, Array]]  # by the number of the iteration


class Recorder:
    """Records the iterations of `asked.graph` in training, from the values that are asked for on.

    A graph without training settings has one iteration, without an update. Belongs to the thread that uses it.
    """

    def __init__(self, asked: Asked, registry: Registry, budget: int = BUDGET, put: Put | None = None) -> None:
        """`put` are values that stand, in an iteration, in the place of what nodes give."""
        self.registry = registry
        self.put = put or {}
        training = asked.graph.training
        self.asked = asked._replace(mode="train" if training is not None else "eval")
        self.step: TrainingStep | None = None
        if training is not None:
            describe = describer(asked.folder, asked.dtype)
            self.step = TrainingStep(asked.graph, registry, training, asked.dtype, "eager", describe)
            self._assigned = self.step.assigned
            self._candidates = self.step.trained
        self.keeping: Shelf[Iteration] = Keeping[Iteration](budget).shelf()
        self._gradients: dict[int, Mapping[str, Array]] = {}  # of parameters, of the last few iterations
        self._losses: dict[int, float] = {}

    @property
    def trains(self) -> bool:
        """Whether iterations follow one another: not where gradients of another value than the loss are asked for."""
        return self.step is not None and all(root == Root(self.step.loss) for root in self.asked.roots)

    def keeps(self, number: int) -> bool:
        """Whether its arrays are still there."""
        return number in self.keeping.iterations

    def iteration(self, number: int, cancelled: Cancelled = never) -> Iteration | None:
        """The iteration `number`, counted from 1, recorded or computed again from the nearest state that is kept.

        None where the work was cancelled.
        """
        kept = self.keeping.find(number)
        if kept is not None:
            return kept
        # With the iteration before, where it is not known what that has left in gradients.
        first = number if number == 1 or number - 1 in self._gradients else number - 1
        start = max((known for known in self.keeping.states if known <= first), default=1)
        found = None
        for current in range(start, number + 1):
            found = self._record(current, cancelled)
            if found is None:
                return None
        if found is not None:
            self.keeping.keep(found)
        return found

    def _record(self, number: int, cancelled: Cancelled) -> Iteration | None:
        before = self.keeping.states.get(number)
        values = dict(self.asked.values)
        if before is not None:
            values |= {slot: array for slot, array in before.items() if slot in self.asked.graph.nodes}
        put = self.put.get(number, {})
        held = {s.node: array for s, array in put.items() if self.asked.graph.nodes[s.node].op == "parameter"}
        values |= held  # what is put into a parameter is trained from there on
        put = {source: array for source, array in put.items() if source.node not in held}
        asked = self.asked._replace(values=values, iteration=number, put=put)
        run = Evaluator(self.registry).evaluate(asked, cancelled)
        if run is None:
            return None
        timeline = lay_out(run, self.registry)
        if before is None:
            before = self._first_state(run)
        before = {**before, **{id: np.array(array) for id, array in held.items()}}
        after = {**before, **self._updates(run, before)}
        self.keeping.pass_by(number, before, after)
        return Iteration(number, self._trained_by(timeline, number, before, after), before, after, self.trains)

    def _trained_by(
        self, timeline: Timeline, number: int, before: Mapping[str, Array], after: Mapping[str, Array]
    ) -> Timeline:
        """The timeline with what this iteration finds in the gradients of parameters, and what it makes of them."""
        training, ids = self.asked.graph.training, self._trained(timeline.run)
        if training is None or not self.trains or not timeline.starts:
            return timeline
        left = {id: self._left(id, number, before) for id in ids} if number > 1 else {}
        own = {id: np.asarray(timeline.run.gradient(Source(id, "y"))) for id in ids}
        self._gradients[number] = own
        for old in [known for known in self._gradients if known <= number - PASSES]:
            del self._gradients[old]
        self._losses[number] = timeline.run.objective()
        loss_before = self._losses.get(number - 1)
        updated = {id: after.get(id, value) for id, value in _parameters(timeline.run).items()}
        asking = [id for id in updated if not self.asked.graph.nodes[id].flags & HELD] or list(updated)
        return timeline.trained(updated, left, loss_before, asking if training.zero_gradients else ())

    def _left(self, id: str, number: int, before: Mapping[str, Array]) -> tuple[Pass, ...]:
        """What the iterations before `number` have left in the gradient of a parameter: the last few one by one."""
        training = self.asked.graph.training
        assert training is not None
        known: list[Pass] = []
        while (last := number - 1 - len(known)) and last in self._gradients and id in self._gradients[last]:
            known.insert(0, Pass(last, last, self._gradients[last][id]))
        if training.zero_gradients:
            return tuple(known[-1:])
        if len(known) < number - 1:  # what older ones add up to: what there was before the first that is known
            first = number - len(known)
            slot = kept_slot(id)
            state = self.keeping.states.get(first)
            if state is None or slot not in state:
                return (Pass(1, number - 1, before[slot]),)
            known.insert(0, Pass(1, first - 1, state[slot]))
        return tuple(known)

    def _first_state(self, run: Evaluated) -> dict[str, Array]:
        if self.step is None:
            return {}
        size = next((len(tensor.value) for s, tensor in run.tensors.items() if self._is_dataset(s)), None)
        return self.step.first_state(size, self.asked.values)

    def _is_dataset(self, source: Source) -> bool:
        return self.asked.graph.nodes[source.node].op == "dataset"

    def _trained(self, run: Evaluated) -> list[str]:
        """The parameters that the update changes."""
        if self.step is None or not self.trains:
            return []
        return [id for id in self._candidates if run.gradient(Source(id, "y")) is not None]

    def _updates(self, run: Evaluated, state: Mapping[str, Array]) -> dict[str, Array]:
        if self.step is None or not self.trains:
            return {}
        graph = self.asked.graph
        updates: dict[str, Any] = {}
        for id in graph.order():
            node = graph.nodes[id]
            written = run.tensors.get(Source(id, "y")) if node.op == "assign" else None
            if written is not None and node.params["target"] in self._assigned:
                updates[str(node.params["target"])] = written.value
        sources = [Source(id, "y") for id in self._trained(run)]
        pairs = {s.node: (run.tensors[s].value, np.asarray(run.gradient(s))) for s in sources}
        with np.errstate(all="ignore"):
            return self.step.committed(state, pairs, updates, np.float64(self.step.rate))

    def branch(self, put: Put, number: int) -> Recorder:
        """Another one, of the same graph and within the same budget: up to the iteration `number` it begins with what
        is known here.
        """
        made = Recorder(self.asked, self.registry, put=put)
        made.keeping = self.keeping.beside(number)
        made._gradients = {known: found for known, found in self._gradients.items() if known < number}
        made._losses = {known: loss for known, loss in self._losses.items() if known < number}
        return made


def _parameters(run: Evaluated) -> dict[str, Array]:
    """The values of all parameters, whether the loss depends on them or not."""
    graph = run.asked.graph
    values = {id: run.value(Source(id, "y")) for id in graph.order() if graph.nodes[id].op == "parameter"}
    return {id: value for id, value in values.items() if value is not None}


def timeline_of(held: Holding, roots: Sequence[Root | Source] = (), iteration: int = 1) -> Timeline:
    """One iteration of what a session holds, with the gradients of `roots`; it is not kept for the next."""
    found = Recorder(Asked.of(held, *roots), held.registry).iteration(iteration)
    assert found is not None, "nothing cancels it"
    return found.timeline
