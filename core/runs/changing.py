"""Settings that are changed in the course of a run, between two iterations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from ..errors import RunError
from ..graph import Graph, Training
from ..graph.elements import near_misses
from ..training.optim import optimiser
from ..training.settings import NOTHING_SAID, overridden
from ..training.trainer import Trainer

FREEZE, UNFREEZE = "freeze", "unfreeze"
RATE = "lr"
TRAINING = (  # fields of the training settings; the others would make it another run
    "epochs",
    "early_stopping",
    "schedule",
    "clip_norm",
    "clip_value",
    "l1",
    "l2",
    "penalised",
    "parameter_groups",
)


class Change(NamedTuple):
    """What is set after an iteration has ended (0: before the first), by name: settings of the optimiser and of
    `TRAINING`, and under `FREEZE` and `UNFREEZE` ids or paths of parameters, or of groups for all within.
    """

    iteration: int
    settings: Mapping[str, Any]


def changed(graph: Graph, settings: Mapping[str, Any]) -> Graph:
    """The graph of a run with these settings changed. Raises `GradwireError` for what is none or cannot be."""
    training = graph.training
    if training is None:
        raise RunError("the graph has no training settings")
    draft = graph.draft()
    draft.training = _training(training, settings)
    for name, frozen in ((FREEZE, True), (UNFREEZE, False)):
        for id in _parameters(graph, name, settings.get(name, ())):
            flags = draft.nodes[id].flags
            draft.update(id, flags=flags | {FREEZE} if frozen else flags - {FREEZE})
    return draft.freeze()


def _training(training: Training, settings: Mapping[str, Any]) -> Training:
    chosen, _ = optimiser(training.optimiser)
    fields: dict[str, Any] = {}
    own: dict[str, Any] = {}
    for name, value in settings.items():
        if name in TRAINING:
            fields[name] = value
        elif name in chosen.settings:
            own[name] = value
        elif name not in (FREEZE, UNFREEZE):
            known = (*chosen.settings, *TRAINING, FREEZE, UNFREEZE)
            hint = near_misses(name, known) or f"it can change {', '.join(known)}"
            raise RunError(f"a run cannot change {name!r} on its way", hint=hint)
    chosen.check({**training.optimiser, **own})
    return overridden(replace(training, optimiser={**training.optimiser, **own}, **fields), NOTHING_SAID)


def _parameters(graph: Graph, what: str, names: Any) -> Iterable[str]:
    """The ids of the parameters that are meant."""
    if isinstance(names, str) or not isinstance(names, (list, tuple)):
        raise RunError(f"{what} takes a list of parameters or groups, got {names!r}", hint=f"{what}=['linear0']")
    for name in names:
        group = _group(graph, str(name))
        if group is not None:
            found = [id for id in graph.interior(group)[0] if graph.nodes[id].op == "parameter"]
            if not found:
                raise RunError(f"{what}: no parameter lies in {graph.path(group)}")
            yield from found
            continue
        id = graph.resolve(str(name))
        if graph.nodes[id].op != "parameter":
            raise RunError(f"{what} takes parameters or groups, {graph.path(id)} is a {graph.nodes[id].op}")
        yield id


def _group(graph: Graph, name: str) -> str | None:
    """The group of this id or path."""
    if name in graph.groups:
        return name
    found: str | None = None
    for part in name.split("/"):
        found = graph.named(part, found)
        if found is None:
            return None
    return found if found in graph.groups else None


def apply(trainer: Trainer, graph: Graph, settings: Mapping[str, Any], folder: Path | None) -> None:
    """Let a trainer, between two iterations, go on with this graph: its own with these settings changed.

    What is frozen keeps its slots, so that it goes on from them. Raises `GradwireError`; then it is as it was.
    """
    training = graph.training
    assert training is not None
    if settings.keys() == {RATE} and not any(RATE in group for group in training.parameter_groups):
        # The rate is fed to the plan: nothing is compiled anew, and a slider can be drawn.
        trainer.graph, trainer.training = graph, training
        trainer.step.follow(graph, training)
        return
    trainer.follow(Trainer(graph, trainer.registry, trainer.values, folder, trainer.settings))
