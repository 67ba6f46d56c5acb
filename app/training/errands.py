"""What takes long around a run, on threads of their own: beginning it, going on with it, reading it, waiting for it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from ...core.errors import GradwireError
from ..bridge import Request, Worker
from ..plots.loading import prepare
from .starting import Start

if TYPE_CHECKING:
    from ...core.runs import Run
    from .curves import RunCurves


class Errands(QObject):
    """One at a time; `ended` runs are waited for beside them."""

    begun = Signal(object)  # a Begun
    rested = Signal(object)  # a Rested
    came = Signal(object)  # a Came
    failed = Signal(str)  # why nothing was begun, or could be read

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        prepare()
        self._worker: Worker | None = None
        self._ending: Worker | None = None

    @property
    def busy(self) -> bool:
        """Whether something is on its way."""
        return self._worker is not None and self._worker.busy

    def begin(self, start: Start, paused: bool) -> None:
        """Begin a run."""

        def work(request: Request) -> object:
            from .beginning import begin  # with all of training, which nothing needs before

            return begin(start, paused, request)

        self._ask(work)

    def go_on(self, run: Run, curves: RunCurves) -> None:
        """Go on with a run that is over."""

        def work(request: Request) -> object:
            from .beginning import go_on

            return go_on(run, curves.references, request)

        self._ask(work)

    def rest(self, folder: Path, start: Start) -> None:
        """Take a run from its folder that nobody trains."""

        def work(request: Request) -> object:
            from .resting import rest

            return rest(folder, start, request)

        self._ask(work)

    def read(self, run: Run) -> None:
        """Read what a run that is over came to."""

        def work(_: Request) -> object:
            from .beginning import come_to

            return come_to(run)

        self._ask(work)

    def end(self, run: Run) -> None:
        """Let a run stop with a checkpoint, and nothing wait for that."""
        run.stop(interrupted=True)
        self._ending = self._ending or Worker("end of training", self, finishes=True)
        self._ending.ask(lambda _: run.close())

    def cancel(self) -> None:
        """What is on its way is not wanted."""
        if self._worker is not None:
            self._worker.cancel()

    def close(self) -> None:
        """End the threads, once runs have ended."""
        for worker in (self._worker, self._ending):
            if worker is not None:
                worker.close()

    def _ask(self, work: Callable[[Request], object]) -> None:
        if self._worker is None:
            self._worker = Worker("training", self)
            self._worker.finished.connect(self._take)
            self._worker.failed.connect(self._fail)
        self._worker.ask(work)

    def _take(self, found: Any) -> None:
        from .beginning import Begun
        from .resting import Rested

        told = self.begun if isinstance(found, Begun) else self.rested if isinstance(found, Rested) else self.came
        told.emit(found)

    def _fail(self, error: Exception) -> None:
        self.failed.emit(str(error) if isinstance(error, GradwireError) else f"{type(error).__name__}: {error}")
