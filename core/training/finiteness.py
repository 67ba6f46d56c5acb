"""A run that stops by itself where numbers are no longer finite: what is trained from there on is lost."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..backends import on_device
from .engine import Engine, Events

if TYPE_CHECKING:
    from .trainer import Trainer

Array = np.ndarray[Any, Any]
FIRST = 100.0  # priority: before the epoch is measured and written down


class NotFinite(NamedTuple):
    """The first iteration behind which not all numbers are finite, and which of them are not."""

    iteration: int
    what: str

    def __str__(self) -> str:
        return f"not finite since iteration {self.iteration:,} ({self.what})"


def finite(array: Array) -> bool:
    """Whether all elements are."""
    if array.dtype.kind != "f":
        return True
    return math.isfinite(np.add.reduce(array, axis=None)) or bool(np.isfinite(array).all())


def unsound(arrays: Iterable[tuple[str, Array]]) -> list[str]:
    """The names of those arrays that are not finite."""
    with np.errstate(all="ignore"):
        return [name for name, array in arrays if not finite(array)]


def stopping_where_not_finite(trainer: Trainer, engine: Engine) -> Engine:
    """The engine of a run, which stops behind the first iteration whose loss is not finite, and the first epoch after
    which a parameter is not. One that is gone on with behind that goes on to its end: somebody wants to see what comes.
    """

    def parameter() -> str:
        """The path of one that is not finite."""
        held = on_device(trainer.device).fetch({id: trainer.state[id] for id in trainer.step.trained})
        return next(iter(unsound((trainer.graph.path(id), value) for id, value in held.items())), "")

    def begin(engine: Engine) -> None:
        trainer.telling.go_on()
        if engine.state.iteration == 0 and (path := parameter()):
            trainer.telling.not_finite = NotFinite(1, f"{path} was not before it: reinitialise it, or undo")

    def stop(engine: Engine) -> None:
        if trainer.telling.breaks:
            engine.stop()

    def look(engine: Engine) -> None:
        trainer.telling.read()  # on a device: the loss may have been the first
        if trainer.telling.not_finite is None and (path := parameter()):
            trainer.telling.not_finite = NotFinite(engine.state.iteration, f"{path} is not")
        stop(engine)

    handlers = ((Events.STARTED, begin), (Events.ITERATION_COMPLETED, stop), (Events.EPOCH_COMPLETED, look))
    for event, handler in handlers:
        engine.add_event_handler(event, handler, priority=FIRST)
    return engine
