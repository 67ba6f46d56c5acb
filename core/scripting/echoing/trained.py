"""The arguments of `training`: what of the settings has changed, with what they name by its id as lines name it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from ...graph import Training
from ...graph.elements import same
from ...training.metrics import ROLES
from .comparing import renamed
from .draft import Drafted
from .spelling import Output, Thing

NAMES = tuple(each.name for each in fields(Training) if each.name != "extra")


def settings(drafted: Drafted, wanted: Training, found: Training | None) -> dict[str, Any]:
    """What leads from the settings of the draft to those that are wanted, which name what is there."""
    before, here = Training("") if found is None else found, renamed(wanted, drafted.here)
    given = {name: getattr(wanted, name) for name in NAMES if not same(getattr(here, name), getattr(before, name))}
    if "loss" in given:
        given["loss"] = Thing(wanted.loss)
    if "penalised" in given and wanted.penalised is not None:
        given["penalised"] = [Thing(id) for id in wanted.penalised]
    if "metrics" in given:
        given["metrics"] = [_metric(each) for each in wanted.metrics]
    if "parameter_groups" in given:
        given["parameter_groups"] = [
            {**each, "parameters": [Thing(id) for id in each.get("parameters", ())]} for each in wanted.parameter_groups
        ]
    old, new = dict(before.optimiser), dict(wanted.optimiser)
    if "optimiser" in given and old.get("name") == new.get("name") and old.keys() <= new.keys():
        changed = {key: value for key, value in new.items() if not same(value, old.get(key))}
        if not changed.keys() & set(NAMES):
            del given["optimiser"]
            given.update(changed)
    return given


def _metric(entry: Mapping[str, Any]) -> dict[str, Any]:
    """A metric with the values that it compares as lines name them."""
    told = dict(entry)
    for role in ROLES:
        if isinstance(told.get(role), str):
            node, _, name = told[role].partition(".")
            told[role] = Output(node, name)
    return told
