"""Training: the graph's settings made into a loop over batches, with events, metrics and checkpoints.

A step of training is one plan: forward, backward and update. It is compiled for the size of a batch, and once
more for the smaller last one. A run is a function of the graph, its values and the seed, so that one that was
killed and goes on from a checkpoint ends with the same bits as one that was not.

On a device the losses are read when an epoch ends, a checkpoint is written or somebody reads `engine.state.output`:
until then no iteration waits for the one before.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ..backends import on_device
from ..data import batches
from ..errors import RunError
from ..feeding import random_state
from ..graph import Graph
from ..lower import RANDOM_STATE
from ..ops import Registry
from . import checkpoint
from .averaging import averaged, kept_slots
from .checking import refuse_unfit
from .engine import Engine, Events, Later
from .folder import CHECKPOINTS, add_summaries
from .result import Result
from .resuming import resume, write
from .rhythm import Place, Rhythm
from .run_data import run_data
from .schedules import Schedule
from .settings import NOTHING_SAID, Settings, overridden
from .sources import sums_over_batch
from .steps import RATE, SHARE, Acts, TrainingStep
from .stopping import Course, course, stopping
from .telling import Telling
from .validating import Validation
from .watching import Watching, is_watched

Array = np.ndarray[Any, Any]
CHECKPOINT_SECONDS = 2.0


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
        size = min(training.batch, self.data.samples) or None  # None: the graph has no batches
        self.state = self._backend.put(self.step.first_state(size, values))  # where it is computed with
        self.best: dict[str, Array] = {}  # the slots of the best epoch, where its values are to be restored
        self.telling = Telling()
        self.history: list[dict[str, Any]] = []
        self.engine = Engine(self._process)
        self._saved_at, self._resume_at = time.monotonic(), 0
        if settings.resume is not None:
            self._resume_at = resume(self, settings.resume)
        self.engine.add_event_handler(Events.EPOCH_COMPLETED, self._epoch_completed)
        self.engine.add_event_handler(Events.ITERATION_COMPLETED, self._maybe_save)

    def run(self) -> Result:
        """Train to the last epoch.

        Raises `GradwireError` for what cannot run; then the values are as they were.
        """
        if self.settings.out is not None:
            checkpoint.make_folder(self.settings.out / CHECKPOINTS)
        engine = self.engine
        if not engine.state.iteration:
            self.save_checkpoint()  # from which the first iterations can be gone through again
        engine.run(self._batches, engine.state.epoch if self._course.ended else self.training.epochs)
        course, state = self._course, self._backend.fetch(self.state)
        if self.best and not engine.stopped:
            state = self.best
        values = {id: np.array(state[id]) for id in (*self.step.trained, *self.step.assigned)}
        means = {id: np.array(value) for id, value in averaged(state).items()}
        return Result(values, self.history, engine.state.iteration, means, course.best or None, course.ended)

    @property
    def iterations_per_epoch(self) -> int:
        return self.rhythm.per_epoch

    @property
    def told(self) -> dict[str, float]:
        """What the last iteration came to beside its loss, by name."""
        return self.telling.told

    def rate(self, place: Place) -> float:
        """The learning rate of the iteration that stands there."""
        if self.schedule is None:
            return self.step.rate
        watched = [row[self.schedule.watches] for row in self.history] if self.schedule.watches else ()
        return self.schedule.rate(self.step.rate, place, watched)

    # One iteration.

    def _process(self, engine: Engine, rows: Array | None) -> float | Later:
        place = self.rhythm.at(engine.state.iteration)
        feeds = self.data.feeds("train", rows)
        feeds[RANDOM_STATE] = random_state(self.training.seed, engine.state.iteration)
        feeds[RATE] = np.float64(self.rate(place))
        if self.step.shares:
            feeds[SHARE] = np.float64(1.0 if self.summed else place.share)
        size = len(rows) if rows is not None else None
        at, wait = engine.state.iteration, self.device == "cpu"
        made = self._run(at, size, feeds, Acts.at(self.training, place))
        return self.telling.count(at, made, float(feeds[RATE]), size or 1, place, self.summed, wait)

    def _run(self, number: int, size: int | None, feeds: Mapping[str, Any], acts: Acts) -> Mapping[str, Any]:
        """One iteration; of some of them the folder of the run keeps a summary."""
        if self.settings.out is None or self.step.hooks or not is_watched(number):
            return self.step.run(size, feeds, self.state, acts)
        made, summary = self.watching.run(size, feeds, self.state, acts, number)
        add_summaries(self.settings.out, [summary])
        return made

    def _batches(self, epoch: int) -> Iterator[Array | None]:
        """The batches of an epoch, of a resumed one those that are left; its mean loss then goes on."""
        skipped, self._resume_at = self._resume_at, 0
        if not skipped:
            self.telling.begin_epoch()
        if not self.data.samples:
            return iter([None][skipped:])
        order = batches(self.data.samples, self.training.batch, self.training.seed, epoch)
        return iter(order[skipped:])

    # What happens around it.

    def _epoch_completed(self, engine: Engine) -> None:
        row: dict[str, Any] = {"epoch": engine.state.epoch, "iteration": engine.state.iteration}
        row.update(self.telling.row(self.schedule is not None))
        if self.data.held_out:
            row.update({f"validation_{name}": v for name, v in self.validation.run(self.state).items()})
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

    # Checkpoints.

    def _maybe_save(self, engine: Engine) -> None:
        if time.monotonic() - self._saved_at >= CHECKPOINT_SECONDS:
            self.save_checkpoint()

    def save_checkpoint(self) -> Path | None:
        """Write a checkpoint of this moment between two iterations; None where the settings name no folder.

        Raises `FileError` for one that cannot be written.
        """
        if self.settings.out is None:
            return None
        path = self.settings.out / CHECKPOINTS / f"{self.engine.state.iteration}{checkpoint.SUFFIX}"
        write(self, path)
        checkpoint.thin(path.parent)
        self._saved_at = time.monotonic()
        return path
