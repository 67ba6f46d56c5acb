"""Values with more elements around them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np

from ..op import Aval, Sample, ShapeError, op
from ..parameters import Range, Start
from ._rules import BOOL, INT, counted
from .indexing import scatter_add, slice_

Pairs = tuple[tuple[int, int], ...]
Widths = int | tuple[int, ...] | Pairs
Filling = Literal["constant", "reflect", "edge", "wrap", "symmetric"]


def pairs_of(pad_width: Widths, ndim: int) -> Pairs:
    """How many elements come before and after those of each axis. Raises `ShapeError`."""
    if isinstance(pad_width, int):
        return ((pad_width, pad_width),) * ndim
    if pairs := tuple(each for each in pad_width if isinstance(each, tuple)):
        return _given_pairs(pairs, ndim)
    numbers = tuple(each for each in pad_width if isinstance(each, int))
    if len(numbers) == 2:
        return ((numbers[0], numbers[1]),) * ndim
    if len(numbers) != 2 * ndim:
        raise ShapeError(
            f"pad_width has {counted(len(numbers), 'number', 'numbers')}, and x {counted(ndim, 'axis', 'axes')}",
            port="x",
            hint=f"one number, two (before, after), or two for each axis: {2 * ndim}",
        )
    return tuple(zip(numbers[::2], numbers[1::2], strict=True))


def _given_pairs(pairs: Pairs, ndim: int) -> Pairs:
    """Pairs as NumPy takes them, one for each axis or one for all."""
    if len(pairs) not in (1, ndim):
        raise ShapeError(
            f"pad_width has {counted(len(pairs), 'pair', 'pairs')}, and x {counted(ndim, 'axis', 'axes')}",
            port="x",
            hint=f"one pair (before, after), or one for each axis: {ndim}",
        )
    return pairs * ndim if len(pairs) == 1 else pairs


def _check_value(value: float, dtype: np.dtype[Any]) -> None:
    """Refuse a `value` that is no element of `dtype`, to which NumPy would cut it."""
    if dtype.kind == "f":
        return
    low, high = (0, 1) if dtype == BOOL else (np.iinfo(dtype).min, np.iinfo(dtype).max)
    if not (value.is_integer() and low <= value <= high):
        raise ShapeError(f"value must be an element of {dtype}, got {value}", hint="cast x to a float")


@op(
    formula=r"y_{b+i} = x_i,\ b\ \text{before}",
    category="shape",
    samples=[
        Sample(((2, 3),), {"pad_width": 1}),
        Sample(((2, 3),), {"pad_width": (0, 2), "value": 1.5}),
        Sample(((2, 3),), {"pad_width": (1, 0, 2, 3)}),
        Sample(((2, 3),), {"pad_width": (1, 1, 2, 1), "mode": "reflect"}),
        Sample(((2, 3),), {"pad_width": (0, 0, 4, 1), "mode": "edge"}),
        Sample(((2, 3),), {"pad_width": (1, 2, 0, 3), "mode": "wrap"}),
        Sample(((2, 3),), {"pad_width": (1, 2, 3, 0), "mode": "symmetric"}),
        Sample(((3,),), {"pad_width": (5, 4), "mode": "reflect"}),
    ],
)
def pad(
    xp: Any,
    x: Any,
    *,
    pad_width: Annotated[int | tuple[int, ...] | tuple[tuple[int, int], ...], Range(low=0), Start(1)],
    mode: Filling = "constant",
    value: float = 0.0,
) -> Any:
    """`x` with more elements around it, as NumPy's pad.

    `pad_width` is how many: one number for each side of each axis, two for before and after along each axis, or
    two for each axis, one axis after the other: (1, 0, 2, 3) is one row before, two columns before and three after,
    and so is ((1, 0), (2, 3)), as NumPy and Keras write it.
    `mode` says which: "constant" is `value`; "edge" is the nearest element; "reflect" mirrors at it, "symmetric"
    mirrors beside it, so that it is there twice; "wrap" goes on at the other end. An element that was copied gets
    the sum of the gradients of all its copies. Of NumPy's modes those that compute what stands around ("linear_ramp",
    "mean", "median", "maximum", "minimum") are not there: `concat` joins `x` with what is computed of it. "empty", of
    which any numbers come, makes no sense in a network.
    """
    pairs = pairs_of(pad_width, x.ndim)
    if mode == "constant":
        _check_value(value, x.dtype)
    more = {"constant_values": value} if mode == "constant" else {}
    return xp.pad(x, pairs, mode=mode, **more) if pairs else x.copy()


@pad.shape
def _(x: Aval, *, pad_width: Widths, mode: str, value: float) -> Aval:
    pairs = pairs_of(pad_width, x.ndim)
    if mode == "constant":
        _check_value(value, x.dtype)
    for axis, (length, pair) in enumerate(zip(x.shape, pairs, strict=True)):
        if mode != "constant" and not length and any(pair):
            raise ShapeError(
                f"x {x.shape} has no elements along axis {axis}, and {mode} needs at least one",
                port="x",
                hint='mode: "constant"',
            )
    return Aval(tuple(a + n + b for n, (a, b) in zip(x.shape, pairs, strict=True)), x.dtype)


@pad.vjp
def _(g: Any, y: Any, x: Any, *, pad_width: Widths, mode: str, value: float) -> Any:
    for axis, (length, pair) in enumerate(zip(x.shape, pairs_of(pad_width, len(x.shape)), strict=True)):
        if not any(pair):
            continue
        if mode == "constant":
            g = slice_(g, axis=axis, start=pair[0], stop=pair[0] + length)
        else:  # what stands where: padded positions are those from which each was copied
            came_from = np.pad(np.arange(length, dtype=INT), pair, mode=mode)  # type: ignore[call-overload]
            g = scatter_add(g, came_from, shape=(*g.shape[:axis], length, *g.shape[axis + 1 :]), axis=axis)
    return (g,)


pad.adjoint = {
    "x": lambda y, x, *, pad_width, mode, value: (
        f"x {x.shape} stands within {y.shape}, so its gradient is that part of the gradient"
        if mode == "constant"
        else f"elements of x {x.shape} were copied around it to {y.shape}, so each gets the sum of those of its copies"
    )
}
