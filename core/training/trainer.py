"""Training: the graph's settings made into a loop over batches, with events, metrics and checkpoints.

A step of training is one plan: forward, backward and update. It is compiled for the size of a batch, and once
more for the smaller last one. A run is a function of the graph, its values and the seed, so that one that was
killed and goes on from a checkpoint ends with the same bits as one that was not.

On a device the losses are read when an epoch ends, a checkpoint is written or somebody reads `engine.state.output`:
until then no iteration waits for the one before.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import NoneType
from typing import Any

import numpy as np

from ..backends import on_device
from ..errors import RunError, usage_told
from ..graph import Graph
from ..ops import Registry
from ..parameters import refuse_unless
from .averaging import averaged, kept_slots
from .checking import refuse_unfit
from .engine import Engine, Events, Later
from .finiteness import stopping_where_not_finite
from .result import Result
from .resuming import resume
from .rhythm import Place, Rhythm
from .run_data import run_data
from .schedules import Rates, Schedule
from .settings import NOTHING_SAID, Settings, overridden
from .sources import sums_over_batch
from .steps import RATE, TOLD_RATE, Acts, TrainingStep
from .stopping import Course, course, stopping
from .telling import Passed, Telling
from .validating import Validation
from .watching import Onlooker, Watching, wanted
from .writing import RunWriter

Array = np.ndarray[Any, Any]


@usage_told
class Trainer:
    """One training run of a graph. `engine` can be given handlers before `run`. On a device `state` lies there."""

    def __init__(
        self,
        graph: Graph,
        registry: Registry,
        values: Mapping[str, Array],
        folder: Path | None = None,
        settings: Settings = NOTHING_SAID,
    ) -> None:
        _refuse_wrong(graph, registry, values, folder, settings)
        if graph.training is None:
            raise RunError("the graph has no training settings", hint="they name the loss, the optimiser and the batch")
        self.graph, self.registry = graph, registry
        self.training = training = overridden(graph.training, settings)
        self.settings, self.values = settings, values  # the values are those that the run starts from
        self.dtype, self.device = settings.dtype or graph.dtype, settings.device or "cpu"
        self._backend = on_device(self.device)
        self.data = run_data(graph, registry, training, folder, self.dtype).moved(self._backend)
        self.step = TrainingStep(graph, registry, training, self.dtype, settings.mode, self.data.describe, self.device)
        inferred = refuse_unfit(graph, registry, training, self.dtype, self.data.describe, folder)
        self.summed = sums_over_batch(graph, registry, self.step.loss, inferred)
        self.validation = Validation(
            graph, registry, training, self.data, self.dtype, settings.mode, self.summed, self.device
        )
        self.rhythm = Rhythm(self.data.samples, training.batch, training.accumulate)
        self.schedule = Schedule.of(training, self.rhythm, bool(self.data.held_out))
        self.stopping = stopping(training, bool(self.data.held_out))
        self.watching = Watching(self.step)
        self.onlooker: Onlooker | None = None
        size = min(training.batch, self.data.samples) or None  # None: the graph has no batches
        self.state = self._backend.put(self.step.first_state(size, values))  # where it is computed with
        self.best: dict[str, Array] = {}  # the slots of the best epoch, where its values are to be restored
        self.telling = Telling()
        self.history: list[dict[str, Any]] = []
        self.engine = stopping_where_not_finite(self, Engine(self._process))
        if settings.resume is not None:
            resume(self, settings.resume)
        self._begun = self._done = self.engine.state.iteration  # the last iteration that was begun, and ended
        self._rates = Rates()
        self.engine.add_event_handler(Events.EPOCH_COMPLETED, self._epoch_completed)
        self.folder = None if settings.out is None else RunWriter(self, settings.out)

    def run(self) -> Result:
        """Train to the last epoch; after `engine.stop()` go on from where that was, to the same bits. It stops so by
        itself where numbers are no longer finite, which `telling.not_finite` says.

        Raises `GradwireError` for what cannot run, and what was raised on the way, whoever was told of it.
        """
        engine = self.engine
        if self._begun > self._done:
            message = f"iteration {self._begun} was broken off, so the run cannot go on behind it"
            raise RunError(message, hint="a new trainer, which may resume from a checkpoint")
        engine.state.iteration, engine.state.epoch = self._done, len(self.history)
        if self.folder is not None:
            self.folder.start()
        engine.run(self._batches, engine.state.epoch if self._course.ended else self.training.epochs)
        if engine.state.exception is not None:
            raise engine.state.exception
        course, state = self._course, self._backend.fetch(self.state)
        if self.best and not engine.stopped:
            state = self.best
        values = {id: np.array(state[id]) for id in (*self.step.trained, *self.step.assigned)}
        means = {id: np.array(value) for id, value in averaged(state).items()}
        return Result(values, [*self.history], engine.state.iteration, means, course.best or None, course.ended)

    def follow(self, other: Trainer) -> None:
        """Go on, between two iterations, with all that follows from the settings of another of the same data."""
        other.step.hooks = self.step.hooks
        self.graph, self.training = other.graph, other.training
        self.schedule, self.stopping = other.schedule, other.stopping
        self.step, self.watching, self.validation = other.step, other.watching, other.validation
        self.state = {**other.state, **self.state}  # what is trained from now on only begins as there
        self.engine.state.max_epochs = other.training.epochs

    @property
    def iterations_per_epoch(self) -> int:
        return self.rhythm.per_epoch

    @property
    def told(self) -> dict[str, float]:
        """What the last iteration came to beside its loss, by name."""
        return self.telling.told

    def rates(self, place: Place) -> Mapping[float, float]:
        """The learning rates of the iteration that stands there, by those that the settings name."""
        return self._rates.at(self.schedule, [*self.step.rates], place, self.history)

    # One iteration.

    def _process(self, engine: Engine, rows: Array | None) -> float | Later:
        at, wait = engine.state.iteration, self.device == "cpu"
        self._begun, place = at, self.rhythm.at(at)
        share = None if self.summed else place.share
        feeds = self.step.fed(self.data.feeds("train", rows), at, self.rates(place), share)
        size = len(rows) if rows is not None else None
        made = self._run(at, size, feeds, self.step.acts(place))
        rate, groups = float(feeds[RATE]), self.step.group_rates(feeds)
        if self.onlooker is not None:
            self.onlooker.passed(at, {**made, **groups}, rate)
        passed = Passed(at, made, {TOLD_RATE: rate, **groups}, size or 1, place, self.summed)
        given = self.telling.count(passed, wait)
        self._done = at
        return given

    def _run(self, number: int, size: int | None, feeds: Mapping[str, Any], acts: Acts) -> Mapping[str, Any]:
        told = self.folder, self.onlooker
        if self.step.hooks or not wanted(number, *told):
            return self.step.run(size, feeds, self.state, acts)
        return self.watching.show(number, size, feeds, self.state, acts, *told).made

    def _batches(self, epoch: int) -> Iterator[Array | None]:
        """The batches of an epoch that follow the last iteration; within it the mean loss goes on."""
        skipped = self.engine.state.iteration - (epoch - 1) * self.iterations_per_epoch
        if not skipped:
            self.telling.begin_epoch()
        if not self.data.samples:
            return iter([None][skipped:])
        return iter(self.data.order(self.training, epoch, self.settings.overfit_batch)[skipped:])

    # What happens around it.

    def _epoch_completed(self, engine: Engine) -> None:
        row: dict[str, Any] = {"epoch": engine.state.epoch, "iteration": engine.state.iteration}
        row |= {**self.telling.row(self.schedule is not None), **self.validation.row(self.state)}
        self.history.append(row)
        engine.state.metrics = row
        found = self._course
        if self.stopping is not None and self.stopping["restore_best"] and found.best == engine.state.epoch:
            kept = kept_slots((*self.step.trained, *self.step.assigned))
            self.best = self._backend.fetch({slot: value for slot, value in self.state.items() if slot in kept})
        if found.ended:
            engine.finish()
        self.save_checkpoint()

    @property
    def _course(self) -> Course:
        """How far early stopping has come; nothing of it where the settings do not ask for it."""
        if self.stopping is None:
            return Course(0, ended=False)
        return course(self.stopping, [row[self.stopping["metric"]] for row in self.history])

    def save_checkpoint(self) -> Path | None:
        """Write a checkpoint of this moment between two iterations; None where the settings name no folder.

        Raises `FileError` for one that cannot be written.
        """
        return None if self.folder is None else self.folder.save()


def _refuse_wrong(graph: object, registry: object, values: object, folder: object, settings: object) -> None:
    refuse_unless(graph, Graph, "a trainer takes a Graph", hint="session.trainer() makes one")
    refuse_unless(registry, Registry, "a trainer takes a Registry of ops", hint="session.registry")
    refuse_unless(values, Mapping, "a trainer takes arrays by parameter", hint="session.document.values")
    refuse_unless(folder, (Path, NoneType), "the folder of a trainer is a Path or None", hint="session.folder")
    refuse_unless(settings, Settings, "a trainer takes Settings", hint="Settings(epochs=3)")
