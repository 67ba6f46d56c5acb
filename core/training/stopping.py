"""Early stopping: a run ends when a metric has not become better for a while. A function of the history alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import isnan
from typing import Annotated, Any, NamedTuple

from ..graph import Training
from ..parameters import Range
from .criteria import WATCHED, Mode, better, with_mode
from .named import Named


def early_stopping(
    *,
    metric: str = WATCHED,
    patience: Annotated[int, Range(low=1, unit="epochs")] = 5,
    min_delta: Annotated[float, Range(low=0, usual=(0.0, 0.1))] = 0.0,
    mode: Mode = None,
    restore_best: bool = False,
) -> None:
    """Training ends after patience epochs in which the metric was not better by more than min_delta."""


STOPPING = Named.of(early_stopping)


class Course(NamedTuple):
    """How a metric has gone: the epoch that was best, counted from 1 (0: none so far), and whether it is over."""

    best: int
    ended: bool


def course(settings: Mapping[str, Any], numbers: Iterable[float]) -> Course:
    """What early stopping makes of the numbers with which the epochs have ended; `settings` complete, with a mode."""
    best, value, epoch = 0, 0.0, 0
    for epoch, number in enumerate(numbers, 1):
        first = best == 0 and not isnan(number)
        if first or (best and better(number, value, settings["mode"], settings["min_delta"])):
            best, value = epoch, number
    return Course(best, epoch - best >= settings["patience"])


def may_end(settings: Mapping[str, Any], numbers: Sequence[float]) -> bool:
    """Whether the epoch that follows these is the last unless it is better."""
    return len(numbers) + 1 - course(settings, numbers).best >= settings["patience"]


def stopping(training: Training, validates: bool) -> dict[str, Any] | None:
    """The settings of early stopping, complete; None where a run goes to its last epoch. Raises `GradwireError`."""
    if training.early_stopping is None:
        return None
    return with_mode("early stopping", STOPPING.check(training.early_stopping), training, validates)
