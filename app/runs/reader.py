"""Reading runs beside the window: the list in portions, so that its first rows are there at once; and their curves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from PySide6.QtCore import QObject, Signal

from ...core.errors import GradwireError
from ..bridge import Request, Worker

if TYPE_CHECKING:
    from ...core.runs.listed import ListedRun, Listing
    from ..plots.together import Together

PORTION = 64  # runs


class _Found(NamedTuple):
    """The folders of runs that there are, else None; and runs that were read."""

    folders: list[Path] | None
    runs: list[ListedRun]


class RunsReader(QObject):
    """Reads one folder of runs: `listed` as there are more of them, `read` once all are."""

    listed = Signal(object)  # a list of ListedRun
    read = Signal()
    plotted = Signal(object)  # a list of Together
    failed = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.runs: list[ListedRun] = []
        self._listing: Listing | None = None
        self._left: list[Path] = []
        self._coming: list[ListedRun] = []
        self._first = True  # until all have been read once they are shown portion by portion
        self._worker: Worker | None = None
        self._plotter: Worker | None = None

    @property
    def busy(self) -> bool:
        """Whether runs are being read."""
        return self._worker is not None and self._worker.busy

    def look(self, home: Path) -> None:
        """Read what there is in a folder now, unless that is being done."""
        if self.busy:
            return
        if self._worker is None:
            self._worker = self._made("runs", self._take)

        def find(_: Request) -> _Found:
            from ...core.runs.listed import run_folders

            return _Found(sorted(run_folders(home), key=lambda path: path.name, reverse=True), [])

        self._worker.ask(find)

    def forget(self) -> None:
        """Another folder is to be looked at."""
        if self._worker is not None:
            self._worker.cancel()
        self._first, self.runs, self._left, self._coming = True, [], [], []

    def plot(self, runs: Sequence[ListedRun], labels: Sequence[str], by: str) -> None:
        """Read the curves of some runs."""
        if self._plotter is None:
            self._plotter = self._made("curves of runs", self.plotted.emit)

        def work(_: Request) -> list[Together]:
            from .numbers import together

            return together(runs, labels, by)

        self._plotter.ask(work)

    def close(self) -> None:
        """End the threads."""
        for worker in (self._worker, self._plotter):
            if worker is not None:
                worker.close()

    def _made(self, name: str, take: Callable[[Any], object]) -> Worker:
        worker = Worker(name, self)
        worker.finished.connect(take)
        worker.failed.connect(self._fail)
        return worker

    def _take(self, found: _Found) -> None:
        """Read the next portion; show what there is where it is new, or complete."""
        if found.folders is not None:
            self._left, self._coming = found.folders, []
        self._coming += found.runs
        complete = not self._left
        if not complete:
            self._next()
        if complete or (self._first and self._coming):
            self.runs = list(self._coming)
            self.listed.emit(self.runs)
        if complete:
            self._first = False
            self.read.emit()

    def _next(self) -> None:
        portion, self._left = self._left[:PORTION], self._left[PORTION:]

        def work(request: Request) -> _Found:
            from ...core.runs.listed import Listing

            self._listing = listing = self._listing or Listing()
            return _Found(None, [listing.read(path) for path in portion if not request.cancelled])

        assert self._worker is not None
        self._worker.ask(work)

    def _fail(self, error: Exception) -> None:
        self.failed.emit(str(error) if isinstance(error, GradwireError) else f"{type(error).__name__}: {error}")
