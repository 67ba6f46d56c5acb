"""The settings of a run of training: the graph's own, and those in their place that are said for this run."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from types import NoneType
from typing import Any

from ..backends import devices
from ..errors import Refusals, RunError, usage_told
from ..graph import Training
from ..graph.elements import DTYPES
from ..parameters import Parameter, Range, refuse_unless
from ..program import MODES
from ..random import state
from .averaging import AVERAGES
from .criteria import with_mode
from .named import chosen
from .schedules import schedule_chosen
from .stopping import STOPPING

_DEFAULTS = {field.name: field.default for field in dataclasses.fields(Training)}
NUMBERS = (
    Parameter("batch", int, _DEFAULTS["batch"], range=Range(1, unit="samples")),
    Parameter("epochs", int, _DEFAULTS["epochs"], range=Range(1, unit="passes")),
    Parameter("seed", int, _DEFAULTS["seed"]),
)
ZERO_GRADIENTS = Parameter("zero_gradients", bool, _DEFAULTS["zero_gradients"])
ACCUMULATE = Parameter("accumulate", int, _DEFAULTS["accumulate"], range=Range(1, unit="batches"))
_LIMIT = Range(low=0, above=True, usual=(0.01, 100.0), logarithmic=True)  # 0 would stop all training
_PENALTY = Range(low=0, usual=(0.0, 0.1))
GRADIENTS = (  # what is done to gradients before the optimiser has them
    ACCUMULATE,
    Parameter("clip_norm", float | None, _DEFAULTS["clip_norm"], range=_LIMIT),
    Parameter("clip_value", float | None, _DEFAULTS["clip_value"], range=_LIMIT),
    Parameter("l1", float, _DEFAULTS["l1"], range=_PENALTY),
    Parameter("l2", float, _DEFAULTS["l2"], range=_PENALTY),
)


@usage_told
@dataclass(frozen=True)
class Settings:
    """How to run: what the command line or a script says beside the graph's own training settings."""

    mode: str = "static"
    epochs: int | None = None
    seed: int | None = None
    dtype: str | None = None
    out: Path | None = None
    resume: Path | None = None
    device: str | None = None  # "cpu" or "cuda"; None: that of the session, else the CPU
    overfit_batch: bool = False  # the first batch of all again and again, to see whether the network learns at all

    def __post_init__(self) -> None:
        for name in ("out", "resume"):
            refuse_unless(getattr(self, name), (str, Path, NoneType), f"the {name} of a run must be a path")
        for name in ("out", "resume"):  # a script will give a text
            if (path := getattr(self, name)) is not None:
                object.__setattr__(self, name, Path(path))


NOTHING_SAID = Settings()


def overridden(training: Training, settings: Settings) -> Training:
    """The graph's settings with those of this run in their place.

    Raises `RunError` for what is not served.
    """
    refusals = Refusals()
    for name, choices in (("mode", MODES), ("dtype", (None, *DTYPES)), ("device", (None, *devices()))):
        if getattr(settings, name) not in choices:
            wanted = " or ".join(filter(None, choices))
            refusals.add(RunError(f"the {name} of a run must be {wanted}, got {getattr(settings, name)!r}"))
    with refusals.gathering():
        refuse_unless(settings.overfit_batch, bool, "overfit_batch must be true or false")
    changes: dict[str, Any] = {}
    if settings.epochs is not None:
        changes["epochs"] = settings.epochs
    if settings.seed is not None:
        changes["seed"] = settings.seed
    changed = dataclasses.replace(training, **changes)
    for number in NUMBERS:
        value, between = getattr(changed, number.name), number.range
        if between is not None and (type(value) is not int or not between.allows(value)):
            refusals.add(RunError(f"training needs {number.name}{between.limits}, got {value!r}"))
    with refusals.gathering():
        state(changed.seed)
    refuse_rare(changed, refusals)
    refusals.raise_any()
    return changed


def refuse_rare(training: Training, refusals: Refusals) -> None:
    """Gather what is wrong with the settings that most graphs leave as they are."""
    for parameter in GRADIENTS:
        with refusals.gathering():
            parameter.check_range(parameter.read(getattr(training, parameter.name), "training"), "training")
    if training.accumulate != 1 and not training.zero_gradients:
        message = f"accumulate needs zero_gradients, got {training.accumulate} batches and gradients that are kept"
        refusals.add(RunError(message, hint="accumulate: 1, or zero_gradients: true"))
    if training.penalised is not None and not (training.l1 or training.l2):
        refusals.add(RunError("training names penalised parameters without a penalty", hint="l2: 0.0001"))
    with refusals.gathering():
        schedule_chosen(training)
    with refusals.gathering():
        if training.average is not None:
            chosen(AVERAGES, "average", training.average)
    with refusals.gathering():
        if training.early_stopping is not None:
            with_mode("early stopping", STOPPING.check(training.early_stopping), training)
