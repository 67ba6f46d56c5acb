"""`x[index]` on traced values: each index becomes slices, a gather and a reshape."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

from .errors import ShapeError
from .ops import builtin
from .ops._rules import counted
from .traced import Traced

_SLICE, _GATHER, _RESHAPE = (builtin()[name] for name in ("slice", "gather", "reshape"))


def take(x: Any, index: Any) -> Any:
    """`x[index]` as NumPy has it: integers, slices, `...`, None, and one vector of integers.

    Raises `ShapeError` for what is outside, and for indices of NumPy that pick point by point or by a mask.
    """
    items = list(index) if isinstance(index, tuple) else [index]
    for item in items:
        if isinstance(item, (bool, np.bool_)):
            raise _no_index(item)
    _check_vectors(items)
    used = sum(item is not None and item is not Ellipsis for item in items)
    if used > x.ndim:
        raise ShapeError(
            f"{counted(used, 'index', 'indices')} for a value with {counted(x.ndim, 'axis', 'axes')}",
            hint=f"its shape is {x.shape}",
        )
    places = [i for i, item in enumerate(items) if item is Ellipsis]
    if len(places) > 1:
        raise ShapeError(f"an index may hold one '...', got {len(places)}")
    if places:
        items[places[0] : places[0] + 1] = [slice(None)] * (x.ndim - used)
    axis = 0
    shape: list[int] = []
    plain = True  # whether the axes are those of x
    for item in items:
        if item is None:
            shape.append(1)
            plain = False
            continue
        x, kept = _take_axis(x, item, axis)
        if kept:
            shape.append(x.shape[axis])
        plain = plain and kept
        axis += 1
    return x if plain else _RESHAPE(x, shape=(*shape, *x.shape[axis:]))


def _check_vectors(items: Sequence[Any]) -> None:
    """Refuse what NumPy picks point by point, or puts first: we pick along one axis, where it stands."""
    vectors = sum(_is_vector(item) for item in items)
    if vectors > 1:
        raise ShapeError(f"an index may hold one vector of integers, got {vectors}", hint="pick twice: x[i][:, j]")
    if not vectors:
        return
    advanced = [i for i, item in enumerate(items) if not (item is None or item is Ellipsis or isinstance(item, slice))]
    if advanced[-1] - advanced[0] >= len(advanced):
        raise ShapeError(
            "an integer and a vector of integers in one index must stand side by side",
            hint="pick twice: x[0][:, i]",
        )


def _is_vector(item: Any) -> bool:
    return isinstance(item, list) or getattr(item, "ndim", 0) > 0


def _no_index(item: Any) -> ShapeError:
    shown = item if isinstance(item, (str, int, float)) else type(item).__name__
    return ShapeError(f"an index must be an integer, a slice, '...', None or a vector of integers, got {shown!r}")


def _take_axis(x: Any, item: Any, axis: int) -> tuple[Any, bool]:
    """`x` after one index at `axis`, and whether that axis stays."""
    if isinstance(item, slice):
        if item == slice(None):
            return x, True
        step = 1 if item.step is None else item.step
        return _SLICE(x, axis=axis, start=item.start, stop=item.stop, step=step), True
    if _is_vector(item):
        indices = checked_indices(item, x, axis)
        if indices.ndim != 1:
            raise ShapeError("an index array must be a vector of integers", hint="gather takes more axes")
        return _GATHER(x, indices, axis=axis), True
    if isinstance(item, Traced):
        return _GATHER(x, _RESHAPE(checked_indices(item, x, axis), shape=(1,)), axis=axis), False
    try:
        position = operator.index(item)
    except TypeError:
        raise _no_index(item) from None
    length = x.shape[axis]
    if not -length <= position < length:
        raise _outside(position, x, axis)
    position %= length
    return _SLICE(x, axis=axis, start=position, stop=position + 1, step=1), False


def checked_indices(item: Any, x: Any, axis: int) -> Any:
    """`item` as indices of `x` along `axis`, counted from the front; `gather` checks what is traced."""
    indices = item if hasattr(item, "dtype") else np.asarray(item)
    if not isinstance(item, Traced) and indices.size == 0 and indices.dtype.kind == "f":
        indices = indices.astype(np.int64)  # an empty list
    if indices.dtype.kind not in "iu":
        raise ShapeError("an index array must be a vector of integers", hint="where(mask, x, 0) keeps shapes")
    if isinstance(item, Traced):
        return indices
    length = x.shape[axis]
    outside = indices[(indices < -length) | (indices >= length)]
    if outside.size:
        raise _outside(int(outside.flat[0]), x, axis)
    return np.where(indices < 0, indices + length, indices)


def _outside(position: int, x: Any, axis: int) -> ShapeError:
    return ShapeError(f"index {position} is outside axis {axis}, which has {x.shape[axis]} elements")
