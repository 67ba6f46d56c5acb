"""Training settings as a script gives them: values by name, settings of the optimiser beside the rest."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import fields, replace
from typing import Any

from ..document.ports import source_text
from ..errors import EditError, GradwireError, Refusals
from ..feeding import describer
from ..graph import Graph, Training
from ..graph.training_form import check_form
from ..infer import refuse
from ..near import near, plain
from ..other_ways import TRAINING
from ..parameters import shown
from ..training.checking import Compared, both_sizes, metric_problems
from ..training.metrics import ROLES
from ..training.optim import OPTIMISERS, group_settings, optimiser
from ..training.settings import NOTHING_SAID, overridden
from ..training.sources import read_metrics
from ..training.stopping import STOPPING
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
    for name, read in (("metrics", _metric), ("penalised", _item), ("parameter_groups", _group)):
        if isinstance(own.get(name), list | tuple):  # what is of another form is refused below
            own[name] = tuple(read(workspace, each) for each in own[name])
    base = Training("") if old is None else old
    own["optimiser"] = _optimiser(base, own.get("optimiser"), rest, known)
    new = replace(base, **own)
    check_form(new)
    _refuse_wrong(workspace, base, new)
    return new


def _refuse_wrong(workspace: Workspace, old: Training, new: Training) -> None:
    """Raise at once what training would refuse later of the settings; of what is wrong since before nothing is said."""
    before = {str(each) for each in _wrong(workspace, old)}
    new_ones = [each for each in _wrong(workspace, new) if str(each) not in before]
    if new_ones:
        first, *others = new_ones
        first.also = tuple(others)
        raise first


def _wrong(workspace: Workspace, training: Training) -> tuple[GradwireError, ...]:
    """What is wrong with settings, as far as it can be told of the graph as it stands."""
    view, refusals = workspace.view, Refusals()
    with refusals.gathering():
        overridden(training, NOTHING_SAID)
    with refusals.gathering():
        group_settings(view, training)
    compared = read_metrics(view, workspace.registry, training, refusals)
    if compared and isinstance(view, Graph):  # within edits the graph is not whole yet
        with refusals.gathering():
            _refuse_misfits(workspace, view, training, compared)
    error = refusals.error()
    return () if error is None else error.each


def _refuse_misfits(workspace: Workspace, graph: Graph, training: Training, compared: Compared) -> None:
    """Raise `GradwireError` for metrics that cannot compare values of these shapes."""
    session, registry = workspace.session, workspace.registry
    dtype = session.dtype or graph.dtype
    try:
        inferred = both_sizes(graph, registry, training, dtype, describer(session.folder, dtype))
    except GradwireError:  # the graph itself cannot be trained, which is told when it is to be
        return
    refuse(metric_problems(graph, registry, training, compared, inferred), graph)


def _optimiser(base: Training, chosen: Any, rest: Mapping[str, Any], known: set[str]) -> dict[str, Any]:
    """The optimiser with its settings: of another one than before its own defaults."""
    settings = dict(base.optimiser) if chosen is None else {"name": chosen} if isinstance(chosen, str) else chosen
    if not isinstance(settings, Mapping):
        raise EditError(f"an optimiser is told by its name, got {shown(chosen)}", hint='as in optimiser="adam"')
    complete = optimiser(settings)[1]
    for key in rest:
        if key not in complete:
            raise _unknown(key, str(settings.get("name")), [*known, *complete])
    wanted = {**settings, **rest}
    optimiser(wanted)
    return wanted


def _unknown(key: str, chosen: str, known: Collection[str]) -> EditError:
    """The refusal of a setting that neither training nor the optimiser has, with what would fit."""
    others = [name for name, each in OPTIMISERS.items() if key in each.settings]
    stopping = [name for name in STOPPING.settings if name == key]
    if (meant := TRAINING.get(plain(key))) is not None:
        hint = f"near: {meant}"
    elif stopping:
        hint = f'it is one of early stopping: early_stopping={{"{key}": …}}'
    elif others:
        hint = f"{chosen} has none, {' and '.join(others[:3])} have" if len(others) > 1 else f"{others[0]} has it"
    else:
        hint = f"near: {', '.join(near(key, known, 3) or sorted(known))}"
    return EditError(f"training has no setting {key!r}", hint=hint)


def _item(workspace: Workspace, entry: Any) -> str:
    """The id of a parameter or group that is named."""
    return finding.item(workspace.view, entry)


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
