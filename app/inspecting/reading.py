"""Parameters as text and back. What a text says is read strictly (JSON, numbers, lists), never evaluated."""

from __future__ import annotations

import json
import math
import re
from types import NoneType, UnionType
from typing import Any, Literal, NamedTuple, Union, get_args, get_origin

import numpy as np

from ...core.errors import ParameterError
from ...core.files.strict_json import read_json
from ...core.parameters import Parameter

_INTEGER = re.compile(r"[+-]?[0-9]{1,1000}")
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,6})?")
_NOTHING = ("", "none", "null")
LONGEST = 4000  # characters of a value that a field still shows and edits


class Range(NamedTuple):
    """What a slider covers. Where it is `logarithmic`, equal ways are equal factors."""

    low: float
    high: float
    logarithmic: bool = False

    def share(self, value: float) -> float:
        """Where from 0 to 1 a value of the range stands."""
        low, high = self.low, self.high
        if self.logarithmic:
            value, low, high = (math.log10(max(each, 1e-300)) for each in (value, low, high))
        return min(max((value - low) / (high - low), 0.0), 1.0)

    def value_at(self, share: float) -> float:
        """The value that stands there."""
        share = min(max(share, 0.0), 1.0)
        if self.logarithmic:
            return self.low * (self.high / self.low) ** share
        return self.low + (self.high - self.low) * share


# Sliders cover what is usual; a text may say more, and the core says what is allowed.
RANGES = {
    "dropout.rate": Range(0.0, 1.0),
    "dataset.validation": Range(0.0, 1.0),
    "leaky_relu.slope": Range(0.0, 1.0),
    "sgd.lr": Range(1e-5, 1.0, True),
    "sgd.momentum": Range(0.0, 1.0),
    "adam.lr": Range(1e-5, 1.0, True),
    "adam.eps": Range(1e-12, 1e-2, True),
}
UNITS = {"training.batch": "samples", "training.epochs": "passes", "dataset.validation": "of rows"}


def options(annotation: Any) -> tuple[Any, ...]:
    """The alternatives of an annotation: itself, where it is no union."""
    return get_args(annotation) if get_origin(annotation) in (Union, UnionType) else (annotation,)


def choices(parameter: Parameter) -> tuple[Any, ...]:
    """The values to choose from, () for a parameter that takes more than a few."""
    found: list[Any] = []
    for option in options(parameter.annotation):
        if get_origin(option) is Literal:
            found += get_args(option)
        elif option in (bool, None, NoneType):
            found += [True, False] if option is bool else [None]
        else:
            return ()
    return tuple(found)


def is_number(parameter: Parameter) -> bool:
    """Whether the parameter takes one number, and nothing else but null."""
    kinds = [option for option in options(parameter.annotation) if option is not NoneType]
    return len(kinds) == 1 and kinds[0] in (int, float)


def spell(value: Any, annotation: Any = Any) -> str:
    """`value` as a field shows it: "", "0.001", "(N, 64)", for any value JSON text."""
    if value is None:
        return ""
    if annotation is Any:
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, (list, tuple)):
        inner = ", ".join(spell(item, None) for item in value)
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else repr(value)


def read(parameter: Parameter, text: str, owner: str) -> Any:
    """What `text` says, as the parameter wants it. Raises `GradwireError` with the core's line."""
    text = text.strip()
    if parameter.annotation is Any:
        if not text and parameter.default is None:
            return None
        if not text:
            raise ParameterError(f"{owner}: {parameter.name} must be given", hint="a number, or lists such as [1, 2]")
        return parameter.read(read_json(text.encode("utf-8", "surrogatepass"), parameter.name), owner)
    kinds = options(parameter.annotation)
    if NoneType in kinds and text.lower() in _NOTHING:
        return None
    return parameter.read(_value(kinds, text), owner)


def _value(kinds: tuple[Any, ...], text: str) -> Any:
    """The number or list that `text` spells where one is wanted, else the text as it is."""
    if any(get_origin(kind) is tuple for kind in kinds) and ("," in text or text[:1] in ("(", "[") or not text):
        return _items(text)
    if any(get_origin(kind) is tuple for kind in kinds) and int not in kinds:
        return _items(text)
    if _INTEGER.fullmatch(text) and (int in kinds or float in kinds):
        return int(text)
    if _NUMBER.fullmatch(text) and float in kinds:
        return float(text)
    if float in kinds and text.lower() in ("inf", "-inf", "nan"):
        return text.lower()
    return text


def _items(text: str) -> tuple[Any, ...]:
    """ "(N, 64)", "[N, 64]" or "N, 64" as ("N", 64)."""
    inner = text
    if (text[:1], text[-1:]) in (("(", ")"), ("[", "]")):
        inner = text[1:-1]
    parts = [part.strip() for part in inner.split(",")]
    if parts[-1] == "":  # of a trailing comma, or of nothing at all
        parts.pop()
    return tuple(_atom(part) for part in parts)


def _atom(text: str) -> Any:
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _NUMBER.fullmatch(text) else text


def spell_number(value: Any) -> str:
    """One number as large displays show it."""
    if isinstance(value, (bool, np.bool_)):
        return "true" if value else "false"
    if isinstance(value, (int, np.integer)):
        return str(value)
    number = float(value)
    if not np.isfinite(number):
        return {"inf": "+∞", "-inf": "−∞"}.get(str(number), "NaN")
    size = abs(number)
    text = f"{number:.7f}" if 1e-3 <= size < 1e5 or size == 0 else f"{number:.6e}"
    return text.replace("-", "−")
