"""What a run of training comes to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


@dataclass
class Result:
    """What a run came to: the trained values by id, and one row of metrics for each epoch.

    `averaged` are the averages of the weights by id, where the settings ask for them: validation is of these.
    `best_epoch` is the one that early stopping found best, from which the values are if they were restored;
    `stopped_early` says that the run ended before its last epoch.
    """

    values: dict[str, Array]
    history: list[dict[str, Any]] = field(default_factory=list)
    iterations: int = 0
    averaged: dict[str, Array] = field(default_factory=dict)
    best_epoch: int | None = None
    stopped_early: bool = False

    @property
    def last(self) -> dict[str, Any]:
        """The metrics of the last epoch."""
        return self.history[-1] if self.history else {}

    @property
    def kept(self) -> dict[str, Array]:
        """The values that a document is given: the averages, and of what has none the trained values."""
        return {**self.values, **self.averaged}
