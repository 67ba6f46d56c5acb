"""Shape rules that families of ops share, with messages that name the port and what would fit."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from ..op import Aval, ShapeError

BOOL = np.dtype(np.bool_)
INT = np.dtype(np.int64)


def lengths(shape: tuple[Any, ...]) -> tuple[int, ...]:
    """`shape` once it holds whole numbers only. Raises `ShapeError`."""
    for length in shape:
        if length == "N":
            raise ShapeError(f"shape {shape} has no length for the batch axis N", hint="a run binds it")
        if length < 0:
            raise ShapeError(f"shape {shape} has a length below 0", hint="lengths of 0 or more")
    return shape


def broadcast_shapes(*shapes: tuple[int, ...]) -> tuple[int, ...]:
    """The shape to which `shapes` broadcast, by NumPy's rule. Raises `ShapeError`."""
    first = shapes[0]
    if all(shape == first for shape in shapes):
        return first
    result: list[int] = []
    for axis in range(-max(map(len, shapes)), 0):
        lengths = {shape[axis] for shape in shapes if len(shape) >= -axis} - {1}
        if len(lengths) > 1:
            listed = " and ".join(str(shape) for shape in shapes)
            raise ShapeError(
                f"shapes {listed} do not broadcast: axis {axis} has {' and '.join(map(str, sorted(lengths)))}",
                hint="lengths must be equal or 1",
            )
        result.append(lengths.pop() if lengths else 1)
    return tuple(result)


def elementwise(*avals: Aval) -> Aval:
    """Shape rule of an element-wise op whose arguments have been brought to one dtype."""
    return Aval(broadcast_shapes(*(a.shape for a in avals)), avals[0].dtype)


def arithmetic(*avals: Aval) -> Aval:
    """Shape rule of an element-wise op that takes numbers only: booleans have no difference and no square."""
    check_numbers(*avals)
    return elementwise(*avals)


def check_numbers(*values: Any) -> None:
    """Refuse booleans."""
    if any(value.dtype == BOOL for value in values):
        raise ShapeError("arithmetic needs numbers, got bool", hint="cast it to a float or to int64")


def check_bounds(low: float | None, high: float | None, fits: str = "low: 0.0, high: 1.0") -> None:
    """Refuse bounds between which nothing lies; None is none."""
    if low is not None and high is not None and low > high:
        raise ShapeError(f"low must be at most high, got {low} and {high}", hint=fits)


def comparison(x: Aval, y: Aval) -> Aval:
    """Shape rule of a comparison: booleans of the broadcast shape."""
    return Aval(broadcast_shapes(x.shape, y.shape), BOOL)


def same(x: Aval, **_: Any) -> Aval:
    """Shape rule of an op that keeps shape and dtype."""
    return x


def counted(count: int, one: str, several: str) -> str:
    return f"{count} {one if count == 1 else several}"


def positive_axis(axis: int, ndim: int, port: str = "x") -> int:
    """`axis` counted from the front. Raises `ShapeError` where there is no such axis."""
    if not -ndim <= axis < ndim:
        fits = f"axes: -{ndim} to {ndim - 1}" if ndim else "it is a scalar"
        raise ShapeError(f"{port} has {counted(ndim, 'axis', 'axes')}, so no axis {axis}", port=port, hint=fits)
    return operator.index(axis) % ndim


def positive_axes(axis: int | tuple[int, ...] | None, ndim: int, port: str = "x") -> tuple[int, ...]:
    """The axes that `axis` names, from the front and in order: None for all, an int, or several."""
    if axis is None:
        return tuple(range(ndim))
    axes = (axis,) if isinstance(axis, int) else axis
    result = tuple(sorted(positive_axis(a, ndim, port) for a in axes))
    if len(set(result)) != len(result):
        raise ShapeError(f"axis {tuple(axes)} names one axis twice", port=port)
    return result


def reduced_shape(shape: tuple[int, ...], axis: int | tuple[int, ...] | None, keepdims: bool) -> tuple[int, ...]:
    """`shape` after a reduction over `axis`."""
    axes = positive_axes(axis, len(shape))
    if keepdims:
        return tuple(1 if i in axes else length for i, length in enumerate(shape))
    return tuple(length for i, length in enumerate(shape) if i not in axes)


def reduction(x: Aval, *, axis: int | tuple[int, ...] | None = None, keepdims: bool = False) -> Aval:
    """Shape rule of a reduction that keeps the dtype."""
    return Aval(reduced_shape(x.shape, axis, keepdims), x.dtype)
