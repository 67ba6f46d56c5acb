"""The run of a document that can be gone on with: where it was interrupted it is offered when that is opened."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from ..errors import GradwireError
from .home import folders_of
from .listed import ListedRun, Listing
from .record import SETTINGS
from .standing import RESTS, RUNNING, interrupted


class Left(NamedTuple):
    """The newest run of a document. `busy`: a process trains it; `interrupted`: nobody told it to stop."""

    run: ListedRun
    busy: bool
    interrupted: bool

    @property
    def told(self) -> str:
        """`A run of digits was interrupted after epoch 120 of 4,000`, and why where that is known."""
        planned = self.run.settings.get("epochs")
        of = f" of {planned:,}" if isinstance(planned, int) else ""
        why = f": {self.run.problem}" if self.run.problem else ""
        how = "was interrupted" if self.interrupted else "was stopped"
        return f"A run of {self.run.graph} {how} after epoch {self.run.epochs:,}{of}{why}"


def newest_of(home: Path, document: Path | None, name: str) -> Left | None:
    """The newest run of a document in a folder of runs, by its file or by what it is called; None where it is done, or
    where there is none.
    """
    listing = Listing()
    for path in sorted(folders_of(home, name), key=_begun, reverse=True):
        run = listing.read(path)
        if not _begun(path) or not run.of(document, name):
            continue
        busy = run.state in (RUNNING, RESTS)
        return Left(run, busy, not busy and _interrupted(path)) if busy or run.goes_on else None
    return None


def _begun(path: Path) -> float:
    """When the run in a folder was begun; 0 where it holds none of a window."""
    try:
        return (path / SETTINGS).stat().st_mtime
    except OSError:
        return 0.0


def _interrupted(path: Path) -> bool:
    try:
        return interrupted(path)
    except GradwireError:  # it is damaged by now
        return False
