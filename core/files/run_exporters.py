"""The forms in which the numbers of runs are written for other programs; plugins bring them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ..catalogue import Catalogue


class RunWriter(Protocol):
    """What writes the numbers of one run, until it is closed."""

    def add(self, name: str, iterations: Sequence[int], values: Sequence[float], times: Sequence[float] | None) -> None:
        """Numbers of one name, as training names it, of one or more iterations; times in seconds since 1970 (None:
        now).
        """

    def close(self) -> None:
        """Have all of it on the disk."""


@dataclass(frozen=True, slots=True)
class RunExporter:
    """A form: `open(folder)` begins to write the numbers of a run into a folder that may have to be made.

    `title` is what it is called in a sentence; `shows` a command that shows what is in `{folder}`.
    """

    name: str
    title: str
    open: Callable[[Path], RunWriter]
    shows: str = ""


RUN_EXPORTERS: Catalogue[RunExporter] = Catalogue("a run exporter")
