"""Integers that pick elements, as indices and labels do: what they may be, and how others are refused."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import DataError
from ..looking import look
from ..op import Aval, ShapeError
from ..signature import Limits


def check_limits(values: Any, limits: Limits, port: str) -> None:
    """Refuse integers outside of `limits`, naming the first."""
    look(values, lambda v: (v < limits.low) | (v > limits.high), lambda v: _refuse_outside(v, limits, port))


def _refuse_outside(values: Any, limits: Limits, port: str) -> None:
    low, high = limits.low, limits.high
    if not values.size or (int(values.min()) >= low and int(values.max()) <= high):
        return
    flat = values.reshape(-1)
    first = int(((flat < low) | (flat > high)).argmax())
    position = ", ".join(str(int(i)) for i in np.unravel_index(first, values.shape))
    element = f"{port}[{position}]" if position else port
    allowed = f"outside {low} to {high}" if high >= low else "where nothing can be picked"
    raise DataError(f"{element} is {int(flat[first])}, {allowed}", hint=limits.why, port=port)


def check_integers(values: Aval, port: str) -> None:
    """Refuse indices or labels that are no integers."""
    if values.dtype.kind not in "iu":
        raise ShapeError(f"{port} must be integers, got {values.dtype}", port=port, hint=f"cast {port} to int64")


def limits_along(x: Any, indices: Any, *, axis: int) -> Limits:
    """What indices may be that pick from `x` along `axis`."""
    length = x.shape[axis]
    return Limits(0, length - 1, f"x {x.shape} has {length} along axis {axis}", "mend the indices, or take a longer x")


def limits_along_shape(x: Any, indices: Any, *, shape: tuple[int, ...], axis: int) -> Limits:
    """What indices may be at which `x` is added to zeros of `shape` along `axis`."""
    length = shape[axis]
    return Limits(0, length - 1, f"shape {shape} has {length} along axis {axis}", "mend the indices, or lengthen shape")
