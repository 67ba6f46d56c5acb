"""What a run writes into its folder while it trains, as `RunFolder` reads it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from ..summary import IterationSummary
from . import checkpoint
from .engine import Engine, Events
from .folder import CHECKPOINTS, add_summaries, begin_summaries, drop_checkpoints, put_aside
from .resuming import identity, write

if TYPE_CHECKING:
    from .trainer import Trainer

CHECKPOINT_SECONDS = 2.0


class RunWriter:
    """Writes checkpoints of a run, and summaries of some of its iterations. Raises `FileError`."""

    def __init__(self, trainer: Trainer, path: Path) -> None:
        self.path = path
        self._trainer = trainer
        self._begun, self._saved_at = False, time.monotonic()
        trainer.engine.add_event_handler(Events.ITERATION_COMPLETED, self._maybe_save)

    def begin(self) -> Path | None:
        """Make the folder ready for the run. Of one that goes on what is of iterations to come is removed; what another
        run has left is put aside, into the folder that this returns. Done again it does nothing.
        """
        if self._begun:
            return None
        aside = None if self._goes_on_here else put_aside(self.path)
        checkpoint.make_folder(self.path / CHECKPOINTS)
        at = self._trainer.engine.state.iteration
        drop_checkpoints(self.path, at)
        begin_summaries(self.path, at, identity(self._trainer))
        self._begun = True
        return aside

    def start(self) -> None:
        """Make it ready, and write the state with which the run begins: from it the first iterations can be gone
        through again.
        """
        self.begin()
        if not self._trainer.engine.state.iteration:
            self.save()

    @property
    def _goes_on_here(self) -> bool:
        """Whether what the folder holds is of this run."""
        resume = self._trainer.settings.resume
        return resume is not None and resume.parent.resolve() == (self.path / CHECKPOINTS).resolve()

    def save(self) -> Path:
        """Write a checkpoint of this moment between two iterations."""
        path = self.path / CHECKPOINTS / f"{self._trainer.engine.state.iteration}{checkpoint.SUFFIX}"
        write(self._trainer, path)
        checkpoint.thin(path.parent)
        self._saved_at = time.monotonic()
        return path

    def _maybe_save(self, engine: Engine) -> None:
        if time.monotonic() - self._saved_at >= CHECKPOINT_SECONDS:
            self.save()

    def add(self, summary: IterationSummary) -> None:
        """Keep the summary of an iteration."""
        add_summaries(self.path, [summary])
