"""Reductions: one number for all elements, or for those along some axes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..op import Aval, Sample, ShapeError, op
from ..signature import Flat, Kink, Traits
from ._rules import INT, positive_axes, reduced_shape, reduction
from .arithmetic import where
from .comparison import equal
from .elementary import exp, log
from .flow import detach
from .shapes import broadcast_to, cast, reshape

Axis = int | tuple[int, ...] | None

# All axes, one that stays with length 1, one counted from the back, several.
SAMPLES = [
    Sample(((2, 3),)),
    Sample(((2, 3),), {"axis": 0, "keepdims": True}),
    Sample(((2, 3),), {"axis": -1}),
    Sample(((2, 3, 4),), {"axis": (0, 2)}),
]
DISTINCT = [sample._replace(domain="distinct") for sample in SAMPLES]


def kept(value: Any, shape: tuple[int, ...], axis: Axis, keepdims: bool) -> Any:
    """A result (or its gradient) of reducing `shape`, with the reduced axes there as length 1."""
    return value if keepdims else reshape(value, shape=reduced_shape(shape, axis, True))


def spread(g: Any, shape: tuple[int, ...], axis: Axis, keepdims: bool) -> Any:
    """The gradient `g` of a reduction, given to each of the elements that were reduced."""
    return broadcast_to(kept(g, shape, axis, keepdims), shape=shape)


def reduced_count(shape: tuple[int, ...], axis: Axis) -> int:
    """How many elements of `shape` make one element of the result."""
    return math.prod(shape[i] for i in positive_axes(axis, len(shape)))


def check_elements(x: Any, axis: Axis, name: str) -> None:
    """Refuse to reduce over no elements where the result would be undefined."""
    if not reduced_count(x.shape, axis):
        along = "" if axis is None else f" along axis {axis}"
        raise ShapeError(
            f"x {x.shape} has no elements{along}, and {name} needs at least one",
            port="x",
            hint="lengths of 1 or more",
        )


@op(formula=r"\sum_i x_i", category="reduce", samples=SAMPLES)
def sum_(xp: Any, x: Any, *, axis: int | tuple[int, ...] | None = None, keepdims: bool = False) -> Any:
    """The sum over `axis` (null: over all elements); of no elements it is 0.

    `keepdims` leaves the reduced axes there with length 1. Integers and booleans add up to int64.
    """
    return xp.sum(x, axis=axis, keepdims=keepdims, dtype=x.dtype if x.dtype.kind == "f" else INT)


@sum_.shape
def _(x: Aval, *, axis: Axis, keepdims: bool) -> Aval:
    return Aval(reduced_shape(x.shape, axis, keepdims), x.dtype if x.floating else INT)


@sum_.vjp
def _(g: Any, y: Any, x: Any, *, axis: Axis, keepdims: bool) -> Any:
    return (spread(g, x.shape, axis, keepdims),)


sum_.traits = Traits(linear=True, reduces="sum")
sum_.adjoint = {"x": "x {x} was added up over {axis} to {y}, so the gradient is copied along {axis} to {x}"}


@op(formula=r"\frac{1}{n} \sum_i x_i", category="reduce", samples=SAMPLES, promote="all", floating=True)
def mean(xp: Any, x: Any, *, axis: int | tuple[int, ...] | None = None, keepdims: bool = False) -> Any:
    """The mean over `axis` (null: over all elements); integers give float64.

    `keepdims` leaves the reduced axes there with length 1. A mean of no elements is NaN, and
    so is a loss that is one.
    """
    if not reduced_count(x.shape, axis):  # NumPy would warn
        return xp.full(reduced_shape(x.shape, axis, keepdims), math.nan, x.dtype)
    return xp.mean(x, axis=axis, keepdims=keepdims)


@mean.shape
def _(x: Aval, *, axis: Axis, keepdims: bool) -> Aval:
    return reduction(x, axis=axis, keepdims=keepdims)


@mean.vjp
def _(g: Any, y: Any, x: Any, *, axis: Axis, keepdims: bool) -> Any:
    return (spread(g * (1 / max(reduced_count(x.shape, axis), 1)), x.shape, axis, keepdims),)


@mean.composition
def _(x: Any, *, axis: Axis, keepdims: bool) -> Any:
    return sum_(x, axis=axis, keepdims=keepdims) / reduced_count(x.shape, axis)


@mean.jvp
def _(t: Any, y: Any, x: Any, *, axis: Axis, keepdims: bool) -> Any:
    return mean(t[0], axis=axis, keepdims=keepdims)  # of nothing NaN, as the mean is


mean.traits = Traits(linear=True, reduces="mean")
mean.adjoint = {
    "x": "y {y} is the mean of x {x} over {axis}, so the gradient is copied along {axis} to {x} and divided by {n}"
}


@op(formula=r"\max_i x_i", category="reduce", samples=DISTINCT)
def max_(xp: Any, x: Any, *, axis: int | tuple[int, ...] | None = None, keepdims: bool = False) -> Any:
    """The greatest element over `axis` (null: of all elements); NaN wins.

    Elements that tie share the gradient equally, as in PyTorch's amax. `keepdims` leaves the reduced axes
    there with length 1. A max of no elements is refused.
    """
    return xp.max(x, axis=axis, keepdims=keepdims)


@max_.shape
def _(x: Aval, *, axis: Axis, keepdims: bool) -> Aval:
    check_elements(x, axis, "max")
    return reduction(x, axis=axis, keepdims=keepdims)


def _shared(g: Any, y: Any, x: Any, *, axis: Axis, keepdims: bool) -> Any:
    """The gradient of an extreme `y` of `x`, in equal shares to the elements that are it."""
    winners = cast(equal(x, kept(y, x.shape, axis, keepdims)), dtype=g.dtype.name)
    shares = winners / sum_(winners, axis=axis, keepdims=True)
    return (kept(g, x.shape, axis, keepdims) * shares,)


max_.vjp(_shared)
max_.gradients = {"x": "g · (x = y) / sum(x = y)"}  # also where an `axis` is given: spelled out that hides what is said


max_.adjoint = {
    "x": "of x {x} only the greatest over {axis} passed to {y}, so the gradient goes to it: in equal shares to several "
    "that tie, 0 to the others"
}


def tied(x: Any, *, axis: Axis, keepdims: bool) -> Any:
    """Which elements are the greatest, but not alone."""
    greatest = x == np.max(x, axis=axis, keepdims=True)
    return greatest & (np.sum(greatest, axis=axis, keepdims=True) > 1)


max_.flat = {"x": Flat("chooses another", "are not the greatest", "is not the greatest")}
max_.kinks = (Kink("a tie of two", tied, given=0.5, low=0, high=1, torch=0.5),)


@op(formula=r"\min_i x_i", category="reduce", samples=DISTINCT)
def min_(xp: Any, x: Any, *, axis: int | tuple[int, ...] | None = None, keepdims: bool = False) -> Any:
    """The least element over `axis` (null: of all elements); NaN wins.

    Elements that tie share the gradient equally, as in PyTorch's amin. `keepdims` leaves the reduced axes
    there with length 1. A min of no elements is refused.
    """
    return xp.min(x, axis=axis, keepdims=keepdims)


@min_.shape
def _(x: Aval, *, axis: Axis, keepdims: bool) -> Aval:
    check_elements(x, axis, "min")
    return reduction(x, axis=axis, keepdims=keepdims)


min_.vjp(_shared)
min_.gradients = max_.gradients
min_.adjoint = {
    "x": "of x {x} only the least over {axis} passed to {y}, so the gradient goes to it: in equal shares to several "
    "that tie, 0 to the others"
}
min_.flat = {"x": Flat("chooses another", "are not the least", "is not the least")}
min_.kinks = (Kink("a tie of two", lambda x, **params: tied(-x, **params), given=0.5, low=0, high=1, torch=0.5),)


@op(formula=r"\ln \sum_i e^{x_i}", category="reduce", samples=SAMPLES, promote="all", floating=True)
def logsumexp(xp: Any, x: Any, *, axis: int | tuple[int, ...] | None = None, keepdims: bool = False) -> Any:
    """The logarithm of the sum of exponentials over `axis` (null: of all elements), without overflow.

    Where all are −infinity so is the result, and the gradient is 0 (PyTorch's is NaN). A +infinity gives
    +infinity, with a gradient of NaN there and 0 elsewhere, as in PyTorch. Of no elements it is −infinity, the
    logarithm of 0. `keepdims` leaves the reduced axes there with length 1.
    """
    if not x.size:  # nothing has no greatest
        return xp.full(reduced_shape(x.shape, axis, keepdims), -math.inf, x.dtype)
    greatest = xp.max(x, axis=axis, keepdims=True)
    greatest = xp.where(xp.isfinite(greatest), greatest, x.dtype.type(0))
    total = xp.sum(xp.exp(x - greatest), axis=axis, keepdims=keepdims)
    with np.errstate(divide="ignore"):  # the logarithm of 0 is meant where all are −infinity
        return xp.log(total) + xp.reshape(greatest, total.shape)


@logsumexp.shape
def _(x: Aval, *, axis: Axis, keepdims: bool) -> Aval:
    return reduction(x, axis=axis, keepdims=keepdims)


@logsumexp.vjp
def _(g: Any, y: Any, x: Any, *, axis: Axis, keepdims: bool) -> Any:
    y = kept(y, x.shape, axis, keepdims)
    # −infinity less −infinity is NaN; less 0 its exponential is the 0 that is right.
    share = exp(x - where(equal(y, -math.inf), 0, y))
    return (kept(g, x.shape, axis, keepdims) * share,)


@logsumexp.composition
def _(x: Any, *, axis: Axis, keepdims: bool) -> Any:
    if not reduced_count(x.shape, axis):
        return log(sum_(exp(x), axis=axis, keepdims=keepdims))
    greatest = detach(max_(x, axis=axis, keepdims=True))
    y = log(sum_(exp(x - greatest), axis=axis, keepdims=True)) + greatest
    return y if keepdims else sum_(y, axis=axis)  # of one element each: whatever the lengths, the axes are gone


logsumexp.form_of = ("exp", "sum", "log")
logsumexp.adjoint = {
    "x": "each of x {x} is in {y} over {axis}, so the gradient is copied along {axis} to {x}, times the softmax of x"
}


POSITIONS = [
    Sample(((2, 3),), {"axis": 1}),
    Sample(((2, 3),)),
    Sample(((2, 3),), {"axis": 0, "keepdims": True}),
]
MOVES = "a position moves in steps: there is no path for a gradient"


@op(formula=r"\arg\max_i x_i", category="reduce", samples=POSITIONS, no_gradient=MOVES)
def argmax(xp: Any, x: Any, *, axis: int | None = None, keepdims: bool = False) -> Any:
    """The position (int64) of the greatest element along `axis`; null: among all elements, read row by row.

    The first of several that tie; NaN counts as the greatest. `keepdims` leaves the reduced axis there with
    length 1.
    """
    return xp.asarray(xp.argmax(x, axis=axis, keepdims=keepdims)).astype(INT, copy=False)[()]


@argmax.shape
def _(x: Aval, *, axis: int | None, keepdims: bool) -> Aval:
    check_elements(x, axis, "argmax")
    return Aval(reduced_shape(x.shape, axis, keepdims), INT)


@op(formula=r"\arg\min_i x_i", category="reduce", samples=POSITIONS, no_gradient=MOVES)
def argmin(xp: Any, x: Any, *, axis: int | None = None, keepdims: bool = False) -> Any:
    """The position (int64) of the least element along `axis`; null: among all elements, read row by row.

    The first of several that tie; NaN counts as the least. `keepdims` leaves the reduced axis there with
    length 1.
    """
    return xp.asarray(xp.argmin(x, axis=axis, keepdims=keepdims)).astype(INT, copy=False)[()]


@argmin.shape
def _(x: Aval, *, axis: int | None, keepdims: bool) -> Aval:
    check_elements(x, axis, "argmin")
    return Aval(reduced_shape(x.shape, axis, keepdims), INT)
