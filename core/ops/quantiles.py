"""What is read from the order of elements: medians and quantiles.

The elements that are reduced become the last axis, and of their order two neighbours count.
"""

from __future__ import annotations

import math
from typing import Annotated, Any

import numpy as np

from ..op import Aval, Sample, op
from ..parameters import Range, Start
from ..signature import Flat, Kink
from ._rules import positive_axes, reduction
from .along import scatter_add_along_axis, take_along_axis
from .arithmetic import where
from .axes import moveaxis
from .comparison import not_equal
from .indexing import concat, slice_
from .reductions import Axis, check_elements
from .shapes import reshape
from .sorting import argsort, sort

Shape = tuple[int, ...]


def _rest(shape: Shape, axis: Axis) -> tuple[Shape, Shape]:
    """The axes that are reduced, and the lengths of the others."""
    axes = positive_axes(axis, len(shape))
    return axes, tuple(length for i, length in enumerate(shape) if i not in axes)


def _between(count: int, q: float) -> tuple[int, int, float]:
    """The positions in order of the two elements between which the quantile lies, and its share of the way."""
    place = (count - 1) * q
    low = min(math.floor(place), count - 1)
    return low, min(low + 1, count - 1), place - low


def _quantile(xp: Any, x: Any, q: float, axis: Axis, keepdims: bool, name: str) -> Any:
    check_elements(x, axis, name)
    axes, rest = _rest(x.shape, axis)
    count = math.prod(x.shape[i] for i in axes)
    rows = xp.moveaxis(x, axes, tuple(range(-len(axes), 0))).reshape(*rest, count)
    low, high, share = _between(count, q)
    found = xp.partition(rows, sorted({low, high, count - 1}), axis=-1)  # NaN comes last
    below, above, last = found[..., low], found[..., high], found[..., -1]
    if share:
        with np.errstate(invalid="ignore"):  # between −infinity and infinity NaN is meant
            below = xp.where(below == above, below, below * (1 - share) + above * share)
    y = xp.where(last == last, below, last)
    return y.reshape(reduction(x, axis=axis, keepdims=keepdims).shape)[()]  # one number is no array, as NumPy has it


def _quantile_shape(x: Aval, axis: Axis, keepdims: bool, name: str) -> Aval:
    check_elements(x, axis, name)
    return reduction(x, axis=axis, keepdims=keepdims)


def _rows(x: Any, axis: Axis) -> Any:
    """What is reduced as the last axis, by ops."""
    axes, rest = _rest(x.shape, axis)
    moved = moveaxis(x, source=axes, destination=tuple(range(-len(axes), 0))) if axes else x
    return reshape(moved, shape=(*rest, math.prod(x.shape[i] for i in axes)))


def _quantile_gradient(g: Any, x: Any, q: float, axis: Axis) -> Any:
    """The gradient of each quantile, shared out to the two elements between which it lies; that of NaN goes to one."""
    axes, rest = _rest(x.shape, axis)
    rows = _rows(x, axis)
    count = rows.shape[-1]
    low, high, share = _between(count, q)
    order = argsort(rows, axis=-1)
    g = reshape(g, shape=(*rest, 1))
    last = slice_(order, axis=-1, start=count - 1)
    final = take_along_axis(rows, last, axis=-1)
    missing = not_equal(final, final)  # between −infinity and infinity the result is NaN and none is missing

    def at(place: int) -> Any:
        return where(missing, last, slice_(order, axis=-1, start=place, stop=place + 1))

    if share:
        g, places = concat(g * (1 - share), g * share, axis=-1), concat(at(low), at(high), axis=-1)
    else:
        places = at(low)
    found = scatter_add_along_axis(g, places, shape=rows.shape, axis=-1)
    found = reshape(found, shape=(*rest, *(x.shape[i] for i in axes)))
    return moveaxis(found, source=tuple(range(-len(axes), 0)), destination=axes) if axes else found


def _quantile_composed(x: Any, q: float, axis: Axis, keepdims: bool) -> Any:
    rows = sort(_rows(x, axis), axis=-1)
    count = rows.shape[-1]
    low, high, share = _between(count, q)
    below, last = (slice_(rows, axis=-1, start=i, stop=i + 1) for i in (low, count - 1))
    y = below * (1 - share) + slice_(rows, axis=-1, start=high, stop=high + 1) * share if share else below
    y = where(not_equal(last, last), last, y)
    return reshape(y, shape=reduction(Aval(x.shape, x.dtype), axis=axis, keepdims=keepdims).shape)


REDUCED = [
    Sample(((5,),), domain="distinct"),
    Sample(((2, 4),), domain="distinct"),
    Sample(((3, 2),), {"axis": 0, "keepdims": True}, domain="distinct"),
    Sample(((2, 4),), {"axis": -1}, domain="distinct"),
    Sample(((2, 3, 2),), {"axis": (0, 2)}, domain="distinct"),
]


@op(formula=r"\mathrm{median}_i\, x_i", category="reduce", samples=REDUCED, promote="all", floating=True)
def median(xp: Any, x: Any, *, axis: int | tuple[int, ...] | None = None, keepdims: bool = False) -> Any:
    """The element in the middle of the order along `axis` (null: of all); of an even number the mean of the two.

    As NumPy's: PyTorch's median is the lesser of the two. Where one is NaN the result is NaN. The gradient goes to
    these two, half each; of elements that tie the first counts as the least. `keepdims` leaves the reduced axes
    there with length 1. A median of no elements is refused.
    """
    return _quantile(xp, x, 0.5, axis, keepdims, "median")


@median.shape
def _(x: Aval, *, axis: Axis, keepdims: bool) -> Aval:
    return _quantile_shape(x, axis, keepdims, "median")


@median.vjp
def _(g: Any, y: Any, x: Any, *, axis: Axis, keepdims: bool) -> Any:
    return (_quantile_gradient(g, x, 0.5, axis),)


@median.composition
def _(x: Any, *, axis: Axis, keepdims: bool) -> Any:
    return _quantile_composed(x, 0.5, axis, keepdims)


def tied(x: Any, *, axis: Axis, keepdims: bool, q: float = 0.5) -> Any:
    """Which elements equal another that has another share in the quantile."""
    axes, rest = _rest(x.shape, axis)
    count = math.prod(x.shape[i] for i in axes)
    moved = np.moveaxis(x, axes, tuple(range(-len(axes), 0)))
    ordered = np.sort(moved.reshape(*rest, count), axis=-1)
    low, high, share = _between(count, q)
    shares = np.zeros(count)
    shares[low] += 1 - share
    shares[high] += share
    found = np.zeros(moved.shape, bool)
    for place in np.flatnonzero(np.diff(shares)):
        one, other = (ordered[..., i].reshape(*rest, *[1] * len(axes)) for i in (place, place + 1))
        found |= (moved == one) & (one == other)
    return np.moveaxis(found, tuple(range(-len(axes), 0)), axes)


def _kinks(torch: str) -> tuple[Kink, ...]:
    return (Kink("a tie", tied, "1 or 0, as in their order", low=0, high=1, torch=torch, of="the share of a place"),)


median.gradients = {"x": "g at the element in the middle, g / 2 at each where there are two; 0 at the others"}
median.kinks = _kinks("the same along one axis, and over all elements an equal share for each that ties")
_PASSED = Flat("chooses others", "are not next to it in the order", "is not next to it in the order")
median.flat = {"x": _PASSED}
median.adjoint = {
    "x": "of x {x} only the one or two in the middle over {axis} passed to {y}, so the gradient goes to these, half "
    "each of two, and 0 to the others"
}


@op(
    formula=r"(1 - f)\, x_{(k)} + f\, x_{(k+1)},\ k + f = (n - 1)\, q,\ x_{(0)} \le x_{(1)} \le \dots",
    category="reduce",
    samples=[
        Sample(args, {**params, "q": q}, domain)
        for (args, params, domain), q in zip(REDUCED, (0.3, 0.9, 0.25, 1.0, 0.0), strict=True)
    ],
    promote="all",
    floating=True,
)
def quantile(
    xp: Any,
    x: Any,
    *,
    q: Annotated[float, Range(0, 1), Start(0.5)],
    axis: int | tuple[int, ...] | None = None,
    keepdims: bool = False,
) -> Any:
    """The number below which the share `q` of the elements along `axis` lies (null: of all elements).

    Of n elements in order it is what stands at place (n − 1) `q`, counted from 0; between two places it is
    interpolated linearly, as NumPy and PyTorch do: `q` of 0 is the least, 0.5 the median, 1 the greatest. Where one is
    NaN the result is NaN. The gradient goes to these two by their shares, 1 − f and f; of elements that tie the first
    counts as the least. `keepdims` leaves the reduced axes there with length 1. A quantile of no elements is refused.
    """
    return _quantile(xp, x, q, axis, keepdims, "quantile")


@quantile.shape
def _(x: Aval, *, q: float, axis: Axis, keepdims: bool) -> Aval:
    return _quantile_shape(x, axis, keepdims, "quantile")


@quantile.vjp
def _(g: Any, y: Any, x: Any, *, q: float, axis: Axis, keepdims: bool) -> Any:
    return (_quantile_gradient(g, x, q, axis),)


@quantile.composition
def _(x: Any, *, q: float, axis: Axis, keepdims: bool) -> Any:
    return _quantile_composed(x, q, axis, keepdims)


quantile.gradients = {"x": "(1 − f) · g at xₖ and f · g at xₖ₊₁ in their order, k + f = (n − 1) · q; 0 at the others"}
quantile.kinks = _kinks("the same, but of more than 16 elements no fixed order")
quantile.flat = {"x": _PASSED}
quantile.adjoint = {
    "x": "of x {x} only the one or two next to the quantile over {axis} passed to {y}, so the gradient goes to these, "
    "by their shares of two, and 0 to the others"
}
