"""Other layouts of a value: rows as pictures, pictures as rows, columns for rows, elements of another kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import isqrt
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from ...op import Aval

GREY, COLOURED = 1, 3  # channels of pictures
SEQUENCES = 3  # axes: to more the rows of a matrix hardly ever mean anything by themselves

Avals: TypeAlias = tuple[Aval, Aval]  # of one value, at both batch sizes of a check


class Layout(NamedTuple):
    """An op that would lay out a value in another way, what it gives then, and how that is told of a {port}."""

    op: str
    params: Mapping[str, Any]
    avals: Avals
    told: str


def fixed_lengths(avals: Avals) -> tuple[int, ...]:
    """The lengths of a value that do not go with the batch."""
    return tuple(a for a, b in zip(avals[0].shape, avals[1].shape, strict=True) if a == b)


def as_rows(avals: Avals) -> list[Layout]:
    """Each sample as one row."""
    if avals[0].ndim < SEQUENCES:
        return []
    first, second = (Aval((each.shape[0], each.size // max(each.shape[0], 1)), each.dtype) for each in avals)
    return [Layout("flatten", {}, (first, second), "Flatten {}")] if first.shape[1] == second.shape[1] else []


def as_pictures(avals: Avals) -> list[Layout]:
    """Rows that are long enough for square pictures, as these."""
    found, fixed = [], fixed_lengths(avals)
    if avals[0].ndim != 2 or fixed != avals[0].shape[1:]:
        return []
    for channels in (GREY, COLOURED):
        side = isqrt(fixed[0] // channels)
        if side > 1 and channels * side * side == fixed[0]:
            shape = channels, side, side
            first, second = (Aval((each.shape[0], *shape), each.dtype) for each in avals)
            told = f"Reshape {{}} to (N, {channels}, {side}, {side})"
            found.append(Layout("reshape", {"shape": [-1, *shape]}, (first, second), told))
    return found


def turned(avals: Avals, matrices: bool) -> Iterator[Layout]:
    """A matrix with rows for columns, and values without an axis of length 1; for an op of `matrices` a vector as a
    matrix of one column.
    """
    first, second = avals
    if first.ndim == 2 and (matrices or first == second):
        swapped = Aval(first.shape[::-1], first.dtype), Aval(second.shape[::-1], second.dtype)
        yield Layout("transpose", {}, swapped, "Transpose {}")
    if first.ndim > 1 and first.shape[-1] == 1:
        shorter = Aval(first.shape[:-1], first.dtype), Aval(second.shape[:-1], second.dtype)
        yield Layout("squeeze", {"axis": -1}, shorter, "Squeeze the last axis of {}")
    if first.ndim == 1 and matrices:
        longer = Aval((*first.shape, 1), first.dtype), Aval((*second.shape, 1), second.dtype)
        yield Layout("expand_dims", {"axis": -1}, longer, "Expand {} by a last axis")


def cast(avals: Avals, dtype: str) -> Layout:
    """The same elements as another dtype."""
    first, second = (Aval(each.shape, np.dtype(dtype)) for each in avals)
    return Layout("cast", {"dtype": dtype}, (first, second), f"Cast {{}} to {dtype}")
