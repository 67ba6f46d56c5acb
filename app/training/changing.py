"""What an edit of the document means for a run that goes on: which settings it is told, which parameters it freezes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from ...core.errors import GradwireError
from ...core.graph import Graph, Training
from ...core.runs.changing import FREEZE, TRAINING, UNFREEZE
from ...core.training.optim import optimiser


def settings_between(old: Training, new: Training) -> dict[str, Any] | None:
    """The settings that a run is told to change on its way, by name; None where others differ, which it cannot."""
    try:
        before, after = optimiser(old.optimiser)[1], optimiser(new.optimiser)[1]
    except GradwireError:
        return None
    if old.optimiser.get("name") != new.optimiser.get("name"):
        return None
    changed = {name: getattr(new, name) for name in TRAINING if getattr(old, name) != getattr(new, name)}
    if replace(old, optimiser={}, **changed) != replace(new, optimiser={}):
        return None
    return {**{name: value for name, value in after.items() if before[name] != value}, **changed}


def with_settings(told: Training, settings: Mapping[str, Any]) -> Training:
    """What a run was told, with these settings by name."""
    fields = {name: value for name, value in settings.items() if name in TRAINING}
    rates = {name: value for name, value in settings.items() if name not in TRAINING}
    return replace(told, optimiser={**told.optimiser, **rates}, **fields)


def frozen_between(old: Graph, new: Graph, parameters: Iterable[str]) -> dict[str, list[str]]:
    """Which of these parameters a run is told to freeze, and which to train again, by id."""
    found: dict[str, list[str]] = {FREEZE: [], UNFREEZE: []}
    for id in parameters:
        before, after = old.nodes[id], new.nodes.get(id)
        if after is not None and (FREEZE in before.flags) != (FREEZE in after.flags):
            found[FREEZE if FREEZE in after.flags else UNFREEZE].append(id)
    return {name: ids for name, ids in found.items() if ids}


def taken_back(told: Training, settings: dict[str, Any], own: Training) -> Training:
    """What a run was told, less the settings that it has refused: those are its `own` as before."""
    fields = {name: getattr(own, name) for name in settings if name in TRAINING}
    return replace(told, optimiser=own.optimiser, **fields)
