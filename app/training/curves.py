"""The numbers of a run as plots take them: its columns on the disk with their places, and what summaries tell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ...core.graph import Graph, Source
from ...core.ops import installed
from ...core.runs.changing import Change, changed
from ...core.runs.happening import CHANGED, REFUSED, Happened, Iterations
from ...core.runs.rests import RESTING, Rests
from ...core.training.criteria import watchable
from ..plots.data import Column, Looked, Mark, Reference, Region, Ribbon, Steps
from .marks import mark_of
from .noticed import Noticed
from .spreads import Spreads

if TYPE_CHECKING:
    from ...core.runs import Columns, Run
    from ...core.summary import IterationSummary

Array = np.ndarray[Any, Any]
BLOCK = 1 << 16  # rows by which the places of iterations grow
DENSE = 256  # iterations of which each is shown, and as many whenever there are e times as many
GRADIENT, RATIO = "gradient_norm", "update_ratio"
_UNTOLD = ("epoch", "iteration", "time", "learning_rate", "train_loss")  # of epochs: iterations tell the last two


class RunCurves:
    """What a page of plots shows of one run, one that is going on as well. `take` is given what the run tells."""

    def __init__(self, run: Run, references: Mapping[str, tuple[Reference, ...]]) -> None:
        self.run, self.references = run, references
        self._changes = run.record.changes()
        self._graphs: dict[int, Graph] = {}  # by how many changes were made before
        self.marks: list[Mark] = [mark_of(run.graph, change) for change in self._changes]
        self._places = _Places(run.curves, Rests(run.record.events(*RESTING), run.curves.get("time")))
        self._parameters, self._spreads = _Parameters(run), Spreads(run.graph, installed())
        self._last = 0  # of the summaries that are kept
        self.newest: Looked | None = None  # what is predicted by now
        self.stepped: Looked | None = None  # with the values of the iteration that is stepped through
        newest = run.record.newest()
        behind = 0 if newest is None else newest[0]
        self.noticed = Noticed.of(run.record, behind, run.ended) if behind else Noticed()
        kept = run.record.checkpoints.summaries if behind else ()
        self._keep(summary for summary in kept if summary.number <= behind)

    def take(self, event: Happened | Iterations) -> None:
        """More has happened."""
        self.noticed.take(event)
        if isinstance(event, Iterations):
            self._keep(event.summaries)
        elif event.name in RESTING:
            self._places.rest(event)
        elif event.name in (CHANGED, REFUSED) and "settings" in event.told:
            change = Change(event.iteration, event.told["settings"])
            if event.name == CHANGED and change not in self._changes:
                self._changes.append(change)
            elif event.name == REFUSED and change in self._changes:
                self._changes.remove(change)
                self._graphs.clear()
            self.marks = [mark_of(self.run.graph, each) for each in self._changes]

    def graph_of(self, iteration: int) -> Graph:
        """The graph of an iteration with its settings as they were: the very same for all between two changes."""
        before = [change for change in self._changes if change.iteration < iteration]
        if len(before) not in self._graphs:
            graph = self.run.record.loaded.graph
            for change in before:
                graph = changed(graph, change.settings)
            self._graphs[len(before)] = graph
        return self._graphs[len(before)]

    def since(self, iteration: int) -> int:
        """The first iteration with the settings that one has."""
        return 1 + max((change.iteration for change in self._changes if change.iteration < iteration), default=0)

    def is_as_now(self, iteration: int) -> bool:
        """Whether nothing was changed since an iteration."""
        return all(change.iteration < iteration for change in self._changes)

    def _keep(self, summaries: Iterable[IterationSummary]) -> None:
        """Take ever fewer the longer a run goes, so that a million iterations leave some 2,500."""
        for summary in summaries:
            if summary.number - self._last >= max(summary.number / DENSE, 1):
                self._last = summary.number
                self._parameters.take(summary)
                self._spreads.take(summary)

    @property
    def looked(self) -> Looked | None:
        """What is predicted by the iteration that is stepped through, else by now."""
        return self.stepped or self.newest

    @property
    def regions(self) -> Sequence[Region]:
        """From where on something was wrong."""
        return self.noticed.regions()

    @property
    def columns(self) -> Mapping[str, Column]:
        """By name, as long as they are by now."""
        at = self._at
        if at is None:
            return {}
        epochs = self.run.epochs
        found = dict(_of_epochs(epochs, self._places, self.run.facts["samples"])) if epochs.rows else self._to_come
        found |= {name: Column(values, at) for name, values in self.run.curves.items() if name != "time"}
        return found | dict(self._parameters.columns(at))

    @property
    def _to_come(self) -> dict[str, Column]:
        """What will be told when the first epoch ends, without numbers: its plots have their places from the start."""
        training = self.run.graph.training
        if training is None or not self.run.facts.get("validation_samples"):
            return {}
        nowhere = Steps(np.zeros(0, np.int32), np.zeros(0), np.zeros(0), np.zeros(0))
        return {name: Column(np.zeros(0), nowhere) for name in watchable(training) if name not in _UNTOLD}

    @property
    def ribbons(self) -> Mapping[str, Sequence[Ribbon]]:
        """How arrays are spread, by what they are."""
        at = self._at
        return {} if at is None else self._spreads.ribbons(at)

    @property
    def _at(self) -> Steps | None:
        """The places of all iterations; None before the first."""
        facts = self.run.facts
        if not facts or not self.run.curves.rows:
            return None
        return self._places.of(facts["iterations_per_epoch"], facts["samples"], facts.get("batch") or 0)


def _of_epochs(epochs: Columns, places: _Places, samples: int) -> Iterator[tuple[str, Column]]:
    """What is told when an epoch ends."""
    number = np.asarray(epochs["epoch"])
    iterations = np.asarray(epochs["iteration"])
    seconds = places.seconds(np.asarray(epochs["time"]), iterations)
    at = Steps(iterations, number, number * samples if samples else None, seconds)
    for name, values in epochs.items():
        if name not in _UNTOLD:
            yield name, Column(values, at)


class _Places:
    """Where iterations lie along all axes; grown with them, so that a refresh makes no long arrays anew."""

    def __init__(self, curves: Columns, rests: Rests) -> None:
        self._curves, self._rests = curves, rests
        self._iterations: Array = np.zeros(0, np.int32)
        self._epochs: Array = np.zeros(0)
        self._samples: Array = np.zeros(0)  # that were trained on by then
        self._seconds: Array = np.zeros(0)
        self._known = 0  # seconds that were taken

    def rest(self, event: Happened) -> None:
        """The run rests, or goes on."""
        self._rests.take(event.name, event.iteration, event.told.get("time"), self._curves.get("time"))

    def seconds(self, times: Array, iterations: Array) -> Array:
        """For how long it had been trained when these iterations ended, since the first: pauses are left out."""
        begun = self._curves.get("time")
        first = float(begun[0]) if begun is not None and len(begun) else 0.0
        return times - first - self._rests.before(iterations)

    def of(self, per_epoch: int, samples: int, batch: int) -> Steps:
        """Of all rows that there are by now; the last batch of an epoch may be smaller than the others."""
        rows = self._curves.rows
        if rows > len(self._iterations):
            there = len(self._iterations)
            more = np.arange(there + 1, -(-rows // BLOCK) * BLOCK + 1, dtype=np.int32)
            self._iterations = np.concatenate([self._iterations, more])
            self._epochs = np.concatenate([self._epochs, more / per_epoch])
            whole, begun = np.divmod(more.astype(np.float64), per_epoch)
            self._samples = np.concatenate([self._samples, whole * samples + np.minimum(begun * batch, samples)])
            self._seconds = np.concatenate([self._seconds, np.zeros(len(more))])
        times = self._curves["time"] if rows else self._seconds
        known, self._known = min(self._known, rows), rows
        self._seconds[known:rows] = self.seconds(times[known:rows], self._iterations[known:rows])
        epochs = self._epochs[:rows]
        seen = self._samples[:rows] if samples else None
        return Steps(self._iterations[:rows], epochs, seen, self._seconds[:rows])


class _Parameters:
    """How large the gradient of each parameter was, and its update beside its value."""

    def __init__(self, run: Run) -> None:
        graph = run.graph
        self._sizes = {
            id: int(np.prod(node.params["shape"], dtype=np.int64))
            for id, node in graph.nodes.items()
            if node.op == "parameter"
        }
        self._paths = {id: graph.path(id) for id in self._sizes}
        self._told: dict[str, tuple[list[int], list[float]]] = {}

    def take(self, summary: IterationSummary) -> None:
        """One more iteration."""
        for name, number in self._of(summary):
            numbers, told = self._told.setdefault(name, ([], []))
            numbers.append(summary.number)
            told.append(number)

    def _of(self, summary: IterationSummary) -> Iterator[tuple[str, float]]:
        for id, size in self._sizes.items():
            source = Source(id, "y")
            value, gradient, update = (summary.find(kind, source) for kind in ("value", "gradient", "update"))
            if gradient is not None:
                yield f"{GRADIENT}/{self._paths[id]}", gradient.rms * size**0.5
            if update is not None and value is not None and value.rms:  # of a value that is 0 there is no ratio
                yield f"{RATIO}/{self._paths[id]}", update.rms / value.rms

    def columns(self, at: Steps) -> Iterator[tuple[str, Column]]:
        """Their curves; `at` are the places of all iterations."""
        for name, (told_of, told) in self._told.items():
            numbers = np.asarray(told_of, np.int32)
            numbers = numbers[numbers <= len(at.iterations)]
            along = (None if each is None else each[numbers - 1] for each in (at.epochs, at.samples, at.seconds))
            yield name, Column(np.asarray(told), Steps(numbers, *along))
