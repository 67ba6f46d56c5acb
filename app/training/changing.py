"""What an edit of the training settings means for a run that goes on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ...core.errors import GradwireError
from ...core.graph import Training
from ...core.training.optim import optimiser


def settings_between(old: Training, new: Training) -> dict[str, Any] | None:
    """The settings of the optimiser that a run is told to change, by name; None where more than these differ."""
    try:
        before, after = optimiser(old.optimiser)[1], optimiser(new.optimiser)[1]
    except GradwireError:
        return None
    if old.optimiser.get("name") != new.optimiser.get("name"):
        return None
    if replace(old, optimiser={}) != replace(new, optimiser={}):
        return None
    return {name: value for name, value in after.items() if before[name] != value}
