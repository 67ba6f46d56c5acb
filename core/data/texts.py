"""Text by character: windows of it, and for each place the character that comes next."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ..errors import DataError, Place
from .characters import undecodable
from .datasets import Dataset, Options

LARGEST = 2**28  # bytes of a text


def read_text(path: Path, shown: str, options: Options) -> Dataset:
    """Read a text in UTF-8 as x (N, T) and y (N, T), int64: the numbers of characters, and of those one further on.

    T is `options.window`. Windows lie side by side, so that none shares a character with another, and what is left
    over at the end is dropped. Characters are numbered in the order of their code points, which `class_names` holds.
    """
    window = options.window
    assert window is not None, "it is what makes a file a text rather than a table"
    if (size := path.stat().st_size) > LARGEST:
        raise DataError(f"{shown}: a text of at most {LARGEST:,} bytes is required; found {size:,}", hint="cut it")
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise undecodable(path, shown, error) from error
    count = (len(text) - 1) // window
    if count < 1:
        raise DataError(
            f"{shown}: a text longer than its window of {window:,} character{'s' * (window != 1)} is required;"
            f" found {len(text):,}",
            hint=f"window: at most {len(text) - 1:,}" if len(text) > 1 else "give it a longer text",
        )
    codes = np.frombuffer(text.encode("utf-32-le"), "<u4")
    known, numbers = np.unique(codes, return_inverse=True)
    x = numbers[: count * window].reshape(count, window)
    y = numbers[1 : count * window + 1].reshape(count, window)

    def where(_: str, row: int) -> Place:
        return Place(f"{shown}, character {row * window} (from 0)", shown)

    names = tuple(chr(code) for code in known.tolist())
    return Dataset(shown, x.astype(np.int64), y.astype(np.int64), (), names, where)
