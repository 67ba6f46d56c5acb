"""What is done to runs on the disk, beside the window: notes, the trash, and what was deleted last brought back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QObject, Signal

from ...core.errors import GradwireError
from ..bridge import Request, Worker
from ..wording import counted

Moved = tuple[Path, Path]  # from where, to where


class Done(NamedTuple):
    """Which runs were moved, how many are gone for good, and why others were not."""

    moved: list[Moved]
    gone: int = 0
    refused: str = ""


class RunChanges(QObject):
    """One after the other: what is asked for while something is at work waits. `told` says what was done."""

    told = Signal(str, str)  # a line, and "note" or "refusal"
    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.deleted: list[list[Moved]] = []  # what can be undone, the last at the end
        self._waiting: list[tuple[Callable[[], Done], Callable[[Done], None]]] = []
        self._take: Callable[[Done], None] = lambda _: None
        self._worker: Worker | None = None

    def note(self, path: Path, text: str) -> None:
        """Write notes on a run."""

        def work() -> Done:
            from ...core.runs.notes import write_notes

            write_notes(path, text)
            return Done([])

        self._ask(work, lambda _: None)

    def delete(self, paths: Sequence[Path]) -> None:
        """Move runs into the trash; those that are trained stay, and are told."""

        def work() -> Done:
            from ...core.runs.trash import delete

            return _each(paths, delete)

        def take(done: Done) -> None:
            self.deleted.append(done.moved)
            self.told.emit(f"Deleted {counted(len(done.moved), 'run')}: in the trash until that is emptied", "note")

        self._ask(work, take)

    def undo(self) -> None:
        """Bring back what was deleted last."""
        if not self.deleted:
            return
        last = self.deleted.pop()

        def work() -> Done:
            from ...core.runs.trash import restore

            return _each([to for _, to in last], restore)

        self._ask(work, lambda done: self.told.emit(f"Brought back {counted(len(done.moved), 'run')}", "note"))

    def empty(self, home: Path) -> None:
        """Delete for good what is in the trash."""
        self.deleted.clear()

        def work() -> Done:
            from ...core.runs.trash import empty

            return Done([], empty(home))

        self._ask(work, lambda done: self.told.emit(f"Deleted {counted(done.gone, 'run')} for good", "note"))

    def close(self) -> None:
        """End the thread, once it has done what was asked for."""
        if self._worker is not None:
            self._worker.close()

    def _ask(self, work: Callable[[], Done], take: Callable[[Done], None]) -> None:
        self._waiting.append((work, take))
        if self._worker is None:
            self._worker = Worker("changes of runs", self, finishes=True)
            self._worker.finished.connect(self._finish)
            self._worker.failed.connect(self._fail)
        if not self._worker.busy:
            self._next()

    def _next(self) -> None:
        if self._waiting and self._worker is not None:
            work, self._take = self._waiting.pop(0)

            def run(_: Request) -> Done:
                return work()

            self._worker.ask(run)

    def _finish(self, done: Done) -> None:
        self._take(done)
        if done.refused:
            self.told.emit(done.refused, "refusal")
        self.changed.emit()
        self._next()

    def _fail(self, error: Exception) -> None:
        self.told.emit(
            str(error) if isinstance(error, GradwireError) else f"{type(error).__name__}: {error}", "refusal"
        )
        self.changed.emit()
        self._next()


def _each(paths: Iterable[Path], move: Callable[[Path], Path]) -> Done:
    """Move those that can be. Raises `GradwireError` where none can."""
    moved: list[Moved] = []
    wrong: list[GradwireError] = []
    for path in paths:
        try:
            moved.append((path, move(path)))
        except GradwireError as error:
            wrong.append(error)
    if wrong and not moved:
        raise wrong[0]
    return Done(moved, refused=(str(wrong[0]) + f" · and {len(wrong) - 1} more" * (len(wrong) > 1)) if wrong else "")
