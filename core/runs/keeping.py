"""The checkpoints of a run: so close that any iteration is soon gone through again, within a budget on the disk."""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path

from ..errors import FileError
from ..training import checkpoint
from ..training.folder import CHECKPOINTS
from ..training.resuming import write
from ..training.trainer import Trainer
from .settings import RunSettings

COST = 20.0  # times what it takes to write one is trained before the next


class Checkpoints:
    """Writes the checkpoints of a run into its folder. The first, the last and those at a change stay longest."""

    def __init__(self, folder: Path, settings: RunSettings, marked: Iterable[int] = ()) -> None:
        self.folder = folder / CHECKPOINTS
        self.budget = settings.budget
        self.spacing = settings.replay
        self.last: int | None = None  # the iteration of the last that was written
        self._took = 0.0
        self._at = time.monotonic()
        self._marked = set(marked)
        for leftover in self.folder.glob(f"*{checkpoint.SUFFIX}.tmp"):  # of a process that was killed
            leftover.unlink(missing_ok=True)
        found = self.folder.glob(f"*{checkpoint.SUFFIX}")
        self._sizes = {int(each.stem): each.stat().st_size for each in found if each.stem.isdecimal()}

    def due(self, now: float) -> bool:
        """Whether it is time for one, `now` by the monotonic clock."""
        return now - self._at >= max(self.spacing, COST * self._took)

    def rested(self, seconds: float) -> None:
        """Nothing was trained for so long."""
        self._at += seconds

    def save(self, trainer: Trainer, marked: bool = False) -> None:
        """Write one of this moment; `marked`: settings are changed here. Raises `FileError`."""
        began, number = time.monotonic(), trainer.engine.state.iteration
        path = self.folder / f"{number}{checkpoint.SUFFIX}"
        write(trainer, path)
        self._sizes[number], self.last = path.stat().st_size, number
        if marked:
            self._marked.add(number)
        self._thin()
        self._at = time.monotonic()
        self._took = self._at - began

    def cut(self, number: int) -> None:
        """Remove what is behind this iteration, of a run that goes on from it."""
        self._remove([each for each in self._sizes if each > number])

    def _thin(self) -> None:
        """Every second one goes where they take more than the budget, those that settings were changed at later."""
        while sum(self._sizes.values()) > self.budget:
            between = sorted(self._sizes)[1:-1]
            chosen = [number for number in between if number not in self._marked] or between
            if not chosen:
                return
            self._remove(chosen[::2])
            self.spacing *= 2

    def _remove(self, numbers: list[int]) -> None:
        for number in numbers:
            path = self.folder / f"{number}{checkpoint.SUFFIX}"
            try:
                path.unlink(missing_ok=True)
            except OSError as error:
                raise FileError(f"{path} cannot be removed: {error.strerror or error}") from error
            del self._sizes[number]
