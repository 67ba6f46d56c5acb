"""Recording iterations of training one after the other, each as a timeline, and keeping them within a budget."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from numbers import Integral
from typing import Any

import numpy as np

from ..cancelling import Cancelled, never
from ..errors import RunError
from ..evaluating import Asked, Evaluator, Root
from ..feeding import iterations_per_epoch
from ..graph import Source
from ..infer import KnownShapes
from ..ops import Registry
from ..parameters import shown
from ..program import resolve
from ..running import Holding
from ..summary import IterationSummary, Key
from ..training.steps import TrainingStep
from .keeping import Keeping, Shelf, Slots
from .kept_run import KeptRun
from .laying_out import lay_out
from .learning import Learning
from .storage import arrays_of, storage
from .summaries import Summaries
from .timeline import Array, Timeline

BUDGET = 256_000_000  # bytes of recorded iterations
Passed = tuple[int, float | None]  # the iteration that was come to, and the loss of the one before it
Told = Callable[[int], None]  # told the number of each iteration that was gone through
FAR = 100_000  # iterations that are gone through for the sake of one, where training itself is not as long
TRIED = 0.5  # seconds in which it is found how long iterations take
WORTHWHILE = 4  # iterations to pass by, from which on compiling them takes less time than recording them


def untold(number: int) -> None:
    """Nobody asks how far it has come."""


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

    @cached_property
    def summary(self) -> IterationSummary:
        """A few numbers of each value, gradient and update, for when the arrays are gone."""
        run = self.timeline.run
        arrays: dict[Key, Any] = {("value", source): tensor.value for source, tensor in run.tensors.items()}
        for source in run.tensors:
            if (gradient := run.gradient(source)) is not None:
                whole = self.timeline.added_up(source.node) if source.node in self.timeline.updated else None
                arrays["gradient", source] = gradient if whole is None else whole
        for id, after in self.timeline.updated.items():
            arrays["update", Source(id, "y")] = after - run.tensors[Source(id, "y")].value
        return IterationSummary.of(self.number, self.timeline.loss, arrays)

    @property
    def size(self) -> int:
        """Bytes of what it holds beside its states, which the iterations before and after it hold as well."""
        states = {id(array) for array in storage((*self.before.values(), *self.after.values()))}
        return sum(array.nbytes for array in self.storage if id(array) not in states)


Put = Mapping[int, Mapping[Source, Array]]  # by the number of the iteration


class Recorder:
    """Records the iterations of `asked.graph` in training, from the values that are asked for on.

    A graph that says of no training, or whose loss is no float, has one iteration. Belongs to the thread that uses it.
    """

    def __init__(
        self,
        asked: Asked,
        registry: Registry,
        budget: int = BUDGET,
        put: Put | None = None,
        origin: KeptRun | None = None,
    ) -> None:
        """`put` are values that stand, in an iteration, in the place of what nodes give. `origin` is the run whose
        iterations these are; without one they go on from the values that are asked for.
        """
        self.registry, self.put, self.origin = registry, put or {}, origin
        training = asked.graph.training
        self.asked = asked._replace(mode="train" if training is not None else "eval")
        learning = None if training is None else Learning(self.asked, registry, training)
        self._learning = learning if learning is not None and learning.starts() else None
        self._shapes = KnownShapes()
        self.budget = budget
        self.shelf: Shelf[Iteration] = Keeping[Iteration](budget).shelf(self._summarise)
        known = {} if origin is None else {summary.number: summary for summary in origin.summaries}
        self._summaries = Summaries(budget, known)

    @property
    def step(self) -> TrainingStep | None:
        """What makes the iterations, None where nothing is trained."""
        return None if self._learning is None else self._learning.step

    @property
    def trains(self) -> bool:
        """Whether iterations follow one another: not where gradients of another value than the loss are asked for."""
        return self._learning is not None and self._learning.trains

    def keeps(self, number: int) -> bool:
        """Whether its arrays are still there."""
        return number in self.shelf.iterations

    def iteration(self, number: int, cancelled: Cancelled = never, told: Told = untold) -> Iteration | None:
        """The iteration `number`, counted from 1, recorded or computed again from the nearest state that is kept.

        `told` is told of each on the way. None where the work was cancelled.
        """
        kept = self.shelf.find(number)
        if kept is not None:
            return kept
        current, found = self._start(number), None
        loss = self._loss(current - 1)
        while current <= number:
            current, loss = self._pass_by(current, number, loss, cancelled, told)
            found = None if cancelled() else self._record(current, loss, cancelled)
            if found is None:
                return None
            loss = found.timeline.loss
            told(current)
            if current < number:
                self._summarise(found)  # recorded for the sake of what it has left
            current += 1
        if found is not None:
            self.shelf.keep(found)
        return found

    def _pass_by(self, current: int, number: int, loss: float | None, cancelled: Cancelled, told: Told) -> Passed:
        """Go on from an iteration to the first that has to be recorded for the sake of `number`: which one that is, and
        the loss of the one before it.
        """
        learning, state = self._learning, self.shelf.states.get(current)
        if learning is None or state is None:
            return current, loss
        end = min([put for put in self.put if put >= current] + [self._needed(number)])
        if end - current < WORTHWHILE:
            return current, loss
        for passed in learning.passes(range(current, end), state, cancelled):
            loss = passed.loss
            if passed.after is not None:
                self.shelf.begin_at(passed.number + 1, passed.after)
            if passed.summary is not None and passed.number not in self._summaries:
                self._summaries.add(passed.summary)
            told(passed.number)
            current = passed.number + 1
        return current, loss

    def _start(self, number: int) -> int:
        """From which iteration on to record for the sake of this one: the nearest whose state is known."""
        earliest = 1 if self.origin is None else self.origin.first
        first = max(self._needed(number), min(earliest, number))
        start = max((known for known in self.shelf.states if known <= first), default=1)
        given = 0 if self.origin is None else self.origin.nearest(min([first, *self.put]))  # it knows of nothing put in
        if self.origin is not None and (given > start or start not in self.shelf.states):
            self.shelf.begin_at(given, self.origin.state(given))
            if self._learning is not None:
                self._learning.begin(given, self.origin)
            return given
        return start

    def _needed(self, number: int) -> int:
        """The first iteration that has to be recorded for the sake of this one."""
        if self._learning is None:
            return number
        known = self._loss(number - 1) is not None
        return min(self._learning.needed(number), number if known else max(number - 1, 1))

    def _loss(self, number: int) -> float | None:
        """What an iteration made small, None where that is not known."""
        kept = self.shelf.iterations.get(number)
        return self._summaries.objective(number) if kept is None else kept.timeline.loss

    def _record(self, number: int, loss_before: float | None, cancelled: Cancelled) -> Iteration | None:
        before, learning = self.shelf.states.get(number), self._learning
        asked, held = _with(self.asked, before or {}, self.put.get(number, {}))
        roots = asked.roots if learning is None else learning.roots(number)
        run = Evaluator(self.registry, self._shapes).evaluate(asked._replace(iteration=number, roots=roots), cancelled)
        if run is None:
            return None
        timeline = lay_out(run, self.registry)
        if before is None:
            before = {} if learning is None else learning.first_state(run)
        before = {**before, **{id: np.array(array) for id, array in held.items()}}
        after = before if learning is None else {**before, **learning.updates(run, before, number)}
        self.shelf.pass_by(number, before, after)
        if learning is not None:
            timeline = learning.told(timeline, before, after, self.shelf.states, loss_before)
        return Iteration(number, timeline, before, after, self.trains)

    def _summarise(self, iteration: Iteration) -> None:
        if iteration.number not in self._summaries:
            self._summaries.add(iteration.summary)

    def summaries(self) -> tuple[IterationSummary, ...]:
        """Of all iterations that were recorded, in order; of very many that are gone only every so many-th."""
        return self._summaries.merged({number: kept.summary for number, kept in self.shelf.iterations.items()})

    def branch(self, put: Put, number: int) -> Recorder:
        """Another one, of the same graph and within the same budget: up to the iteration `number` it begins with what
        is known here.
        """
        made = Recorder(self.asked, self.registry, self.budget, put, self.origin)
        made.shelf = self.shelf.beside(number, made._summarise)
        made._summaries = Summaries(self.budget, self._summaries.before(number))
        for known, kept in self.shelf.iterations.items():
            if known < number:
                made._summarise(kept)
        if self._learning is not None:
            made._learning = self._learning.before(number)
        return made


def _with(asked: Asked, state: Slots, put: Mapping[Source, Array]) -> tuple[Asked, Mapping[str, Array]]:
    """What is asked of an iteration that begins with `state` and in which values are `put`; and those of them that are
    put into parameters, by id: these are trained from there on.
    """
    nodes = asked.graph.nodes
    held = {source.node: array for source, array in put.items() if nodes[source.node].op == "parameter"}
    values = {**asked.values, **{slot: array for slot, array in state.items() if slot in nodes}, **held}
    put = {source: array for source, array in put.items() if source.node not in held}
    return asked._replace(values=values, put=put), held


def timeline_of(
    held: Holding,
    roots: Sequence[Root | Source | str] = (),
    iteration: int = 1,
    origin: KeptRun | None = None,
    told: Told = untold,
) -> Timeline:
    """One iteration of what a session holds, or of the run `origin` of it, with the gradients of `roots`; it is not
    kept for the next. Raises `RunError` for what is no number of an iteration, and for one that is `FAR` away.
    """
    number: Any = iteration
    if isinstance(number, bool) or not isinstance(number, Integral) or int(number) < 1:
        raise RunError(f"an iteration is a whole number from 1 on, got {shown(number)}", hint="iteration=1")
    iteration = int(number)
    for root in roots:
        if not isinstance(root, str | Root | Source):
            raise RunError(f"a root is a Root, a Source or a text, got {shown(root)}", hint='as in "loss"')
        if isinstance(root, Source | Root):
            source = root if isinstance(root, Source) else root.source
            if source.node not in held.graph.nodes:
                raise RunError(f"a root is a value of the graph, got {shown(tuple(source))}", hint='as in "loss"')
    sources = [resolve(held.graph, held.registry, root) if isinstance(root, str) else root for root in roots]
    recorder = Recorder(Asked.of(held, *sources), held.registry, origin=origin)
    _refuse_far(recorder, iteration, held)
    found = recorder.iteration(iteration, told=told)
    assert found is not None, "nothing cancels it"
    return found.timeline


def _refuse_far(recorder: Recorder, number: int, held: Holding) -> None:
    """Raise `RunError`, which says what it would cost, for an iteration that nobody means to wait for."""
    origin, training = recorder.origin, held.graph.training
    if not recorder.trains or training is None:
        return
    count = number - (1 if origin is None else origin.nearest(number))
    allowed = max(FAR, training.epochs * iterations_per_epoch(held.graph, held.folder))
    if count <= allowed:
        return
    seconds = _seconds_each(recorder, number) * count
    amount, unit = next((seconds / size, name) for size, name in _UNITS if seconds >= size or size == 1)
    raise RunError(
        f"at most {allowed:,} iterations are gone through for the sake of one, got {shown(number)}, which would take"
        f" some {amount:,.0f} {unit}",
        hint="iteration: a smaller number, or run: the folder of a run with a checkpoint near it",
    )


_UNITS = ((31_557_600, "years"), (86_400, "days"), (3600, "hours"), (60, "minutes"), (1, "seconds"))


def _seconds_each(recorder: Recorder, number: int) -> float:
    """How long an iteration takes on the way to this one, by those that are gone through in a moment."""
    told: list[float] = []
    begun = time.perf_counter()
    recorder.iteration(
        number,
        lambda: bool(told) and time.perf_counter() - begun > TRIED,
        lambda _: told.append(time.perf_counter()),
    )
    return (told[-1] - begun) / len(told) if len(told) < 2 else (told[-1] - told[0]) / (len(told) - 1)
