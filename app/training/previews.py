"""Looking at what a run publishes of its values and gradients: on a thread, some ten times a second at most."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from ...core.graph import Source
from ..bridge import Request, Worker
from ..results.flowing import Flow
from ..undoing import is_looked_at

if TYPE_CHECKING:
    from ...core.runs import Run
    from ...core.runs.snapshots import SnapshotReader
    from ..editor import Editor
    from .controller import Training
    from .errands import Errands

EVERY = 200  # milliseconds
SHARE = 0.1  # of the window's time, at most, that showing it may take


class Previews(QObject):
    """Shows the active run of a controller in its editor, as long as the document is still what the run trains."""

    def __init__(self, training: Training, editor: Editor, errands: Errands) -> None:
        super().__init__(training)
        self._training, self._editor = training, editor
        self._run: Run | None = None
        self._reader: SnapshotReader | None = None
        self._version, self._not_before = 0, 0.0
        self._worker: Worker | None = None
        self._timer = QTimer(self, interval=EVERY)
        self._timer.timeout.connect(self._look)
        errands.begun.connect(lambda begun: self.follow(begun.run))

    def follow(self, run: Run) -> None:
        """Show this run from now on."""
        from ...core.runs.snapshots import SnapshotReader

        self._run, self._reader, self._version = run, SnapshotReader(run.record.path), 0
        self._timer.start()

    def leave(self, *_: object) -> None:
        """The run is over, or of no interest: what Live computes is shown again."""
        self._run = self._reader = None
        self._timer.stop()
        if self._worker is not None:
            self._worker.cancel()
        self._editor.flowing.show(None)

    def close(self) -> None:
        """End the thread."""
        self.leave()
        if self._worker is not None:
            self._worker.close()

    @property
    def _wanted(self) -> bool:
        """Whether what is shown at rest is the document, and this what the run trains."""
        editor, origin = self._editor, self._training.origin
        if is_looked_at(editor) or editor.live.feeding.now is not None:
            return False
        return origin is not None and origin.is_still(editor.home.document)

    def _look(self) -> None:
        if self._editor.attaching.shows:  # a script, in the place of the document
            return
        run, reader, root = self._run, self._reader, self._root
        if run is None or reader is None or root is None or not self._wanted:
            self._editor.flowing.show(None)
            self._version = 0
            return
        if self._editor.stepper.active or monotonic() < self._not_before:
            return
        if self._worker is None:
            self._worker = Worker("previews", self)
            self._worker.finished.connect(self._take)
            self._worker.failed.connect(lambda _: None)  # what a run publishes may be gone with its folder
        if not self._worker.busy:
            known = self._version

            def work(_: Request) -> Flow | None:
                found = reader.read()
                if found is None or found.version == known:
                    return None
                return Flow.of(found, root, f"live from the run, iteration {found.iteration:,}")

            self._worker.ask(work)

    @property
    def _root(self) -> Source | None:
        """The loss of the run."""
        run = self._run
        if run is None or run.graph.training is None or not run.iteration:
            return None
        loss = run.graph.training.loss
        return Source(loss, self._editor.registry[run.graph.nodes[loss].op].outputs[0].name)

    def _take(self, flow: Flow | None) -> None:
        if flow is None or self._run is None or not self._wanted:
            return
        self._version = flow.snapshot.version
        began = monotonic()
        self._editor.flowing.show(flow)
        ended = monotonic()
        self._not_before = ended + (ended - began) / SHARE
