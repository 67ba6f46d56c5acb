"""Norms: how large a vector is."""

from __future__ import annotations

import math
from typing import Annotated, Any

import numpy as np

from ..errors import ParameterError
from ..op import Aval, Sample, op
from ..parameters import Range
from ..signature import Flat, Kink
from ._rules import broadcast_shapes, positive_axis, reduced_shape, reduction
from .arithmetic import abs_, maximum, where
from .comparison import equal, greater, not_equal
from .elementary import power, sqrt
from .logic import isfinite, isinf, logical_and, logical_or
from .reductions import SAMPLES, Axis, check_elements, kept, max_, min_, reduced_count, sum_
from .rounding import sign
from .shapes import broadcast_to, cast, sum_to

ORDERS = (1.0, 3.0, 1.5, 0.5, -2.0, math.inf, -math.inf)


@op(
    formula=r"(\sum_i |x_i|^p)^{1/p}",
    category="reduce",
    samples=[
        *SAMPLES,
        *(Sample(((2, 3),), {"ord": ord, "axis": -1}) for ord in ORDERS),
        Sample(((2, 3, 4),), {"ord": 3.0, "axis": (0, 2), "keepdims": True}),
    ],
    promote="all",
    floating=True,
)
def norm(
    xp: Any, x: Any, *, ord: float = 2.0, axis: int | tuple[int, ...] | None = None, keepdims: bool = False
) -> Any:
    """The size of the elements over `axis` (null: of all), taken as one vector, without overflow.

    `ord` is the power p: 2 the length, 1 the sum of sizes, "inf" the greatest and "-inf" the least size, 0 how many
    are not 0 (without a gradient). As PyTorch's vector_norm; of a whole matrix 2 gives the Frobenius norm. Where
    the norm or an element is 0 so is the gradient, and elements that tie share it equally, as in PyTorch; there the
    second order is 0 too, of which PyTorch makes NaN at orders 2, 0.5 and −1. NaN makes the gradient NaN, of order 1
    its own and of others that of all; at orders 1 and ±infinity PyTorch has 0. `keepdims` leaves the reduced axes
    there with length 1. Of no elements it is 0, but below 0 and at infinity it is refused.
    """
    _check_order(ord)
    size = xp.abs(x)
    if ord == 0:
        return xp.sum(size != 0, axis=axis, keepdims=keepdims, dtype=x.dtype)
    if not reduced_count(x.shape, axis):
        _check(x, axis, ord)
        return xp.zeros(reduced_shape(x.shape, axis, keepdims), x.dtype)
    greatest = (xp.max if ord > 0 else xp.min)(size, axis=axis, keepdims=not math.isinf(ord) or keepdims)
    if math.isinf(ord):
        return greatest
    # By a power of 2, which changes no digit: the greatest size (below 0 the least) comes to lie between 1/2 and 1.
    exponent = xp.where(xp.isfinite(greatest), xp.frexp(greatest)[1], 0)
    scaled = xp.ldexp(size, -exponent)
    with np.errstate(over="ignore", divide="ignore"):  # below 0 an infinite sum gives the 0 that is right
        if ord == 2:
            y = xp.sqrt(xp.sum(scaled * scaled, axis=axis, keepdims=keepdims))
        else:
            y = xp.sum(scaled**ord, axis=axis, keepdims=keepdims) ** (1 / ord)
    return xp.ldexp(y, xp.reshape(exponent, y.shape))


def _check_order(ord: float) -> None:
    if math.isnan(ord):
        raise ParameterError(
            "norm: ord must be a number, got nan", hint="2 is the length, 1 the sum of sizes, inf the greatest size"
        )


def _check(x: Any, axis: Axis, ord: float) -> None:
    if ord < 0 or math.isinf(ord):
        check_elements(x, axis, f"a norm of order {ord:g}")


@norm.shape
def _(x: Aval, *, ord: float, axis: Axis, keepdims: bool) -> Aval:
    _check_order(ord)
    _check(x, axis, ord)
    return reduction(x, axis=axis, keepdims=keepdims)


def norm_gradient(g: Any, y: Any, x: Any, *, ord: float, axis: Axis, keepdims: bool) -> Any:
    """The gradient of `x`, of which the norm `y` is, from that of `y`."""
    if ord == 0:
        return (None,)
    g, y = kept(g, x.shape, axis, keepdims), kept(y, x.shape, axis, keepdims)
    if ord == 1:
        return (g * sign(x),)
    if math.isinf(ord):
        winners = cast(equal(abs_(x), y), dtype=g.dtype.name)
        return (g * (sign(x) * (winners / sum_(winners, axis=axis, keepdims=True))),)
    nothing = equal(y, 0)
    if ord < 0:
        # An infinite element has no part in a norm that is finite; ∞ / y would make NaN of the second order.
        nothing = logical_or(nothing, logical_and(isinf(x), isfinite(y)))
        x = where(nothing, 1, x)
    g, share = where(nothing, 0, g), x / where(equal(y, 0), 1, y)
    if ord == 2:
        return (g * share,)
    if ord > 2:
        return (g * (share * power(abs_(share), ord - 2)),)
    return (g * (sign(x) * power(where(equal(x, 0), 1, abs_(share)), ord - 1)),)


norm.vjp(norm_gradient)


@norm.composition
def _(x: Any, *, ord: float, axis: Axis, keepdims: bool) -> Any:
    if ord == 0:
        return sum_(cast(not_equal(x, 0), dtype=x.dtype.name), axis=axis, keepdims=keepdims)
    if math.isinf(ord):
        return (max_ if ord > 0 else min_)(abs_(x), axis=axis, keepdims=keepdims)
    if ord == 2:
        return sqrt(sum_(x * x, axis=axis, keepdims=keepdims))
    total = sum_(power(abs_(x), ord), axis=axis, keepdims=keepdims)
    return total if ord == 1 else power(total, 1 / ord)


def _kinked(x: Any, *, ord: float, axis: Axis, keepdims: bool) -> Any:
    """Which 0 lie where the norm has no derivative: of order 1 each, else where all are, below 0 where it is alone."""
    zero = x == 0
    if ord < 0:
        return zero & (np.sum(zero, axis=axis, keepdims=True) == 1)
    nothing = zero if ord == 1 else np.all(zero, axis=axis, keepdims=True)
    return np.broadcast_to(nothing & (ord > 0), x.shape)


def _tied(x: Any, *, ord: float, axis: Axis, keepdims: bool) -> Any:
    """Which elements have the greatest size (of −∞ the least), but not alone."""
    if not (math.isinf(ord) and x.size):
        return np.zeros(x.shape, bool)
    size = np.abs(x)
    extreme = size == (np.max if ord > 0 else np.min)(size, axis=axis, keepdims=True)
    several = np.sum(extreme, axis=axis, keepdims=True) > 1
    return extreme & several & (size > 0)


norm.kinks = (
    Kink("x = 0", _kinked, given=0, low=-1, high=1, torch=0),
    Kink("a tie of two", _tied, given=0.5, low=0, high=1, torch=0.5, of="the size"),
)
norm.flat = {
    "x": Flat(
        "has no slope there",
        "are 0, or not those of which order {ord} takes the size",
        "is 0, or not that of which order {ord} takes the size",
    )
}
norm.adjoint = {
    "x": "each of x {x} is in {y} over {axis}, so the gradient is copied along {axis} to {x}, times "
    "sign(x) · (|x| / y)^({ord} − 1)"
}


def _check_vectors(x: Any, y: Any, axis: int) -> tuple[int, ...]:
    """The shape to which both broadcast. Raises `ShapeError` where it has no such axis."""
    shape = broadcast_shapes(x.shape, y.shape)
    positive_axis(axis, len(shape))
    return shape


@op(
    formula=r"\frac{\sum_i x_i y_i}{|x|\,|y|}",
    category="linear",
    samples=[
        Sample(((4, 3), (4, 3))),
        Sample(((3,), (3,))),
        Sample(((4, 1, 3), (2, 3)), {"eps": 1e-3}),
        Sample(((3, 2), (3, 2)), {"axis": 0}),
        Sample(((3, 1), (3, 1)), {"eps": 0.5}, "above 1"),
    ],
    promote="all",
    floating=True,
)
def cosine_similarity(
    xp: Any, x: Any, y: Any, *, axis: int = -1, eps: Annotated[float, Range(low=0, usual=(0.0, 1e-3))] = 1e-8
) -> Any:
    """The cosine of the angle between the vectors along `axis` of `x` and `y`: 1 where they have one direction.

    Both broadcast; the result has no `axis`. A vector not longer than `eps` is taken as that long, so that of zeros
    the cosine is 0; it is then divided by a number that does not move with it, and its gradient is that of this (in
    PyTorch it is the one of a longer vector).
    """
    shape = _check_vectors(x, y, axis)
    whole = [xp.broadcast_to(each, shape) for each in (x, y)]
    one, other = (each / xp.maximum(norm.forward(xp, each, axis=axis, keepdims=True), eps) for each in whole)
    return xp.sum(one * other, axis=axis)


@cosine_similarity.shape
def _(x: Aval, y: Aval, *, axis: int, eps: float) -> Aval:
    return Aval(reduced_shape(_check_vectors(x, y, axis), axis, False), x.dtype)


def _direction(x: Any, shape: tuple[int, ...], axis: int, eps: float) -> tuple[Any, Any]:
    """Each vector of length 1, with the length by which it was divided."""
    whole = broadcast_to(x, shape=shape)
    length = maximum(norm(whole, axis=axis, keepdims=True), eps)
    return whole / length, length


@cosine_similarity.vjp
def _(g: Any, z: Any, x: Any, y: Any, *, axis: int, eps: float) -> Any:
    shape = broadcast_shapes(x.shape, y.shape)
    (one, long), (other, far) = (_direction(each, shape, axis, eps) for each in (x, y))
    g, cosine = (kept(each, shape, axis, False) for each in (g, z))

    def given(own: Any, length: Any, facing: Any) -> Any:
        # What is shorter than eps was divided by a number that does not move with it.
        return g * (facing - where(greater(length, eps), cosine, 0) * own) / length

    return lambda: sum_to(given(one, long, other), x.shape), lambda: sum_to(given(other, far, one), y.shape)


@cosine_similarity.composition
def _(x: Any, y: Any, *, axis: int, eps: float) -> Any:
    one, other = (norm(each, axis=axis, keepdims=True) for each in (x, y))
    one, other = (where(greater(length, eps), length, eps) for length in (one, other))
    return sum_((x / one) * (y / other), axis=axis)


@cosine_similarity.flops
def _(x: Aval, y: Aval, **_: Any) -> int:
    return 6 * math.prod(broadcast_shapes(x.shape, y.shape))


cosine_similarity.gradients = {
    one: f"g · ({other} / |{other}| − result · {one} / |{one}|) / |{one}|; for a length of eps or less eps stands, and"
    " the part with the result is 0"
    for one, other in (("x", "y"), ("y", "x"))
}
cosine_similarity.adjoint = {
    "x": "what of y / |y| stands at a right angle to x {x}, divided by |x|, times the gradient {g}",
    "y": "what of x / |x| stands at a right angle to y {y}, divided by |y|, times the gradient {g}",
}


_ALONE = Flat(
    "turns no vector",
    "are vectors of one element, whose length does not count",
    "is a vector of one element, whose length does not count",
)
cosine_similarity.flat = {"x": _ALONE, "y": _ALONE}


def _as_long_as_eps(x: Any, y: Any, *, axis: int, eps: float) -> Any:
    """Which elements of x are of a vector of which the length, or one that it meets, is just `eps`."""
    own, met = (norm.forward(np, each, axis=axis, keepdims=True) == eps for each in (x, y))
    return np.broadcast_to(own | np.any(met), x.shape)


cosine_similarity.kinks = (
    Kink("a length of eps", _as_long_as_eps, given=1, low=0, high=1, torch=0, of="eps · the direction, along itself"),
)
