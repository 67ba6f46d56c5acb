"""How far values are spread around their mean."""

from __future__ import annotations

import math
from typing import Annotated, Any

import numpy as np

from ..op import Aval, Sample, op
from ..parameters import Range
from ..signature import Flat, Kink
from ._rules import reduction
from .arithmetic import square, where
from .comparison import equal
from .elementary import sqrt
from .reductions import SAMPLES, Axis, kept, mean, reduced_count, sum_

Ddof = Annotated[int, Range(low=0)]
SPREAD = [*SAMPLES, Sample(((2, 3),), {"axis": 1, "ddof": 1})]


def _over(x: Any, axis: Axis, ddof: int) -> float:
    """1 / (n − ddof), infinite where that is not above 0."""
    divisor = reduced_count(x.shape, axis) - ddof
    return 1 / divisor if divisor > 0 else math.inf


def _shape(x: Aval, *, axis: Axis, ddof: int, keepdims: bool) -> Aval:
    return reduction(x, axis=axis, keepdims=keepdims)


@op(
    formula=r"\frac{1}{n - d} \sum_i (x_i - \mu)^2",
    category="reduce",
    samples=SPREAD,
    promote="all",
    floating=True,
)
def var(xp: Any, x: Any, *, axis: int | tuple[int, ...] | None = None, ddof: Ddof = 0, keepdims: bool = False) -> Any:
    """The variance over `axis` (null: of all elements): the mean of the squared distances from the mean.

    Their sum is divided by n − `ddof`: 0 as in NumPy, 1 for an estimate from a sample (PyTorch's default). Where
    that is not above 0 it is divided by 0, as in both: of equal elements, or of one, it is NaN. Of no elements it is
    NaN. `keepdims` leaves the reduced axes there with length 1.
    """
    count = reduced_count(x.shape, axis)
    if not count:
        return mean.forward(xp, x, axis=axis, keepdims=keepdims)
    if count > ddof:
        return xp.var(x, axis=axis, ddof=ddof, keepdims=keepdims)
    with np.errstate(divide="ignore", invalid="ignore"):  # of NumPy's own there would be a warning
        return xp.var(x, axis=axis, keepdims=keepdims) / x.dtype.type(0)


var.shape(_shape)


@var.vjp
def _(g: Any, y: Any, x: Any, *, axis: Axis, ddof: int, keepdims: bool) -> Any:
    share = kept(g, x.shape, axis, keepdims) * (2 * _over(x, axis, ddof))
    return (share * (x - mean(x, axis=axis, keepdims=True)),)


@var.composition
def _(x: Any, *, axis: Axis, ddof: int, keepdims: bool) -> Any:
    distances = square(x - mean(x, axis=axis, keepdims=True))
    return sum_(distances, axis=axis, keepdims=keepdims) / max(reduced_count(x.shape, axis) - ddof, 0)


var.adjoint = {
    "x": "each of x {x} is in {y} over {axis}, so the gradient is copied along {axis} to {x}, times 2 (x − mean) / "
    "(n − {ddof}), where n is {n}"
}


@op(
    formula=r"\sqrt{\frac{1}{n - d} \sum_i (x_i - \mu)^2}",
    category="reduce",
    samples=SPREAD,
    promote="all",
    floating=True,
)
def std(xp: Any, x: Any, *, axis: int | tuple[int, ...] | None = None, ddof: Ddof = 0, keepdims: bool = False) -> Any:
    """The standard deviation over `axis` (null: of all elements): the square root of the variance.

    `ddof` is that of `var`: 0 as in NumPy, 1 for an estimate from a sample (PyTorch's default). Where all are
    equal the gradient is 0, as in PyTorch. `keepdims` leaves the reduced axes there with length 1. Where
    `var` is NaN or infinite, of no elements or of too few, so is it.
    """
    return xp.sqrt(var.forward(xp, x, axis=axis, ddof=ddof, keepdims=keepdims))


std.shape(_shape)


@std.vjp
def _(g: Any, y: Any, x: Any, *, axis: Axis, ddof: int, keepdims: bool) -> Any:
    y = kept(y, x.shape, axis, keepdims)
    share = kept(g, x.shape, axis, keepdims) * _over(x, axis, ddof)
    still = equal(y, 0)
    return (where(still, 0, share / where(still, 1, y)) * (x - mean(x, axis=axis, keepdims=True)),)


@std.composition
def _(x: Any, *, axis: Axis, ddof: int, keepdims: bool) -> Any:
    return sqrt(var(x, axis=axis, ddof=ddof, keepdims=keepdims))


def _still(x: Any, *, axis: Axis, ddof: int, keepdims: bool) -> Any:
    """Which elements equal all others, of several."""
    several = reduced_count(x.shape, axis) > 1
    return (np.max(x, axis=axis, keepdims=True) == np.min(x, axis=axis, keepdims=True)) & several & (x == x)


_STEEP = "√((n − 1) / n / (n − ddof))"
std.kinks = (Kink("elements that are all equal", _still, given=0, low=f"−{_STEEP}", high=_STEEP, torch=0),)
std.flat = {"x": Flat("is at its kink", "equal all others", "equals all others")}
std.adjoint = {
    "x": "each of x {x} is in {y} over {axis}, so the gradient is copied along {axis} to {x}, times (x − mean) / y / "
    "(n − {ddof}), where n is {n}"
}
