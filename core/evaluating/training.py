"""Training what a session holds: its values put into the document, as one entry of the history."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, replace
from difflib import get_close_matches
from pathlib import Path
from types import NoneType
from typing import Any

import numpy as np

from ..document import Document
from ..errors import RunError
from ..files import as_path
from ..graph import Graph, Training
from ..near import plain
from ..other_ways import TRAINING
from ..parameters import refuse_unless, shown
from ..running import Holding, Running
from ..training.finiteness import unsound
from ..training.folder import RunFolder
from ..training.length import misfits
from ..training.optim import OPTIMISERS
from ..training.resuming import identity
from ..training.trainer import Result, Settings, Trainer
from .fitting import fit_missing

Array = np.ndarray[Any, Any]
Tell = Callable[[str], None]


def trainer_of(held: Holding, settings: Settings | None = None) -> Trainer:
    """A run of training of the graph as it is now, in the dtype and on the device of what holds it unless said."""
    settings = Settings() if settings is None else settings
    refuse_unless(settings, Settings, "a trainer takes Settings", hint="Settings(epochs=3)")
    if settings.dtype is None:
        settings = replace(settings, dtype=held.dtype)
    if settings.device is None:
        settings = replace(settings, device=held.device)
    trainer = Trainer(held.graph, held.registry, held.document.values, held.folder, settings)
    trainer.step.hooks = held.hooks
    if held.onlooker is not None:
        held.onlooker.follow(trainer)
    return trainer


def left_by_run(held: Holding, path: str | Path) -> RunFolder:
    """What a run of the graph has left in a folder. Raises `GradwireError` where it holds none, or of another."""
    return RunFolder(as_path(path, "a run's folder"), identity(trainer_of(held)))


def train(running: Running, trainer: Trainer | None, settings: Mapping[str, Any], tell: Tell | None = None) -> Result:
    """Train by a trainer, or by settings after fitting what was never fitted. Raises `GradwireError`; what does not
    fit the length of the run, or of an epoch, goes to `tell`: without one it is a warning of Python's.
    """
    if trainer is not None:
        _refuse_misfit(trainer, settings)
        if running.onlooker is not None:
            running.onlooker.follow(trainer)
    else:
        said = _read(settings)
        fit_missing(running)
        trainer = trainer_of(running, said)
        for unfit in misfits(trainer.schedule, trainer.rhythm, trainer.training):
            if tell is not None:
                tell(unfit)
            else:
                warnings.warn(unfit, stacklevel=3)  # of who calls Session.train
    result = trainer.run()
    broken = trainer.telling.not_finite
    if broken is not None and (trainer.telling.breaks or unsound(result.kept.items())):
        message = f"the run is {broken}, so the document keeps the values it had"
        raise RunError(message, hint="a trainer's run() gives what came of it")
    if not still_as(running.document, trainer.graph, trainer.values, result.values):
        raise RunError("the graph was edited while it trained, so its values were left as they are")
    with running.document.transaction("Train", source="training") as t:
        for id, value in result.kept.items():
            t.set_values(id, value)
    return result


def _refuse_misfit(trainer: Any, settings: Mapping[str, Any]) -> None:
    """Raise `RunError` for settings beside a trainer, and for what is no trainer."""
    if settings:
        raise RunError(f"a trainer has its settings already, got {', '.join(settings)} beside it")
    if not isinstance(trainer, Trainer):
        raise RunError(f"train takes a Trainer or settings by name, got {shown(trainer)}", hint="train(epochs=3)")


def _read(settings: Mapping[str, Any]) -> Settings:
    """The settings of a training run. Raises `RunError` for one that is not known or is no path where one belongs."""
    known = [field.name for field in fields(Settings)]
    for name, value in settings.items():
        if name not in known:
            near = get_close_matches(name, known, 1)
            other = _of_the_graph(name)
            hint = f"{f'perhaps {near[0]}; ' if near else ''}its settings: {', '.join(known)}"
            if other is not None:
                hint = f"{other} is a setting of the graph's training; those of a run: {', '.join(known)}"
            raise RunError(f"train has no setting {name!r}", hint=hint)
        if name in ("out", "resume") and not isinstance(value, (str, Path, NoneType)):
            raise RunError(f"train: {name} must be a path, got {shown(value)}")
    return Settings(**settings)


def _of_the_graph(name: str) -> str | None:
    """What the graph's own settings of training call that which somebody says for one run: `lr`, `batch`."""
    meant = TRAINING.get(plain(name), name)
    own = {*(field.name for field in fields(Training)), *(key for rule in OPTIMISERS.values() for key in rule.settings)}
    return meant if meant in own - {"extra"} else None


def still_as(document: Document, graph: Graph, values: Mapping[str, Array], trained: Iterable[str]) -> bool:
    """Whether what was trained of a graph, by id, may be put into a document: it means the same there, and has still
    the very `values` of before.
    """
    ids = list(trained)
    return all(document.values.get(id) is values.get(id) for id in ids) and means_as(document.graph, graph, ids)


def means_as(now: Graph, graph: Graph, trained: Iterable[str]) -> bool:
    """Whether the loss of `graph`, and what is trained of it, mean the same in a graph that it has become."""
    assert graph.training is not None
    if now is graph:
        return True
    loss = graph.training.loss
    return all(id in now.nodes for id in (loss, *trained)) and now.fingerprint(loss) == graph.fingerprint(loss)
