"""Where the iterations of a recording stand in training: their epoch, their share of an update, their learning rate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from ..data import prepare
from ..errors import GradwireError
from ..evaluating import Asked
from ..ops import Registry
from ..training.checking import both_sizes
from ..training.criteria import TRAINED, VALIDATED
from ..training.metrics import MeanLoss
from ..training.rhythm import Place, Rhythm
from ..training.run_data import run_data
from ..training.schedules import Schedule, rates_at
from ..training.sources import sums_over_batch
from ..training.steps import Acts, TrainingStep
from ..training.validating import Validation, counted

Array = np.ndarray[Any, Any]


class Pace:
    """Of the recording of `asked`, whose iterations `step` makes: the very numbers that training has.

    Nothing is read or computed of what the settings do not ask for.
    """

    def __init__(self, asked: Asked, registry: Registry, step: TrainingStep) -> None:
        self.asked, self.registry, self.step, self.training = asked, registry, step, step.training
        self._watched: dict[int, float] = {}  # by epoch the number with which it ended
        self._rates: dict[int, Mapping[float, float]] = {}  # by epoch, where they follow from those numbers
        # Of each iteration, with the size of its batch: a branch may begin within any epoch.
        self._losses: dict[int, tuple[float, int]] = {}
        self._begun: dict[int, MeanLoss] = {}  # by iterations within epochs, the mean of their epoch before them

    def place(self, number: int) -> Place:
        """Where an iteration stands."""
        return self._rhythm.at(number)

    def acts(self, number: int) -> Acts:
        """What it does beside its pass back."""
        return self.step.acts(self.place(number))

    def adds_since(self, number: int) -> int:
        """With which iteration began what stands in the gradients when this one begins: with the first of all, or of
        those that make the update before or this one.
        """
        return self.place(number - 1).first if self.training.zero_gradients and number > 1 else 1

    def share(self, number: int) -> float | None:
        """With what its pass back starts, where several batches make one update; None where it does from 1."""
        return self.place(number).share if self.step.shares and not self._summed else None

    def rates(self, number: int) -> Mapping[float, float]:
        """Its learning rates, by those that the settings name. Where they follow from a metric, the epochs before have
        to be noted.
        """
        schedule, named, place = self._schedule, [*self.step.rates], self.place(number)
        if schedule is None or schedule.watches is None:
            return rates_at(schedule, named, place)
        if place.epoch not in self._rates:  # they are the same throughout an epoch
            watched = [self._watched[epoch] for epoch in range(1, place.epoch) if epoch in self._watched]
            self._rates[place.epoch] = rates_at(schedule, named, place, watched)
        return self._rates[place.epoch]

    def waits(self, number: int) -> str:
        """Why the iteration changes no parameter, though there are gradients; nothing where it does."""
        place = self.place(number)
        if place.updates:
            return ""
        last = place.first + self.training.accumulate - 1
        ends = place.epoch * self._rhythm.per_epoch
        return f"gradients add up until iteration {min(last, ends)}"

    @property
    def watches(self) -> bool:
        """Whether the rate follows from what earlier epochs have come to."""
        return self._schedule is not None and self._schedule.watches is not None

    def begin(self, number: int, history: Sequence[Mapping[str, Any]], loss: Mapping[str, Any]) -> None:
        """A recording that begins with an iteration of a run: the rows of the epochs before, and the mean loss of the
        one that is running.
        """
        watched = None if self._schedule is None else self._schedule.watches
        self._watched.update({row["epoch"]: row[watched] for row in history if watched is not None})
        self._rates.clear()
        self._begun[number] = MeanLoss(**loss)

    def note(self, number: int, loss: float, after: Mapping[str, Array]) -> None:
        """An iteration was recorded: its loss, and the state that it has left."""
        schedule, place = self._schedule, self.place(number)
        if schedule is None or not self.watches:
            return
        first = (place.epoch - 1) * self._rhythm.per_epoch + 1
        size = min(self.training.batch, self._rhythm.samples - (number - first) * self.training.batch)
        self._losses[number] = loss, max(size, 1)
        if place.ends_epoch and place.epoch not in self._watched:
            self._watched[place.epoch] = self._number(str(schedule.watches), range(first, number + 1), after)
            self._rates.clear()

    def _number(self, watched: str, numbers: range, after: Mapping[str, Array]) -> float:
        if watched != TRAINED:
            return self._validation.run(after)[watched.removeprefix(VALIDATED)]
        begun, mean = self._nearest(numbers)
        for number in range(begun, numbers.stop):
            loss, size = self._losses[number]
            mean = counted(mean, loss, size, self._summed)
        return mean.compute()

    def _nearest(self, numbers: range) -> tuple[int, MeanLoss]:
        """From which of these iterations on the losses are known, and the mean before it."""
        known = {number: self._begun[number] for number in numbers if number in self._begun}
        for begun, mean in {**known, numbers.start: MeanLoss()}.items():
            if all(number in self._losses for number in range(begun, numbers.stop)):
                return begun, mean
        raise AssertionError(f"iterations {numbers} were not recorded one after the other")

    def before(self, number: int) -> Pace:
        """Another one, which knows the epochs that have ended before an iteration."""
        made = Pace(self.asked, self.registry, self.step)
        made._watched = {epoch: value for epoch, value in self._watched.items() if epoch < self.place(number).epoch}
        made._begun = {known: mean for known, mean in self._begun.items() if known <= number}
        made._losses = {known: value for known, value in self._losses.items() if known < number}
        return made

    # What the settings ask for, found when it is first needed.

    @cached_property
    def _parts(self) -> tuple[int, int]:
        """How many samples are trained on, and how many are held out; none where the data cannot be read."""
        graph = self.asked.graph
        nodes = [node for node in graph.nodes.values() if node.op == "dataset"]
        training = self.training
        if not nodes or (training.accumulate == 1 and training.schedule is None and training.average is None):
            return 0, 0
        try:
            found = [prepare(node.params, self.asked.folder) for node in nodes]
        except GradwireError:  # told where it is read
            return 0, 0
        return max(len(each.train) for each in found), max(len(each.validation) for each in found)

    @cached_property
    def _rhythm(self) -> Rhythm:
        return Rhythm(self._parts[0], self.training.batch, self.training.accumulate)

    @cached_property
    def _schedule(self) -> Schedule | None:
        return Schedule.of(self.training, self._rhythm, bool(self._parts[1]))

    @cached_property
    def _summed(self) -> bool:
        graph, dtype = self.asked.graph, self.asked.dtype
        inferred = both_sizes(graph, self.registry, self.training, dtype, self.step.describe)
        return sums_over_batch(graph, self.registry, self.step.loss, inferred)

    @cached_property
    def _validation(self) -> Validation:
        graph, asked = self.asked.graph, self.asked
        data = run_data(graph, self.registry, self.training, asked.folder, asked.dtype)
        return Validation(graph, self.registry, self.training, data, asked.dtype, "eager", self._summed)
