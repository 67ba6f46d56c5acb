"""Values with more elements around them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np

from ..op import Aval, Sample, ShapeError, op
from ..parameters import Range, Start
from ..signature import Kink
from ._around import COMPUTED, Pairs, around_gradient, around_told, ties_around, with_medians
from ._rules import BOOL, INT, counted
from .indexing import scatter_add, slice_

Widths = int | tuple[int, ...] | Pairs
Filling = Literal[
    "constant", "reflect", "edge", "wrap", "symmetric", "linear_ramp", "maximum", "mean", "median", "minimum"
]
VALUES = {"constant": "constant_values", "linear_ramp": "end_values"}  # what NumPy calls `value` in these modes


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


def is_computed(mode: str) -> bool:
    """Whether what stands around is computed of `x`, rather than copied or a value."""
    return mode in COMPUTED


def _given_pairs(pairs: Pairs, ndim: int) -> Pairs:
    """Pairs as NumPy takes them, one for each axis or one for all."""
    if len(pairs) not in (1, ndim):
        raise ShapeError(
            f"pad_width has {counted(len(pairs), 'pair', 'pairs')}, and x {counted(ndim, 'axis', 'axes')}",
            port="x",
            hint=f"one pair (before, after), or one for each axis: {ndim}",
        )
    return pairs * ndim if len(pairs) == 1 else pairs


def _check_value(value: float, mode: str, dtype: np.dtype[Any]) -> None:
    """Refuse a `value` that is no element of `dtype`, to which NumPy would cut it."""
    if mode not in VALUES or dtype.kind == "f":
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
        Sample(((2, 3),), {"pad_width": (2, 1, 4, 3), "mode": "linear_ramp", "value": 1.5}),
        Sample(((2, 3),), {"pad_width": (1, 2, 0, 3), "mode": "maximum"}, "distinct"),
        Sample(((2, 2, 3),), {"pad_width": 1, "mode": "minimum"}, "distinct"),
        Sample(((2, 3),), {"pad_width": (1, 0, 2, 1), "mode": "mean"}),
        Sample(((3, 4),), {"pad_width": (1, 2, 2, 0), "mode": "median"}, "distinct"),
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
    mirrors beside it, so that it is there twice; "wrap" goes on at the other end; "linear_ramp" goes from the edge in
    equal steps to `value`, which stands outermost; "maximum", "minimum", "mean" and "median" are those of all elements
    along the axis. These five go axis after axis, each with what stands around those before it. Of integers ramps
    are rounded down, means and medians to the nearest, at a tie the even one.
    An element that was copied gets the sum of the gradients of all its copies, and one of which others were computed
    theirs by its share in them; elements that tie share as in max, min and median. "empty", of which any numbers
    come, makes no sense in a network.
    """
    pairs = pairs_of(pad_width, x.ndim)
    _check_value(value, mode, x.dtype)
    if not pairs:
        return x.copy()
    if mode == "median":
        return with_medians(xp, x, pairs)
    more = {VALUES[mode]: value} if mode in VALUES else {}
    with np.errstate(invalid="ignore", over="ignore"):  # a ramp from infinity is NaN, as in NumPy
        return xp.pad(x, pairs, mode=mode, **more)


@pad.shape
def _(x: Aval, *, pad_width: Widths, mode: str, value: float) -> Aval:
    pairs = pairs_of(pad_width, x.ndim)
    _check_value(value, mode, x.dtype)
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
    pairs = pairs_of(pad_width, len(x.shape))
    if mode in COMPUTED:
        return (around_gradient(g, y, x.shape, pairs, mode),)
    for axis, (length, pair) in enumerate(zip(x.shape, pairs, strict=True)):
        if not any(pair):
            continue
        if mode == "constant":
            g = slice_(g, axis=axis, start=pair[0], stop=pair[0] + length)
        else:  # what stands where: padded positions are those from which each was copied
            came_from = np.pad(np.arange(length, dtype=INT), pair, mode=mode)  # type: ignore[call-overload]
            g = scatter_add(g, came_from, shape=(*g.shape[:axis], length, *g.shape[axis + 1 :]), axis=axis)
    return (g,)


def _ties(*modes: str) -> Any:
    """In these modes, which elements tie for a share in what stands around them; in others none."""

    def where(x: Any, *, pad_width: Widths, mode: str, value: float) -> Any:
        if mode not in modes or not x.size:
            return np.zeros(x.shape, bool)
        y = pad.forward(np, x, pad_width=pad_width, mode=mode, value=value)
        return ties_around(y, x.shape, pairs_of(pad_width, x.ndim), mode)

    return where


_SHARE = "the share in what stands around"
pad.kinks = (
    Kink(
        "a tie for the extreme", _ties("maximum", "minimum"), given=0.5, low=0, high=1, torch="no such mode", of=_SHARE
    ),
    Kink("a tie for the median", _ties("median"), "1 or 0, as in their order", 0, 1, torch="no such mode", of=_SHARE),
)


def _told(y: Aval, x: Aval, *, pad_width: Widths, mode: str, value: float) -> str:
    if mode in COMPUTED:
        return around_told(y.shape, x.shape, mode, value)
    if mode == "constant":
        return f"x {x.shape} stands within {y.shape}, so its gradient is that part of the gradient"
    return f"elements of x {x.shape} were copied around it to {y.shape}, so each gets the sum of those of its copies"


pad.adjoint = {"x": _told}
