"""Training settings as a script gives them: values by name, settings of the optimiser beside the rest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from ..document.ports import source_text
from ..errors import EditError
from ..graph import Training
from ..near import near
from ..parameters import shown
from ..training.metrics import ROLES
from ..training.optim import optimiser
from . import finding
from .workspace import Workspace


def changed_training(workspace: Workspace, old: Training | None, given: Mapping[str, Any]) -> Training:
    """The settings with those that are given in their place. Raises `GradwireError`."""
    known = {field.name for field in fields(Training)} - {"extra"}
    own = {key: value for key, value in given.items() if key in known}
    rest = {key: value for key, value in given.items() if key not in known}
    if "loss" in own:
        own["loss"] = finding.value(workspace.view, workspace.registry, own["loss"]).node
    elif old is None:
        raise EditError("training needs a loss, the value that is made small", hint='as in training(loss="loss")')
    if "metrics" in own:
        own["metrics"] = tuple(_metric(workspace, each) for each in own["metrics"])
    if "penalised" in own and own["penalised"] is not None:
        own["penalised"] = tuple(finding.item(workspace.view, each) for each in own["penalised"])
    if "parameter_groups" in own:
        own["parameter_groups"] = tuple(_group(workspace, each) for each in own["parameter_groups"])
    base = Training("") if old is None else old
    own["optimiser"] = _optimiser(base, own.get("optimiser"), rest, known)
    return replace(base, **own)


def _optimiser(base: Training, chosen: Any, rest: Mapping[str, Any], known: set[str]) -> dict[str, Any]:
    """The optimiser with its settings: of another one than before its own defaults."""
    settings = dict(base.optimiser) if chosen is None else {"name": chosen} if isinstance(chosen, str) else chosen
    if not isinstance(settings, Mapping):
        raise EditError(f"an optimiser is told by its name, got {shown(chosen)}", hint='as in optimiser="adam"')
    complete = optimiser(settings)[1]
    for key in rest:
        if key not in complete:
            close = near(key, [*known, *complete], 3) or sorted([*known, *complete])
            raise EditError(f"training has no setting {key!r}", hint=f"near: {', '.join(close)}")
    wanted = {**settings, **rest}
    optimiser(wanted)
    return wanted


def _group(workspace: Workspace, entry: Any) -> Any:
    """A parameter group with what it names by id, as documents have it."""
    if not isinstance(entry, Mapping) or not isinstance(entry.get("parameters"), list | tuple):
        return entry  # which is refused when it is set
    return {**entry, "parameters": tuple(finding.item(workspace.view, each) for each in entry["parameters"])}


def _metric(workspace: Workspace, entry: Any) -> dict[str, Any]:
    """A metric with the values that it compares by id, as documents have them."""
    if not isinstance(entry, Mapping):
        hint = '{"name": "accuracy", "prediction": "logits", "target": "data.y"}'
        raise EditError(f"a metric names what it compares, got {shown(entry)}", hint=hint)
    sources = {role: finding.value(workspace.view, workspace.registry, entry[role]) for role in ROLES if role in entry}
    texts = {role: source_text(workspace.view, workspace.registry, source) for role, source in sources.items()}
    return {**entry, **texts}
