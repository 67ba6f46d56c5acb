"""What a `dataset` node does with its parameters: read, split, standardise; and say what will come out."""

from __future__ import annotations

import difflib
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from ..errors import ParameterError, Refusals
from .bundled import BUILTIN
from .datasets import Dataset, Options, check_values
from .sources import check_builtin_options, source
from .splitting import split
from .standardising import Standardiser

DEFAULTS: Mapping[str, Any] = MappingProxyType(
    {
        "source": "digits",
        "validation": 0.2,
        "split_seed": 0,
        "stratify": True,
        "standardise": False,
        "target": None,
        "header": None,
        "task": None,
        "classes": None,
    }
)

# Each parameter's types and how a message names them. A bool is an int to Python; here it never is.
KINDS: Mapping[str, tuple[tuple[type, ...], str]] = MappingProxyType(
    {
        "source": ((str,), "the name of a data set or a file"),
        "validation": ((int, float), "a share between 0 and 1"),
        "split_seed": ((int,), "a whole number from 0 on"),
        "stratify": ((bool,), "true or false"),
        "standardise": ((bool,), "true or false"),
        "target": ((str, int, type(None)), "a name, a column's index or null"),
        "header": ((bool, type(None)), "true, false or null"),
        "task": ((str, type(None)), '"classification", "regression" or null'),
        "classes": ((int, type(None)), "a whole number from 1 on or null"),
    }
)

# What a parameter of the right type must be.
ALLOWED: Mapping[str, Callable[[Any], bool]] = MappingProxyType(
    {
        "split_seed": lambda value: value >= 0,
        "task": lambda value: value in (None, "classification", "regression"),
        "classes": lambda value: value is None or value >= 1,
    }
)


# Each run of a graph asks for its data; cutting a large set in two takes longer than most runs.
_cache: deque[tuple[Dataset, tuple[float, int, bool, bool], Prepared]] = deque(maxlen=2)
_cache_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class Prepared:
    """The two parts as a network takes them, and what is needed to show them in the source's terms."""

    train: Dataset
    validation: Dataset
    standardiser: Standardiser | None

    @property
    def feature_names(self) -> tuple[str, ...]:
        return self.train.feature_names

    @property
    def class_names(self) -> tuple[str, ...] | None:
        return self.train.class_names

    @property
    def classes(self) -> int | None:
        return self.train.classes


class Description(NamedTuple):
    """What a `dataset` node gives: x (N, *feature_shape) and y (N, *target_shape)."""

    feature_shape: tuple[int, ...]
    x_dtype: np.dtype[Any]
    target_shape: tuple[int, ...]
    y_dtype: np.dtype[Any]
    classes: int | None


def prepare(params: Mapping[str, Any], folder: Path | None) -> Prepared:
    """Read, check, split and (fitted on the training part only) standardise what `params` name.

    `params` are those of DEFAULTS, each optional; `folder` is the document's own, None while it has none.
    Numbers keep the type of the source (float64 once standardised): the caller casts them to the
    document's. Raises ParameterError for a parameter, DataError for the data.
    """
    settings, options = _settings(params)
    whole = source(settings["source"], folder, options)
    key = (settings["validation"], settings["split_seed"], settings["stratify"], settings["standardise"])
    with _cache_lock:
        for known, other, prepared in _cache:
            if known is whole and other == key:  # the very same arrays: a file that changed is read anew
                return prepared
    prepared = _split(whole, *key)
    with _cache_lock:
        _cache.append((whole, key, prepared))
    return prepared


def _split(whole: Dataset, share: float, seed: int, stratify: bool, standardise: bool) -> Prepared:
    train, validation = split(whole, share, seed=seed, stratify=stratify)
    if not standardise:
        return Prepared(train, validation, None)
    standardiser = Standardiser.fit(train.x)
    return Prepared(_standardised(train, standardiser), _standardised(validation, standardiser), standardiser)


def describe(params: Mapping[str, Any], folder: Path | None) -> Description:
    """Shapes, types and classes of what `prepare` would give; a built-in set is not loaded for it."""
    settings, options = _settings(params)
    name, real = settings["source"], np.dtype(np.float64)
    if name in BUILTIN:
        check_builtin_options(name, options)
        entry = BUILTIN[name]
        if entry.classes is None:
            return Description((entry.features,), real, (1,), real, None)
        return Description((entry.features,), real, (), np.dtype(np.int64), entry.classes)
    whole = source(name, folder, options)
    x_dtype = real if settings["standardise"] else whole.x.dtype
    return Description(whole.feature_shape, x_dtype, whole.target_shape, whole.y.dtype, whole.classes)


class Outside(NamedTuple):
    """Numbers of a data set beyond some limits: where the first stands, what it is, how many there are, all's range."""

    place: str
    first: float
    number: int
    lowest: float
    highest: float


def outside(params: Mapping[str, Any], folder: Path | None, output: str, low: float, high: float) -> Outside | None:
    """What of an output, "x" or "y", does not lie between `low` and `high` in the source, None where all does.

    None too for x that is standardised, which moves it, and for the labels of a built-in set that are known to fit.
    """
    settings, options = _settings(params)
    known = BUILTIN.get(settings["source"])
    labels = known.classes if known is not None and output == "y" else None
    if (labels is not None and low <= 0 and labels - 1 <= high) or (output == "x" and settings["standardise"]):
        return None
    whole = source(settings["source"], folder, options)
    values = whole.x if output == "x" else whole.y
    lowest, highest = values.min(), values.max()
    if low <= lowest and highest <= high:
        return None
    bad = np.argwhere((values < low) | (values > high))
    place = whole.place(output, int(bad[0][0]))
    return Outside(place, values[tuple(bad[0])].item(), len(bad), lowest.item(), highest.item())


def _standardised(part: Dataset, standardiser: Standardiser) -> Dataset:
    name, values = f"{part.name}, standardised", standardiser.apply(part.x)
    done = Dataset(name, values, part.y, part.feature_names, part.class_names)
    check_values(done)  # what hardly varies in training may vary beyond all measure in validation
    return done


def _settings(params: Mapping[str, Any]) -> tuple[dict[str, Any], Options]:
    """Every parameter checked, with the defaults filled in, and those among them that a reader takes."""
    settings, refusals = dict(DEFAULTS), Refusals()
    for name, value in params.items():
        if name not in KINDS:
            near = difflib.get_close_matches(name, KINDS, 1) or KINDS
            refusals.add(ParameterError(f"a dataset has no parameter {name}", hint=f"it has {', '.join(near)}"))
            continue
        types, required = KINDS[name]
        fits = isinstance(value, types) and (not isinstance(value, bool) or bool in types)
        if not fits or (name in ALLOWED and not ALLOWED[name](value)):
            refusals.add(ParameterError(f"{name} must be {required}; found {value!r}"))
        settings[name] = value
    refusals.raise_any()
    return settings, Options(settings["target"], settings["header"], settings["task"], settings["classes"])
