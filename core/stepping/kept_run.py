"""A run whose iterations are stepped through: what its state was, wherever that is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from ..summary import IterationSummary
from .timeline import Array


class KeptRun(Protocol):
    """A run of training that has left its state before some of its iterations."""

    @property
    def first(self) -> int:
        """The earliest iteration that it can begin with."""

    @property
    def last(self) -> int:
        """The iteration that would follow what is known of it."""

    @property
    def summaries(self) -> Sequence[IterationSummary]:
        """What it kept of its iterations."""

    def nearest(self, number: int) -> int:
        """The latest iteration up to `number` of which the state is known. Raises `RunError` where there is none."""

    def state(self, number: int) -> Mapping[str, Array]:
        """What each slot held before that iteration. Raises `GradwireError`."""

    def progress(self, number: int) -> tuple[Sequence[Mapping[str, Any]], Mapping[str, Any]]:
        """The rows of the epochs that have ended before that iteration, and the mean loss of the one that is running.

        Raises `GradwireError`.
        """
