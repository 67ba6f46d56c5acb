"""Recording iterations of training one after the other, each as a timeline, and keeping them within a budget."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ..eager import ArrayState
from ..evaluating import Asked, Evaluated, Evaluator
from ..feeding import describer
from ..graph import Source
from ..ops import Registry
from ..running import Holding
from ..training.optim import update
from ..training.steps import TrainingStep
from .timeline import Array, Timeline, lay_out

BUDGET = 256_000_000  # bytes of recorded iterations


@dataclass(frozen=True)
class Iteration:
    """One iteration: what was computed, and what every slot of state held before it and holds after it."""

    number: int
    timeline: Timeline
    before: Mapping[str, Array]
    after: Mapping[str, Array]

    @cached_property
    def size(self) -> int:
        """Bytes of the arrays that it alone keeps."""
        run = self.timeline.run
        arrays: dict[int, Any] = {id(tensor.value): tensor.value for tensor in run.tensors.values()}
        arrays |= {id(total): total for total in run.gradients.totals.values()}
        for parts in run.gradients.parts.values():
            arrays |= {id(value): value for _, _, value in parts}
        return sum(np.asarray(array).nbytes for array in arrays.values())


def _size(state: Mapping[str, Array]) -> int:
    return sum(array.nbytes for array in state.values())


class Recorder:
    """Records the iterations of `asked.graph` in training, from the values that are asked for on.

    A graph without training settings has one iteration, without an update. Belongs to the thread that uses it.
    """

    def __init__(self, asked: Asked, registry: Registry, budget: int = BUDGET) -> None:
        self.registry = registry
        self.budget = budget
        training = asked.graph.training
        self.asked = asked._replace(mode="train" if training is not None else "eval")
        self.step: TrainingStep | None = None
        if training is not None:
            describe = describer(asked.folder, asked.dtype)
            self.step = TrainingStep(asked.graph, registry, training, asked.dtype, "eager", describe)
            self._assigned = self.step.assigned
            self._candidates = self.step.trained
        self._kept: dict[int, Iteration] = {}
        self._states: dict[int, Mapping[str, Array]] = {}
        self._last = 0

    @property
    def trains(self) -> bool:
        """Whether iterations follow one another."""
        return self.step is not None

    def recorded(self, number: int) -> bool:
        """Whether this iteration was recorded before, kept or not."""
        return number <= self._last

    def keeps(self, number: int) -> bool:
        """Whether its arrays are still there."""
        return number in self._kept

    def iteration(self, number: int, cancelled: Callable[[], bool] = lambda: False) -> Iteration | None:
        """The iteration `number`, counted from 1, recorded or computed again from the nearest state that is kept.

        None where the work was cancelled.
        """
        if number in self._kept:
            return self._kept[number]
        start = max((known for known in self._states if known <= number), default=1)
        found = None
        for current in range(start, number + 1):
            found = self._record(current, cancelled)
            if found is None:
                return None
        if found is not None:
            self._keep(found)
        return found

    def _record(self, number: int, cancelled: Callable[[], bool]) -> Iteration | None:
        before = self._states.get(number)
        values = dict(self.asked.values)
        if before is not None:
            values |= {slot: array for slot, array in before.items() if slot in self.asked.graph.nodes}
        asked = self.asked._replace(values=values, iteration=number)
        run = Evaluator(self.registry).evaluate(asked, cancelled)
        if run is None:
            return None
        timeline = lay_out(run, self.registry)
        if before is None:
            before = self._first_state(run)
        after = {**before, **self._updates(run, before)}
        self._states[number], self._states[number + 1] = before, after
        self._last = max(self._last, number)
        self._thin()
        return Iteration(number, timeline.with_updates({id: after[id] for id in self._trained(run)}), before, after)

    def _first_state(self, run: Evaluated) -> dict[str, Array]:
        if self.step is None:
            return {}
        size = next((len(tensor.value) for s, tensor in run.tensors.items() if self._is_dataset(s)), None)
        return self.step.first_state(size, self.asked.values)

    def _is_dataset(self, source: Source) -> bool:
        return self.asked.graph.nodes[source.node].op == "dataset"

    def _trained(self, run: Evaluated) -> list[str]:
        """The parameters that the update changes."""
        if self.step is None or run.root != self.step.loss:
            return []
        return [id for id in self._candidates if run.gradient(Source(id, "y")) is not None]

    def _updates(self, run: Evaluated, state: Mapping[str, Array]) -> dict[str, Array]:
        if self.step is None:
            return {}
        graph = self.asked.graph
        updates: dict[str, Any] = {}
        for id in graph.order():
            node = graph.nodes[id]
            written = run.tensors.get(Source(id, "y")) if node.op == "assign" else None
            if written is not None and node.params["target"] in self._assigned:
                updates[str(node.params["target"])] = written.value
        pairs = {id: (run.tensors[Source(id, "y")].value, run.gradient(Source(id, "y"))) for id in self._trained(run)}
        with np.errstate(all="ignore"):
            rate = np.float64(self.step.rate)
            updates |= update(ArrayState(state), pairs, self.step.training.optimiser, rate) if pairs else {}
        return {slot: np.array(value) for slot, value in updates.items()}

    def _thin(self) -> None:
        """Of the states between iterations keep every other one, as often as the budget asks for it."""
        spacing = 1
        while sum(_size(state) for state in self._states.values()) > self.budget and len(self._states) > 2:
            spacing *= 2
            last = max(self._states)
            self._states = {n: state for n, state in self._states.items() if (n - 1) % spacing == 0 or n == last}

    def _keep(self, iteration: Iteration) -> None:
        """Keep it, and of the others as many as the budget holds: those nearest to it."""
        self._kept[iteration.number] = iteration
        near = sorted(self._kept, key=lambda number: abs(number - iteration.number))
        room = self.budget
        for number in near:
            room -= self._kept[number].size
            if room < 0 and number != iteration.number:
                del self._kept[number]


def timeline_of(held: Holding, root: Source | None = None, iteration: int = 1) -> Timeline:
    """One iteration of what a session holds, with the gradients of `root`; it is not kept for the next."""
    found = Recorder(Asked.of(held, root), held.registry).iteration(iteration)
    assert found is not None, "nothing cancels it"
    return found.timeline
