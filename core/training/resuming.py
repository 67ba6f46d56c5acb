"""A run written as a checkpoint, and one that goes on from there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..backends import on_device
from ..errors import RunError
from ..graph import Training
from . import checkpoint
from .averaging import AVERAGES
from .named import chosen
from .optim import group_settings, optimiser
from .telling import Telling

if TYPE_CHECKING:
    from .trainer import Trainer

RARE = ("accumulate", "clip_norm", "clip_value", "l1", "l2", "penalised")


def identity(trainer: Trainer) -> dict[str, Any]:
    """What a checkpoint must have in common with the run that goes on from it: the settings that decide its bits, by
    name and complete, however many of them are said; None for what is as usual.
    """
    training = trainer.training
    rule, common = optimiser(training.optimiser)
    groups = group_settings(trainer.graph, training)
    usual = type(training)(training.loss)
    rare = {name: getattr(training, name) for name in RARE}
    return {
        "loss": trainer.graph.fingerprint(training.loss),
        "optimiser": {"name": rule.name, **common},
        "parameter_groups": {id: own for id, own in groups.items() if own != common},
        "zero_gradients": training.zero_gradients,
        "samples": trainer.data.samples,
        "batch": training.batch,
        "seed": training.seed,
        "dtype": trainer.dtype,
        "schedule": None if trainer.schedule is None else trainer.schedule.identity,
        "average": _average(training),
        "early_stopping": trainer.stopping,
        "overfit_batch": True if trainer.settings.overfit_batch else None,
        **{name: None if value == getattr(usual, name) else value for name, value in rare.items()},
    }


def _average(training: Training) -> dict[str, Any] | None:
    if training.average is None:
        return None
    rule, complete = chosen(AVERAGES, "average", training.average)
    return {"name": rule.name, **complete}


def write(trainer: Trainer, path: Path) -> None:
    """Write where a run is, between two iterations. Raises `FileError`."""
    state = trainer.engine.state
    position = {
        "epoch": state.epoch,
        "iteration": state.iteration,
        "history": trainer.history,
        "run": identity(trainer),
        **trainer.telling.position(),
    }
    best = {f"{checkpoint.BEST}{slot}": value for slot, value in trainer.best.items()}
    checkpoint.write(path, {**on_device(trainer.device).fetch(trainer.state), **best}, position)


def resume(trainer: Trainer, path: Path) -> None:
    """Let a run that has not begun go on from a checkpoint.

    Raises `GradwireError` for a checkpoint that does not fit.
    """
    found, position = checkpoint.read(path)
    checkpoint.check_run(path, position["run"], identity(trainer))
    state, best = checkpoint.apart(found)
    shapes = {slot: array.shape for slot, array in state.items()}
    if shapes != {slot: array.shape for slot, array in trainer.state.items()}:
        raise RunError(f"the checkpoint {path} does not hold the values of this graph")
    epoch, epochs = position["epoch"], trainer.training.epochs
    if epoch > epochs:
        raise RunError(
            f"the checkpoint {path} is of epoch {epoch}, and the run ends after {epochs}",
            hint=f"epochs: {epoch} or more",
        )
    trainer.state, trainer.best = on_device(trainer.device).put(state), best
    trainer.telling = Telling(position)
    trainer.history = position["history"]
    engine = trainer.engine.state
    engine.iteration, engine.epoch = position["iteration"], len(trainer.history)
