"""Numbers of an epoch that are watched: which there are, and when one is better than another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from ..errors import RunError
from ..graph import Training
from .metrics import labelled

TRAINED, VALIDATED = "train_loss", "validation_"
WATCHED = f"{VALIDATED}loss"
Mode = Literal["min", "max"] | None  # None: as the metric that is watched is better


def better(value: float, best: float, mode: str, threshold: float, relative: bool = False) -> bool:
    """Whether a number is better than the best by more than the threshold; NaN is never."""
    if mode == "min":
        return value < (best * (1 - threshold) if relative else best - threshold)
    return value > (best * (1 + threshold) if relative else best + threshold)


def watchable(training: Training, validates: bool = True) -> dict[str, str]:
    """The numbers of an epoch that can be watched, each with how it is better; `validates`: there are held-out data."""
    metrics = {label: made.better for label, made in labelled(training.metrics).items()}
    held_out = {f"{VALIDATED}{name}": mode for name, mode in {"loss": "min", **metrics}.items()}
    return {TRAINED: "min", **(held_out if validates else {})}


def with_mode(what: str, settings: Mapping[str, Any], training: Training, validates: bool = True) -> dict[str, Any]:
    """Settings complete with a `mode`: that of the metric they watch, unless they say one.

    Raises `RunError` where the run does not have that metric.
    """
    name, known = settings["metric"], watchable(training, validates)
    if name not in known:
        reason = ", since it holds no samples out" if name in watchable(training) else ""
        raise RunError(f"{what} watches {name!r}, which this run does not have{reason}", hint=f"metric: {_or(known)}")
    return {**settings, "mode": settings["mode"] or known[name]}


def _or(names: Mapping[str, str]) -> str:
    return " or ".join(names)
