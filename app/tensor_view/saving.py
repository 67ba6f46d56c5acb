"""A tensor leaves the program: as text on the clipboard, as .npy, or as .csv."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from ...core.errors import FileError

Array = np.ndarray[Any, Any]
MOST_TEXT = 1_000_000  # elements copied as text


def as_text(plane: Array) -> str:
    """A plane as lines of tabs, as spreadsheets paste it, each number in full. Raises `FileError` for too many."""
    if plane.size > MOST_TEXT:
        raise FileError(
            f"at most {MOST_TEXT:,} elements can be copied, this plane has {plane.size:,}", hint="save it as .npy"
        )
    return "\n".join("\t".join(repr(number.item()) for number in row) for row in plane)


def save(array: Array, path: Path) -> None:
    """Write the whole array: `.npy` of any shape, `.csv` of at most two axes. Raises `FileError` in one line."""
    suffix = path.suffix.lower()
    if suffix not in (".npy", ".csv"):
        raise FileError(f"{path.name}: a tensor is saved as .npy or .csv, found {suffix or 'no ending'}")
    if suffix == ".csv" and array.ndim > 2:
        raise FileError(
            f"{path.name}: .csv holds at most two axes, this tensor has {array.ndim}", hint="save it as .npy"
        )
    try:
        if suffix == ".npy":
            with path.open("wb") as file:
                np.save(file, array, allow_pickle=False)
            return
        flat = array.reshape(-1, 1) if array.ndim < 2 else array
        with path.open("w", encoding="utf-8", newline="") as file:
            for row in flat:
                file.write(",".join(repr(number.item()) for number in row) + "\n")
    except OSError as error:
        raise FileError(f"{path.name} cannot be written: {error.strerror or error}") from error
