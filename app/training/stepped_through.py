"""What the network of a run predicts with the values of the iteration that is stepped through, seen on a thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from ...core.errors import GradwireError
from ...core.graph import Source
from ..bridge import Request, Worker
from ..stepping.stepper import reach
from .predicting import Watcher
from .stepping import stepped

if TYPE_CHECKING:
    from ...core.stepping import Timeline
    from ..editor import Editor
    from ..plots.data import Looked
    from .controller import Training
    from .curves import RunCurves


class SteppedThrough(QObject):
    """Gives the curves of a controller's run what is seen of the iteration at which the stepper is. `changed` then."""

    changed = Signal()

    def __init__(self, training: Training, editor: Editor) -> None:
        super().__init__(training)
        self._training, self._editor = training, editor
        self._timeline: Timeline | None = None  # that is looked at
        self._curves: RunCurves | None = None
        self._watcher: Watcher | None = None  # of these curves, for the thread here
        self._worker: Worker | None = None
        editor.stepper.changed.connect(self._follow)
        training.changed.connect(self._reach)

    def leave(self) -> None:
        """The run is of no interest any more."""
        self._timeline = self._curves = self._watcher = None
        if self._worker is not None:
            self._worker.cancel()

    def close(self) -> None:
        """End the thread."""
        self.leave()
        if self._worker is not None:
            self._worker.close()

    def _reach(self) -> None:
        """The run goes on while one of its iterations is shown."""
        run = self._training.run
        if run is not None:
            reach(self._editor.stepper, run.record.path, run.iteration)

    def _follow(self) -> None:
        """Look at the iteration that is stepped through now, or at none."""
        curves, number = self._training.curves, stepped(self._editor)
        timeline = None if number is None else self._editor.stepper.timeline
        if timeline is self._timeline or curves is None:
            return
        self._timeline = timeline
        if timeline is not None and number is not None:
            self._look(curves, timeline, number)
            return
        if self._worker is not None:
            self._worker.cancel()
        if curves.stepped is not None:
            curves.stepped = None
            self.changed.emit()

    def _look(self, curves: RunCurves, timeline: Timeline, number: int) -> None:
        if self._watcher is None or curves is not self._curves:
            self._curves, self._watcher = curves, Watcher(curves.run)
        watcher, graph = self._watcher, curves.run.graph

        def work(_: Request) -> Looked:
            tensors, held = timeline.run.tensors, dict(curves.run.record.values)
            for id, node in graph.nodes.items():
                if node.op == "parameter" and (tensor := tensors.get(Source(id, "y"))) is not None:
                    held[id] = tensor.value
            return watcher.seen(graph, number, held)._replace(stepped=True)

        if self._worker is None:
            self._worker = Worker("predictions of a step", self)
            self._worker.finished.connect(self._take)
            self._worker.failed.connect(self._fail)
        self._worker.ask(work)

    def _take(self, looked: Looked) -> None:
        if self._curves is not None and self._timeline is not None:
            self._curves.stepped = looked
            self.changed.emit()

    def _fail(self, error: Exception) -> None:
        """The folder of the run may be gone: then nothing more is seen. Any other error is told."""
        if not isinstance(error, GradwireError | OSError):
            raise error
