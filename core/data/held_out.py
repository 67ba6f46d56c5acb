"""Rows held out that are files of their own, as the 10,000 of MNIST are: read like the source, and held against it."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from ..cancelling import Cancelled, never
from ..errors import DataError, ParameterError
from .datasets import Dataset, Options, quoted
from .kinds import is_file, kind_of
from .sources import source

# Whoever asks again gets the very same set: by that it is known that nothing has changed.
_renamed: deque[tuple[Dataset, Dataset, Dataset]] = deque(maxlen=2)
_lock = threading.Lock()


def held_out(
    settings: Mapping[str, Any], options: Options, whole: Dataset, folder: Path | None, cancelled: Cancelled = never
) -> Dataset | None:
    """What the setting `held_out` names, read as `whole` was and with its classes; None where it names nothing.

    Raises ParameterError for a name that is none of another file, DataError for data that cannot be used or are not
    like those of the source, and `Stopped` soon after it is `cancelled`.
    """
    name = settings["held_out"]
    if name is None:
        return None
    if not is_file(name) or _same(name, settings["source"], folder):
        raise ParameterError(
            f"held_out must be another file than the source, or a folder of images; found {quoted(name)}",
            hint="null holds out the share that validation says",
        )
    try:
        found = source(name, folder, _read_alike(name, options, whole), cancelled)
        return _with_classes(_checked(found, whole), whole)
    except DataError as error:
        raise DataError(f"held_out: {error.message}", hint=error.hint, place=error.place) from error


def _same(name: str, other: str, folder: Path | None) -> bool:
    """Whether two names are of one file: "./rows.csv" is "rows.csv", and so is a link to it."""
    paths = [(folder or Path()) / each for each in (name, other)]
    return paths[0] == paths[1] or (all(path.exists() for path in paths) and paths[0].samefile(paths[1]))


def _read_alike(name: str, options: Options, whole: Dataset) -> Options:
    """How the file is to be read so that columns and labels mean what they do in the source."""
    numbered = whole.class_names == tuple(map(str, range(whole.classes or 0)))
    kind = kind_of(name, options)
    if kind == "arrays" and name.lower().endswith(".npy") and isinstance(options.target, str):
        raise DataError(f"{name}: x and y in one file are required; found x alone", hint="np.savez(path, x=x, y=y)")
    return replace(
        options,
        classes=whole.classes if numbered and kind in ("table", "arrays", "idx") else None,
        categories=(whole.categories or None) if kind == "table" else None,
        target=None if kind == "idx" else options.target,  # its labels lie beside it
    )


def _checked(found: Dataset, whole: Dataset) -> Dataset:
    """The same, whose rows have the shape and the columns of the source."""
    for what, shape, wanted in (
        ("rows of shape", found.feature_shape, whole.feature_shape),
        ("targets of shape", found.target_shape, whole.target_shape),
    ):
        if shape != wanted:
            raise DataError(f"{found.name}: {what} {wanted} are required, as in {whole.name}; found {shape}")
    for own, name in zip(found.feature_names, whole.feature_names, strict=False):
        if own != name:
            raise DataError(
                f"{found.name}: the column {quoted(name)} is required where {whole.name} has it; found {quoted(own)}"
            )
    if (found.class_names is None) != (whole.class_names is None):
        kinds = "labels", "real targets"
        has, needs = (kinds[each.class_names is None] for each in (found, whole))
        raise DataError(
            f"{found.name}: {needs} are required, as in {whole.name}; found {has}",
            hint='"task": "classification" or "regression" says which it is',
        )
    return found


def _with_classes(found: Dataset, whole: Dataset) -> Dataset:
    """The same with the classes of the source, of which some may not be met."""
    if found.class_names == whole.class_names:
        return found
    with _lock:
        known = next((made for one, other, made in _renamed if one is found and other is whole), None)
    if known is not None:
        return known
    assert found.class_names is not None
    assert whole.class_names is not None
    for row, name in enumerate(found.class_names):
        if name not in whole.class_names:
            place = found.place("y", int(np.argwhere(found.y == row)[0][0]))
            raise DataError(
                f"{place}: a class that {whole.name} has is required; found {quoted(name)}",
                hint="a network learns only the classes that it is trained on",
                place=place,
            )
    places = np.array([whole.class_names.index(name) for name in found.class_names], np.int64)
    made = replace(found, y=places[found.y], class_names=whole.class_names)
    with _lock:
        _renamed.append((found, whole, made))
    return made
