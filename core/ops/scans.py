"""Products, and sums, products and differences along an axis. Their gradients never divide, so zeros do no harm."""

from __future__ import annotations

import math
from typing import Annotated, Any

from ..op import Aval, Sample, op
from ..parameters import Range
from ..signature import Flat, Traits
from ._rules import INT, check_numbers, positive_axes, positive_axis, reduced_shape
from .arithmetic import multiply, where
from .comparison import equal
from .indexing import concat, place, slice_
from .logic import isfinite, logical_not
from .reductions import SAMPLES, Axis, kept
from .shapes import reshape, transpose

ALONG = [Sample(((2, 3),), {"axis": 0}), Sample(((2, 4),), {"axis": -1}), Sample(((2, 3),)), Sample(((5,),))]
BY_ZERO = Flat("multiplies by 0", "have a factor of 0 beside them", "has a factor of 0 beside it")


def _running(x: Aval, *, axis: int | None) -> Aval:
    """Shape rule of what runs along an axis, or through all elements."""
    if axis is not None:
        positive_axis(axis, x.ndim)
    return Aval((x.size,) if axis is None else x.shape, x.dtype if x.floating else INT)


def _backwards(x: Any, axis: int) -> Any:
    return slice_(x, axis=axis, step=-1)


@op(formula=r"y_k = \sum_{i \le k} x_i", category="reduce", samples=ALONG)
def cumsum(xp: Any, x: Any, *, axis: int | None = None) -> Any:
    """The running sum along `axis`: each element with all before it.

    Without an axis (null) it runs through all elements, read row by row, and the result is a vector. Integers
    and booleans add up to int64.
    """
    return xp.cumsum(x, axis=axis, dtype=x.dtype if x.dtype.kind == "f" else INT)


cumsum.shape(_running)


@cumsum.vjp
def _(g: Any, y: Any, x: Any, *, axis: int | None) -> Any:
    along = 0 if axis is None else axis
    summed = _backwards(cumsum(_backwards(g, along), axis=along), along)
    return (reshape(summed, shape=x.shape) if axis is None else summed,)


cumsum.traits = Traits(linear=True)
cumsum.adjoint = {
    "x": "each of x {x} is in its own sum and in all behind it, so its gradient is the sum of theirs: that of {y}, "
    "added up from the end"
}


@op(
    formula=r"y_k = x_{k+1} - x_k",
    category="math",
    samples=[((5,),), Sample(((2, 4),), {"n": 2}), Sample(((3, 2),), {"axis": 0}), Sample(((2, 3),), {"n": 4})],
)
def diff(xp: Any, x: Any, *, n: Annotated[int, Range(low=1, usual=(1, 4))] = 1, axis: int = -1) -> Any:
    """Each element along `axis` less the one before it: one element fewer. `n` times over: the differences of those.

    Of fewer than `n` + 1 elements no difference is left.
    """
    check_numbers(x)  # of booleans NumPy would tell which are unlike
    positive_axis(axis, x.ndim)
    return xp.diff(x, n, axis)


def _shorter(shape: tuple[int, ...], axis: int, n: int) -> tuple[int, ...]:
    """A shape after `n` differences."""
    return tuple(max(length - n, 0) if i == axis % len(shape) else length for i, length in enumerate(shape))


@diff.shape
def _(x: Aval, *, n: int, axis: int) -> Aval:
    check_numbers(x)
    positive_axis(axis, x.ndim)
    return Aval(_shorter(x.shape, axis, n), x.dtype)


@diff.vjp
def _(g: Any, y: Any, x: Any, *, n: int, axis: int) -> Any:
    for done in range(min(n, x.shape[axis]) - 1, -1, -1):
        shape = _shorter(x.shape, axis, done)
        g = place(g, shape=shape, axis=axis, start=1) - place(g, shape=shape, axis=axis, stop=shape[axis] - 1)
    return (g,)


@diff.composition
def _(x: Any, *, n: int, axis: int) -> Any:
    for _ in range(max(min(n, x.shape[axis]), 1)):
        x = slice_(x, axis=axis, start=1) - slice_(x, axis=axis, stop=-1)
    return x


diff.traits = Traits(linear=True)
diff.flat = {"x": Flat("leaves it out", "are in no difference", "is in no difference")}
diff.adjoint = {
    "x": "each of x {x} counts for the difference that ends with it and against the one that begins there, so its "
    "gradient is that of the first less that of the second: of {y} by {axis}, once for each time that they were taken"
}


def _before(x: Any, axis: int) -> Any:
    """For each element of `x` the product of those before it, which of the first is 1."""
    one = where(False, slice_(x, axis=axis, stop=1), 1)
    # Of the last nothing is asked: were it in the product, its gradient of 0 would make NaN of an infinity there.
    return concat(one, cumprod(slice_(x, axis=axis, stop=-1), axis=axis), axis=axis)


def _carried(x: Any, factors: Any, axis: int) -> Any:
    """y_k = x_k + f_k · y_(k−1) along `axis`, where `factors` are those from the second on.

    Each round doubles how far back it reaches, so there are as many as the length has binary digits.
    """
    length, reach = x.shape[axis], 1
    while reach < length:
        further = slice_(x, axis=axis, start=reach) + factors * slice_(x, axis=axis, stop=-reach)
        x = concat(slice_(x, axis=axis, stop=reach), further, axis=axis)
        if 2 * reach < length:
            later, earlier = slice_(factors, axis=axis, start=reach), slice_(factors, axis=axis, stop=-reach)
            # What a factor of 0 ends adds nothing to an infinite one behind it.
            ended = multiply(equal(earlier, 0), logical_not(isfinite(later)))
            factors = where(ended, 0, later * earlier)
        reach *= 2
    return x


@op(formula=r"y_k = \prod_{i \le k} x_i", category="reduce", samples=ALONG)
def cumprod(xp: Any, x: Any, *, axis: int | None = None) -> Any:
    """The running product along `axis`: each element times all before it. The gradient is exact at zeros too.

    Without an axis (null) it runs through all elements, read row by row, and the result is a vector. Integers
    and booleans multiply to int64.
    """
    return xp.cumprod(x, axis=axis, dtype=x.dtype if x.dtype.kind == "f" else INT)


cumprod.shape(_running)


@cumprod.vjp
def _(g: Any, y: Any, x: Any, *, axis: int | None) -> Any:
    # dx_i = x_0 ⋯ x_(i−1) · s_i, where s_i = g_i + x_(i+1) · s_(i+1) runs from the end.
    along, rows = (0, reshape(x, shape=(-1,))) if axis is None else (axis, x)
    factors = slice_(_backwards(rows, along), axis=along, stop=-1)
    behind = _backwards(_carried(_backwards(g, along), factors, along), along)
    found = _before(rows, along) * behind
    return (reshape(found, shape=x.shape) if axis is None else found,)


cumprod.gradients = {"x": "Σ[k ≥ i] gₖ · Π[j ≤ k, j ≠ i] xⱼ at each i"}
cumprod.flat = {"x": BY_ZERO}
cumprod.adjoint = {
    "x": "each of x {x} is in its own product and in all behind it, so its gradient is the sum of theirs, of {y}, "
    "each times the other factors there"
}


def _others(x: Any, axis: int) -> Any:
    """For each element the product of all others along `axis`: of those before it, and of those behind it."""
    back = _backwards(x, axis)
    return _before(x, axis) * _backwards(_before(back, axis), axis)


@op(formula=r"\prod_i x_i", category="reduce", samples=[*SAMPLES, Sample(((),))])
def prod(xp: Any, x: Any, *, axis: int | tuple[int, ...] | None = None, keepdims: bool = False) -> Any:
    """The product over `axis` (null: of all elements); of no elements it is 1.

    The gradient is exact at zeros too: that of each element is the product of the others. `keepdims` leaves the
    reduced axes there with length 1. Integers and booleans multiply to int64.
    """
    return xp.prod(x, axis=axis, keepdims=keepdims, dtype=x.dtype if x.dtype.kind == "f" else INT)


@prod.shape
def _(x: Aval, *, axis: Axis, keepdims: bool) -> Aval:
    return Aval(reduced_shape(x.shape, axis, keepdims), x.dtype if x.floating else INT)


@prod.vjp
def _(g: Any, y: Any, x: Any, *, axis: Axis, keepdims: bool) -> Any:
    axes = positive_axes(axis, len(x.shape))
    if len(axes) == 1:
        return (kept(g, x.shape, axis, keepdims) * _others(x, axes[0]),)
    # The reduced axes are brought to the end and made one, and taken apart again.
    rest = [i for i in range(len(x.shape)) if i not in axes]
    order = (*rest, *axes)
    moved = transpose(x, axes=order)
    rows = reshape(moved, shape=(*(x.shape[i] for i in rest), math.prod(x.shape[i] for i in axes)))
    others = reshape(_others(rows, len(rest)), shape=moved.shape)
    others = transpose(others, axes=tuple(order.index(i) for i in range(len(order))))
    return (kept(g, x.shape, axis, keepdims) * others,)


prod.gradients = {"x": "g · Π[j ≠ i] xⱼ at each i, over the elements that are in one product with it"}
prod.flat = {"x": BY_ZERO}
prod.adjoint = {
    "x": "x {x} was multiplied over {axis} to {y}, so the gradient is copied along {axis} to {x}, times the product of "
    "the others"
}
