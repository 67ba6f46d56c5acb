"""What form each setting of training has, whoever sets it: a file, a script, the window."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from ..errors import EditError, Refusals
from ..near import plain
from ..other_names import SAME
from .elements import Training

NOT_FINITE = ("nan", "inf", "-inf")  # as these numbers are held: JSON has no word for them
FORMS = {
    "loss": "a text",
    "optimiser": "an object",
    "batch": "an integer",
    "epochs": "an integer",
    "seed": "an integer",
    "zero_gradients": "true or false",
    "metrics": "a list of objects",
    "parameter_groups": "a list of objects",
    "schedule": "an object or null",
    "early_stopping": "an object or null",
    "accumulate": "an integer",
    "clip_norm": "a number or null",
    "clip_value": "a number or null",
    "l1": "a number",
    "l2": "a number",
    "penalised": "a list of texts or null",
    "average": "an object or null",
}

EXAMPLES = {  # of those that are objects
    "optimiser": '{"name": "adam"}',
    "metrics": '[{"name": "accuracy", "prediction": "logits", "target": "data.y"}]',
    "parameter_groups": '[{"parameters": ["fc1"], "lr": 0.001}]',
    "schedule": '{"name": "cosine"}',
    "early_stopping": '{"patience": 5}',
    "average": '{"name": "exponential"}',
}


def check_form(training: Training) -> None:
    """Raise `EditError` for each setting that is of another form than it has: no file could hold it."""
    refusals = Refusals()
    for name, wanted in FORMS.items():
        value = getattr(training, name)
        if not fits(value, wanted):
            refusals.add(_misfit(name, wanted, unfit(value, wanted)))
    refusals.raise_any()


def _misfit(name: str, wanted: str, found: Any) -> EditError:
    if wanted.startswith("a number") and (isinstance(found, float) or found in NOT_FINITE):
        return EditError(f"{name} of training must be {wanted.replace('a number', 'a finite number')}, got {found}")
    return EditError(f"{name} of training must be {wanted}, got {found!r}", hint=_example(name, found))


def _example(name: str, found: Any) -> str | None:
    """How it is said what was meant, where the setting is an object."""
    example = EXAMPLES.get(name)
    if example is None:
        return None
    if found is False:
        return f"as in {example}, null for none"
    if isinstance(found, str) and found and example.startswith('{"name"'):
        name = SAME.get(name, {}).get(plain(found), found)
        return f"as in {json.dumps({'name': name}, ensure_ascii=False)}"
    if name == "early_stopping" and type(found) is int:
        return f'as in {{"patience": {found}}}'
    return f"as in {example}"


def fits(value: Any, wanted: str) -> bool:
    """Whether a value has one of these forms."""
    if value is None and wanted.endswith(" or null"):
        return True
    match wanted.removesuffix(" or null"):
        case "a text":
            return type(value) is str
        case "an integer":
            return type(value) is int
        case "true or false":
            return type(value) is bool
        case "a number":
            return type(value) in (int, float) and math.isfinite(value)
        case "a list of objects":
            return isinstance(value, (list, tuple)) and all(isinstance(item, Mapping) for item in value)
        case "a list of texts":
            return isinstance(value, (list, tuple)) and all(type(item) is str for item in value)
        case _:
            return isinstance(value, Mapping)


def unfit(value: Any, wanted: str) -> Any:
    """What of a value does not fit: the first such entry of a list."""
    if not isinstance(value, (list, tuple)) or not wanted.startswith("a list of "):
        return value
    kind = Mapping if wanted.startswith("a list of objects") else str
    return next((item for item in value if not isinstance(item, kind)), value)
