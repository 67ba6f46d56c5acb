"""What a `dataset` node does with its parameters: read, split, standardise, balance; and say what will come out."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ..cancelling import Cancelled, never, stop_if
from ..errors import DataError
from .balance import balanced_rows
from .bundled import BUILTIN
from .datasets import Categories, Dataset, check_values, first_of, quoted
from .held_out import held_out
from .kinds import kind_of
from .made import MADE
from .rows import Rows, first_where
from .settings import read_settings
from .sources import source
from .splitting import split
from .standardising import Standardiser

Key = tuple[float, int, bool, bool, bool, bool]

# Each run of a graph asks for its data; cutting a large set in two takes longer than most runs.
_cache: deque[tuple[Dataset, Dataset | None, Key, Prepared]] = deque(maxlen=2)
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


def prepare(params: Mapping[str, Any], folder: Path | None, cancelled: Cancelled = never) -> Prepared:
    """Read, check, split, standardise (as fitted on the training part) and balance (that part) what `params` name.

    `params` are those of DEFAULTS, each optional; `folder` is the document's own, None while it has none.
    Numbers keep the type of the source (float64 once standardised): the caller casts them to the
    document's. Raises ParameterError for a parameter, DataError for the data, `Stopped` soon after it is
    `cancelled`.
    """
    settings, options = read_settings(params)
    whole = source(settings["source"], folder, options, cancelled)
    share, seed, stratify, standardise, balance = (
        settings[name] for name in ("validation", "split_seed", "stratify", "standardise", "balance")
    )
    own = held_out(settings, options, whole, folder, cancelled)
    key = (share, seed, stratify, standardise, balance, options.categories is None)
    with _cache_lock:
        for known, beside, other, prepared in _cache:
            if known is whole and beside is own and other == key:  # the very same arrays: what changed is read anew
                return prepared
    stop_if(cancelled)
    prepared = _split(whole, own, *key)
    with _cache_lock:
        _cache.append((whole, own, key, prepared))
    return prepared


def categories_of(params: Mapping[str, Any], folder: Path | None) -> Categories:
    """What the columns of text of a table hold, as the setting "categories" lists it; nothing where none is text."""
    settings, options = read_settings(params)
    if kind_of(settings["source"], options) != "table":
        return ()
    return source(settings["source"], folder, options).categories


def names_of(params: Mapping[str, Any], folder: Path | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names of the columns of x and of the classes of y, of each none where there are no names."""
    settings, options = read_settings(params)
    whole = source(settings["source"], folder, options)
    return whole.feature_names, whole.class_names or ()


def _split(
    whole: Dataset,
    own: Dataset | None,
    share: float,
    seed: int,
    stratify: bool,
    standardise: bool,
    balance: bool,
    found: bool,
) -> Prepared:
    if own is None:
        train, validation = split(whole, share, seed=seed, stratify=stratify)
    else:
        train, validation = replace(whole, part=True), replace(own, part=True)
    if found:
        _check_categories(whole, train)
    standardiser = None
    if standardise:
        standardiser = Standardiser.fit(train.x).leaving(whole.one_hot)
        train, validation = (_standardised(part, standardiser) for part in (train, validation))
    if balance:
        train = train.take(balanced_rows(train), f"{train.name}, balanced")
    return Prepared(train, validation, standardiser)


def describe(params: Mapping[str, Any], folder: Path | None) -> Description:
    """Shapes, types and classes of what `prepare` would give; built-in and made sets are not loaded for it.

    Raises what `prepare` does for what is read, and for a category that only rows held out have.
    """
    settings, options = read_settings(params)
    name, real = settings["source"], np.dtype(np.float64)
    known = BUILTIN.get(name) or MADE.get(name)
    if known is not None and settings["held_out"] is None:
        shape, classes = known.feature_shape(options), known.classes_of(options)
        if classes is None:
            return Description(shape, real, (1,), real, None)
        return Description(shape, real, (), np.dtype(np.int64), classes)
    whole = source(name, folder, options)
    held_out(settings, options, whole, folder)
    if whole.one_hot and options.categories is None:
        prepare(params, folder)  # which categories may be met the split decides: kept for who reads it next
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
    settings, options = read_settings(params)
    known = BUILTIN.get(settings["source"]) or MADE.get(settings["source"])
    labels = known.classes_of(options) if known is not None and output == "y" else None
    if (labels is not None and low <= 0 and labels - 1 <= high) or (output == "x" and settings["standardise"]):
        return None
    whole = source(settings["source"], folder, options)
    own = held_out(settings, options, whole, folder)
    return next(
        (found for each in (whole, own) if each is not None and (found := _outside(each, output, low, high))), None
    )


def _outside(dataset: Dataset, output: str, low: float, high: float) -> Outside | None:
    values = dataset.x if output == "x" else dataset.y
    lowest, highest = values.min(), values.max()
    if low <= lowest and highest <= high:
        return None
    found = first_where(values, lambda part: (part < low) | (part > high))
    assert found is not None
    place = dataset.place(output, found.place[0]).words
    return Outside(place, found.value.item(), found.number, lowest.item(), highest.item())


def _check_categories(whole: Dataset, train: Dataset) -> None:
    """Refuse a category that no row to train with has: what the network does with it would be chance."""
    if not whole.one_hot:
        return
    columns = np.array(whole.one_hot)
    unknown = columns[~np.asarray(train.x)[:, columns].any(axis=0)]
    if len(unknown):
        name = whole.feature_names[unknown[0]]
        place = whole.place("x", int(np.flatnonzero(np.asarray(whole.x)[:, unknown[0]])[0]))
        raise DataError(
            f"{place}: a category that rows to train with have is required;"
            f" found {quoted(name)}, which is only held out{first_of(len(unknown))}",
            hint='another "split_seed"; a list of all in "categories"; or drop that column if it names each row',
            place=place,
        )


def _standardised(part: Dataset, standardiser: Standardiser) -> Dataset:
    x, name = part.x, f"{part.name}, standardised"
    values = x.then(standardiser.apply, np.float64) if isinstance(x, Rows) else standardiser.apply(x)
    done = replace(part, name=name, x=values, where=None)
    check_values(done)  # what hardly varies in training may vary beyond all measure in validation
    return done
