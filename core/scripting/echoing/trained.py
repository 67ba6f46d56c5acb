"""The arguments of `training`: what of the settings has changed, with what they name by its id as lines name it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any

from ...graph import Training
from ...graph.elements import same
from ...training.metrics import ROLES
from .adding import Waits
from .comparing import renamed
from .draft import Drafted
from .spelling import Output, Thing

NAMES = tuple(each.name for each in fields(Training) if each.name != "extra")
IsThere = Callable[[str], bool]


def settings(drafted: Drafted, wanted: Training, found: Training | None, is_there: IsThere) -> dict[str, Any]:
    """What leads from the settings of the draft to those that are wanted."""
    before, here = Training("") if found is None else found, renamed(wanted, drafted.here)
    given = {name: getattr(wanted, name) for name in NAMES if not same(getattr(here, name), getattr(before, name))}
    if "loss" in given:
        given["loss"] = Thing(wanted.loss)
    if "penalised" in given and wanted.penalised is not None:
        given["penalised"] = [Thing(id) for id in wanted.penalised]
    if "metrics" in given:
        given["metrics"] = [_metric(each, is_there) for each in wanted.metrics]
    old, new = dict(before.optimiser), dict(wanted.optimiser)
    if "optimiser" in given and old.get("name") == new.get("name") and old.keys() <= new.keys():
        changed = {key: value for key, value in new.items() if not same(value, old.get(key))}
        if not changed.keys() & set(NAMES):
            del given["optimiser"]
            given.update(changed)
    return given


def _metric(entry: Mapping[str, Any], is_there: IsThere) -> dict[str, Any]:
    """A metric with the values that it compares as lines name them."""
    told = dict(entry)
    for role in ROLES:
        if isinstance(told.get(role), str):
            node, _, name = told[role].partition(".")
            if not is_there(node):
                raise Waits
            told[role] = Output(node, name)
    return told
