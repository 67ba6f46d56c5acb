"""For how long a run was paused, or nobody trained it: what it took is told without that."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from .happening import CONTINUED, PAUSED, RESUMED

Array = np.ndarray[Any, Any]
RESTING = (PAUSED, CONTINUED, RESUMED)  # events that tell of it, with the time at which they happened


class Rests:
    """Of one run, whose iterations have ended at some `times`, in seconds since 1970."""

    def __init__(self, events: Iterable[Mapping[str, Any]] = (), times: Array | None = None) -> None:
        self._after: dict[int, float] = {}  # seconds, by the iteration that was the last before
        self._paused: float | None = None
        for each in events:
            self.take(each["event"], each["iteration"], each.get("time"), times)

    def take(self, name: str, iteration: int, now: float | None, times: Array | None) -> None:
        """One of `RESTING` has happened `now`; logs of earlier versions do not say when."""
        if name == PAUSED:
            self._paused = now
        elif name == CONTINUED and now is not None and self._paused is not None:
            self._after[iteration] = self._after.get(iteration, 0.0) + now - self._paused
        elif name == RESUMED and now is not None:
            # What was behind its checkpoint is gone through again.
            self._after = {at: rest for at, rest in self._after.items() if at < iteration}
            if times is not None and 0 < iteration <= len(times):
                self._after[iteration] = now - float(times[iteration - 1])

    def before(self, iterations: Array) -> Array:
        """For how many seconds it had rested before each of these iterations, since the first."""
        at = sorted(number for number in self._after if number > 0)
        total = np.cumsum([0.0, *(max(self._after[number], 0.0) for number in at)])
        return total[np.searchsorted(at, iterations, side="left")]
