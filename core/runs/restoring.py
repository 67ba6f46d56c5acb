"""A trainer brought to where a checkpoint of its run was written."""

from __future__ import annotations

from pathlib import Path

from ..backends import on_device
from ..errors import RunError
from ..training import checkpoint
from ..training.resuming import identity
from ..training.telling import Telling
from ..training.trainer import Trainer

LASTING = ("samples", "batch", "seed", "dtype")  # what no change of settings on the way changes


def restore(trainer: Trainer, path: Path) -> int:
    """Let a trainer that has not begun go on from a checkpoint, and say how many batches of its epoch are behind it.

    The graph of the trainer is the one with the changes up to there. Slots that it has and the checkpoint has not are
    those of parameters that are trained from here on. Raises `GradwireError` for a checkpoint that does not fit.
    """
    found, position = checkpoint.read(path)
    wanted = identity(trainer)
    checkpoint.check_run(path, position["run"], {name: wanted[name] for name in LASTING})
    state, best = checkpoint.apart(found)
    own = trainer.state
    kept = {id for id in own if id in trainer.graph.nodes}
    if not kept <= state.keys() or any(state[slot].shape != own[slot].shape for slot in own.keys() & state.keys()):
        raise RunError(f"the checkpoint {path} does not hold the values of this graph")
    trainer.state = {**own, **on_device(trainer.device).put(state)}
    trainer.best, trainer.history = best, position["history"]
    trainer.telling = Telling(position)
    engine, epoch = trainer.engine.state, position["epoch"]
    engine.iteration = position["iteration"]
    whole = len(trainer.history) == epoch
    engine.epoch = epoch if whole else epoch - 1
    return 0 if whole else engine.iteration - engine.epoch * trainer.iterations_per_epoch
