"""The states that a gradient can be in."""

from __future__ import annotations

from enum import Enum
from typing import Any

import numpy as np


class State(Enum):
    """Of a gradient. Each looks unlike every other one wherever it is shown."""

    UNREACHED = "not reached yet"
    WAITING = "waiting"
    FINAL = "final"
    ZERO = "exactly zero"
    NO_PATH = "no path"
    STOPPED = "stopped"
    NONFINITE = "not finite"


def settled(total: np.ndarray[Any, Any]) -> State:
    """The state of a gradient that is whole."""
    if not np.all(np.isfinite(total)):
        return State.NONFINITE
    return State.FINAL if np.any(total) else State.ZERO
