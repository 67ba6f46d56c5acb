"""Which iterations of a run are looked at, so that it costs next to nothing, and what is seen."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ..lower import RANDOM_STATE
from ..summary import IterationSummary
from ..training.folder import add_summaries, plain_summary
from ..training.steps import RATE, Acts, TrainingStep
from ..training.watching import Onlooker, Seen, Watching, is_watched
from .snapshots import SnapshotWriter

Array = np.ndarray[Any, Any]
SHARE = 0.015  # of the time of a run
ALLOWANCE = 0.02  # seconds that may be spent at once, as at the start, when every iteration is of interest


class Row(NamedTuple):
    """An iteration: its number, what its step made (on a device it may still be computing), its rate, when it ended."""

    number: int
    made: Mapping[str, Any]
    rate: Any
    time: float


class Watch:
    """Looks at iterations: those that are waited for, and others as time allows. `rows`, and `summaries` as lines of
    JSON, are of those since they were last taken.
    """

    def __init__(self, folder: Path, previews: float) -> None:
        self.previews = previews
        self.asked: int | None = None  # the iteration that somebody waits to see
        self.seen = 0  # the last that was looked at
        self.last_took = 0.0  # seconds of the last iteration
        self.rows: list[Row] = []
        self.summaries: list[str] = []
        self.onlooker: Onlooker | None = None
        self._folder = folder
        self._snapshots = SnapshotWriter(folder)
        self._usual: float | None = None  # seconds of an iteration that is not looked at
        self._since_1970 = time.time() - time.perf_counter()
        self._allowance, self._looked = ALLOWANCE, 0.0

    def due(self, number: int, now: float) -> bool:
        """Whether this iteration, which begins now, is to be looked at."""
        if number == self.asked or (self.onlooker is not None and self.onlooker.wants(number)):
            return True
        if not self.previews:
            return False
        # By what an iteration takes undisturbed: where other programs run as well, time passes that is not the run's.
        self._allowance = min(self._allowance + SHARE * (self._usual or 0.0), ALLOWANCE)
        return self._allowance > 0 and (is_watched(number) or now - self._looked >= 1 / self.previews)

    def looked(self, summary: IterationSummary, seen: Seen, began: float, first: bool) -> None:
        """An iteration was looked at; publish what was seen. What compiling took the `first` time is not counted."""
        self._snapshots.write(summary.number, seen.arrays)
        self.summaries.append(json.dumps(plain_summary(summary)))
        self.seen = summary.number
        if is_watched(summary.number):
            add_summaries(self._folder, [summary])
        self._looked = time.perf_counter()
        if not first:
            self._allowance -= max(self._looked - began - (self._usual or 0.0), 0.0)

    def passed(self, number: int, made: Mapping[str, Any], rate: Any, began: float, usual: bool) -> None:
        """An iteration has ended; a `usual` one was not looked at, and nothing was compiled for it."""
        now = time.perf_counter()
        self.last_took = took = now - began
        self.rows.append(Row(number, made, rate, now + self._since_1970))
        if self.onlooker is not None:
            self.onlooker.passed(number, made, rate)
        if usual:
            self._usual = took if self._usual is None else min(took, 1.01 * self._usual)  # not what others hold up

    def take(self) -> tuple[list[Row], list[str]]:
        """The rows and the summaries since the last time."""
        rows, self.rows = self.rows, []
        summaries, self.summaries = self.summaries, []
        return rows, summaries


class WatchedStep(TrainingStep):
    """The step of a trainer, some of whose iterations are looked at: with the same bits."""

    def __init__(self, step: TrainingStep, watch: Watch) -> None:
        super().__init__(step.graph, step.registry, step.training, step.dtype, step.mode, step.describe, step.device)
        self.watch = watch
        self.watching = Watching(self)
        self._known: set[tuple[bool, int | None, Acts]] = set()  # looked at or not: for what is compiled

    def run(self, size: int | None, feeds: Mapping[str, Any], state: dict[str, Array], acts: Acts) -> Mapping[str, Any]:
        """As the step does."""
        number, began = int(feeds[RANDOM_STATE][1]), time.perf_counter()
        looked = self.watch.due(number, began)
        kind = looked, size, acts
        known = kind in self._known
        if looked:
            seen = self.watching.show(number, size, feeds, state, acts, None, self.watch.onlooker)
            made = seen.made
            self.watch.looked(self.watching.summary(number, seen), seen, began, not known)
        else:
            made = super().run(size, feeds, state, acts)
        told = {**made, **self.group_rates(feeds)} if len(self.rates) > 1 else made
        self.watch.passed(number, told, feeds[RATE], began, known and not looked)
        if not known:
            self._known.add(kind)
        return made
