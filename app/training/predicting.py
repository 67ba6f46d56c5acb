"""What the network of a run predicts by now, and what its filters look like: looked at on a thread, now and then."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from ...core.errors import GradwireError
from ...core.graph import Source
from ..bridge import Request, Worker
from ..plots.data import Looked
from . import pictures
from .pictures import Embeddings

if TYPE_CHECKING:
    from ...core.evaluating.predicting import Predictor
    from ...core.graph import Graph
    from ...core.runs import Run, Snapshot
    from .beginning import Begun, Came
    from .curves import RunCurves
    from .errands import Errands

Array = np.ndarray[Any, Any]
EVERY = 400  # milliseconds
SHARE = 0.04  # of the time, at most, that looking takes: the run needs the processors more


class Watcher:
    """Looks with the values of one run; belongs to the thread that it is asked on."""

    def __init__(self, run: Run) -> None:
        from ...core.runs.snapshots import SnapshotReader

        self._record = run.record
        self._reader = SnapshotReader(run.record.path)
        self._embeddings = Embeddings()
        self._made: list[Predictor | None] = []  # once it was tried: with the data, which take a moment to read

    def look(self, graph: Graph, known: int) -> Looked | None:
        """With what the run has published last; None where that is of an iteration that is `known`."""
        snapshot = self._reader.read()
        if snapshot is None or snapshot.iteration == known:
            return None
        return self.seen(graph, snapshot.iteration, values_of(graph, self._record.values, snapshot))

    def rested(self, run: Run) -> Looked | None:
        """With what the run came to; of one that died, with what it has published last."""
        from ...core.runs.record import TRAINED

        if not (self._record.path / TRAINED).exists():
            return self.look(run.graph, 0)
        return self.seen(run.graph, run.iteration, {**self._record.values, **self._record.trained()}, after=True)

    def seen(self, graph: Graph, iteration: int, values: Mapping[str, Array], after: bool = False) -> Looked:
        """With these values of parameters, by id: those that an iteration began with, or which it came to."""
        from ...core.ops import installed

        predictor, about = self._predictor(graph), f"{'after ' * after}step {iteration:,}"
        labels = () if predictor is None else predictor.classes
        filters = tuple(pictures.filters_of(graph, installed(), values))
        seen = Looked(iteration, filters=filters, embeddings=tuple(self._embeddings.of(graph, values, labels)))
        try:
            found = None if predictor is None else predictor.predict(values)
        except GradwireError:  # of another number of samples than it is trained with, there is no prediction
            self._made = [None]
            return seen
        if predictor is None or found is None:
            return seen
        return seen._replace(
            confusion=pictures.confusion_of(predictor, found, about),
            surface=pictures.surface_of(predictor, found),
            samples=pictures.samples_of(predictor, found, about),
        )

    def _predictor(self, graph: Graph) -> Predictor | None:
        from ...core.evaluating.predicting import Predictor
        from ...core.ops import installed

        if not self._made:
            written = self._record.written
            try:
                made = Predictor(graph, installed(), written.data, written.settings.dtype or graph.dtype)
            except GradwireError:  # nothing of it is compared with data: there are curves and weights only
                self._made = [None]
            else:
                self._made = [made]
        return self._made[0]


def values_of(graph: Graph, began: Mapping[str, Array], snapshot: Snapshot) -> dict[str, Array]:
    """The parameters by id: those that are trained as they were published, but such that were too large to be, whose
    values of before would mislead; others as they were when the run `began`.
    """
    assert graph.training is not None
    needed = graph.ancestors([graph.training.loss])
    rests = {id for id in began if id not in needed or "freeze" in graph.nodes[id].flags}
    found = {id: value for id, value in began.items() if id in rests}
    for id, node in graph.nodes.items():
        value = snapshot.value(Source(id, "y")) if node.op == "parameter" else None
        if value is not None:
            found[id] = value
    return found


class Predicting(QObject):
    """Looks at the run that `errands` have begun while it is active, and once more with what it came to. What is seen
    goes to its curves; `changed` then.
    """

    changed = Signal()

    def __init__(self, parent: QObject, errands: Errands) -> None:
        super().__init__(parent)
        self._curves: RunCurves | None = None
        self._watcher: Watcher | None = None
        self._worker: Worker | None = None
        self._not_before = 0.0
        self._timer = QTimer(self, interval=EVERY)
        self._timer.timeout.connect(self._look)
        errands.begun.connect(self._follow)
        errands.came.connect(self._end)

    def leave(self) -> None:
        """The run is of no interest any more."""
        self._curves = self._watcher = None
        self._timer.stop()
        if self._worker is not None:
            self._worker.cancel()

    def close(self) -> None:
        """End the thread."""
        self.leave()
        if self._worker is not None:
            self._worker.close()

    def _follow(self, begun: Begun) -> None:
        self._curves, self._watcher = begun.curves, Watcher(begun.run)
        self._timer.start()

    def rest(self, curves: RunCurves) -> None:
        """Look once at a run that nobody trains."""
        self._curves, self._watcher = curves, Watcher(curves.run)
        watcher = self._watcher
        self._ask(lambda _: watcher.rested(curves.run))

    def _end(self, came: Came) -> None:
        self._timer.stop()
        watcher, curves = self._watcher, self._curves
        if watcher is not None and curves is not None and came.run is curves.run:
            graph, iteration = curves.run.graph, curves.run.iteration
            values = {**came.run.record.values, **came.values}
            self._ask(lambda _: watcher.seen(graph, iteration, values, after=True))

    def _look(self) -> None:
        watcher, curves = self._watcher, self._curves
        busy = self._worker is not None and self._worker.busy
        if watcher is None or curves is None or busy or perf_counter() < self._not_before:
            return
        run, known = curves.run, 0 if curves.newest is None else curves.newest.iteration
        if run.iteration and not run.ended:
            graph = run.graph
            self._ask(lambda _: watcher.look(graph, known))

    def _ask(self, look: Callable[[Request], Looked | None]) -> None:
        if self._worker is None:
            self._worker = Worker("predictions", self)
            self._worker.finished.connect(self._take)
            self._worker.failed.connect(self._fail)
        curves = self._curves

        def work(request: Request) -> tuple[RunCurves | None, Looked | None, float]:
            began = perf_counter()
            return curves, look(request), perf_counter() - began

        self._worker.ask(work)

    def _fail(self, error: Exception) -> None:
        """What a run publishes may be gone with its folder: then it is not looked at again. Any other error is told."""
        self._timer.stop()
        if not isinstance(error, GradwireError | OSError):
            raise error

    def _take(self, found: tuple[RunCurves | None, Looked | None, float]) -> None:
        curves, looked, took = found
        self._not_before = perf_counter() + took / SHARE
        if looked is not None and curves is not None and curves is self._curves:
            curves.newest = looked
            self.changed.emit()
