"""The settings of a run of training: the graph's own, and those in their place that are said for this run."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import Refusals, RunError
from ..graph import Training
from ..graph.elements import DTYPES
from ..parameters import Parameter, Range
from ..program import MODES

_DEFAULTS = {field.name: field.default for field in dataclasses.fields(Training)}
NUMBERS = (
    Parameter("batch", int, _DEFAULTS["batch"], range=Range(1, unit="samples")),
    Parameter("epochs", int, _DEFAULTS["epochs"], range=Range(1, unit="passes")),
    Parameter("seed", int, _DEFAULTS["seed"]),
)
ZERO_GRADIENTS = Parameter("zero_gradients", bool, _DEFAULTS["zero_gradients"])


@dataclass(frozen=True)
class Settings:
    """How to run: what the command line or a script says beside the graph's own training settings."""

    mode: str = "static"
    epochs: int | None = None
    seed: int | None = None
    dtype: str | None = None
    out: Path | None = None
    resume: Path | None = None

    def __post_init__(self) -> None:
        for name in ("out", "resume"):  # a script will give a text
            if (path := getattr(self, name)) is not None:
                object.__setattr__(self, name, Path(path))


NOTHING_SAID = Settings()


def overridden(training: Training, settings: Settings) -> Training:
    """The graph's settings with those of this run in their place.

    Raises `RunError` for what is not served.
    """
    refusals = Refusals()
    for name, choices in (("mode", MODES), ("dtype", (None, *DTYPES))):
        if getattr(settings, name) not in choices:
            wanted = " or ".join(filter(None, choices))
            refusals.add(RunError(f"the {name} of a run must be {wanted}, got {getattr(settings, name)!r}"))
    for name in ("schedule", "early_stopping"):
        if getattr(training, name) is not None:
            message = f"training has the setting {name}, which this version does not know"
            refusals.add(RunError(message, hint="remove it"))
    if training.parameter_groups:
        message = "training has parameter_groups, which this version does not know"
        refusals.add(RunError(message, hint="remove them"))
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
    refusals.raise_any()
    return changed
