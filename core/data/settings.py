"""The parameters of a `dataset` node: what each is where nothing is said, and what it must be."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import fields
from types import MappingProxyType
from typing import Any

from ..errors import ParameterError, Refusals
from .datasets import Options
from .kinds import check_options, kind_of, told_kind

DEFAULTS: Mapping[str, Any] = MappingProxyType(
    {
        "source": "digits",
        "validation": 0.2,
        "split_seed": 0,
        "stratify": True,
        "held_out": None,
        "standardise": False,
        "balance": False,
        **{field.name: None for field in fields(Options)},
    }
)

# Each parameter's types and how a message names them. A bool is an int to Python; here it never is.
KINDS: Mapping[str, tuple[tuple[type, ...], str]] = MappingProxyType(
    {
        "source": ((str,), "the name of a data set or a file"),
        "validation": ((int, float), "a share between 0 and 1"),
        "split_seed": ((int,), "a whole number from 0 on"),
        "stratify": ((bool,), "true or false"),
        "held_out": ((str, type(None)), "a file or null"),
        "standardise": ((bool,), "true or false"),
        "balance": ((bool,), "true or false"),
        "target": ((str, int, type(None)), "a name, a column's index or null"),
        "header": ((bool, type(None)), "true, false or null"),
        "task": ((str, type(None)), '"classification", "regression" or null'),
        "classes": ((int, type(None)), "a whole number from 1 on or null"),
        "window": ((int, type(None)), "a whole number from 1 on or null"),
        "image_size": ((tuple, list, type(None)), "a height and a width from 1 to 4,096 or null"),
        "colour": ((str, type(None)), '"grey", "rgb" or null'),
        "samples": ((int, type(None)), "a whole number from 1 to 10,000,000 or null"),
        "noise": ((int, float, type(None)), "a number from 0 to 1,000,000 or null"),
        "data_seed": ((int, type(None)), "a whole number from 0 on or null"),
        "categories": (
            (tuple, list, type(None)),
            'columns, each once with its texts as in [["colour", "red"]], or null',
        ),
    }
)


def _is_size(value: Any) -> bool:
    return len(value) == 2 and all(type(each) is int and 1 <= each <= 4096 for each in value)


def _are_categories(value: Any) -> bool:
    """Whether these are columns, each with its name and its texts behind it."""
    if not all(isinstance(each, (list, tuple)) and len(each) > 1 for each in value):
        return False
    if not all(type(text) is str for each in value for text in each):
        return False
    different = all(len(texts) == len(set(texts)) for _, *texts in value)
    return different and 0 < len(value) == len({column for column, *_ in value})


def _frozen(value: Any) -> Any:
    return tuple(map(_frozen, value)) if isinstance(value, (list, tuple)) else value


# What a parameter of the right type must be, where it is not null.
ALLOWED: Mapping[str, Callable[[Any], bool]] = MappingProxyType(
    {
        "split_seed": lambda value: 0 <= value < 2**64,
        "task": lambda value: value in ("classification", "regression"),
        "classes": lambda value: value >= 1,
        "window": lambda value: value >= 1,
        "image_size": _is_size,
        "colour": lambda value: value in ("grey", "rgb"),
        "samples": lambda value: 1 <= value <= 10_000_000,
        "noise": lambda value: 0 <= value <= 1_000_000,
        "data_seed": lambda value: 0 <= value < 2**64,
        "categories": _are_categories,
    }
)


def read_settings(params: Mapping[str, Any]) -> tuple[dict[str, Any], Options]:
    """Every parameter checked, with the defaults filled in, and those among them that a reader takes."""
    settings, refusals = dict(DEFAULTS), Refusals()
    for name, value in params.items():
        if name not in KINDS:
            near = difflib.get_close_matches(name, KINDS, 1) or KINDS
            refusals.add(ParameterError(f"a dataset has no parameter {name}", hint=f"it has {', '.join(near)}"))
            continue
        types, required = KINDS[name]
        fits = isinstance(value, types) and (not isinstance(value, bool) or bool in types)
        if not fits or (value is not None and name in ALLOWED and not ALLOWED[name](value)):
            refusals.add(ParameterError(f"{name} must be {required}; found {value!r}"))
            continue
        settings[name] = _frozen(value)
    refusals.raise_any()
    options = Options(**{field.name: settings[field.name] for field in fields(Options)})
    check_options(settings["source"], options)
    if settings["standardise"] and kind_of(settings["source"], options) == "text":
        raise ParameterError("standardise must be false for a text, whose characters are numbered", hint="one_hot")
    return settings, options


def told_source(params: Mapping[str, Any]) -> str:
    """What the source of a dataset node is, in words: `the made set moons`."""
    settings, options = read_settings(params)
    return told_kind(settings["source"], options)
