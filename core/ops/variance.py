"""How far values are spread around their mean."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np

from ..op import Aval, Sample, ShapeError, op
from ..parameters import Range
from ..signature import Flat, Kink
from ._rules import counted, reduction
from .arithmetic import square, where
from .comparison import equal
from .elementary import sqrt
from .reductions import SAMPLES, Axis, kept, mean, reduced_count, sum_

Ddof = Annotated[int, Range(low=0)]
SPREAD = [*SAMPLES, Sample(((2, 3),), {"axis": 1, "ddof": 1})]


def _check_count(x: Any, axis: Axis, ddof: int, name: str) -> int:
    """How many elements make one; refused where they are too few for the divisor to be above 0, but not none."""
    count = reduced_count(x.shape, axis)
    if 0 < count <= ddof:
        along = "" if axis is None else f" along axis {axis}"
        raise ShapeError(
            f"x {x.shape} has {counted(count, 'element', 'elements')}{along}, and {name} with ddof {ddof} needs "
            f"at least {ddof + 1}",
            port="x",
            hint=f"ddof: {count - 1}",
        )
    return count


def _divisor(x: Any, axis: Axis, ddof: int) -> int:
    return max(reduced_count(x.shape, axis) - ddof, 1)


@op(
    formula=r"\frac{1}{n - d} \sum_i (x_i - \mu)^2",
    category="reduce",
    samples=SPREAD,
    promote="all",
    floating=True,
)
def var(xp: Any, x: Any, *, axis: int | tuple[int, ...] | None = None, ddof: Ddof = 0, keepdims: bool = False) -> Any:
    """The variance over `axis` (null: of all elements): the mean of the squared distances from the mean.

    Their sum is divided by n − `ddof`: 0 as in NumPy, 1 for an estimate from a sample (PyTorch's default).
    `keepdims` leaves the reduced axes there with length 1. Of no elements it is NaN; fewer than `ddof` + 1 are
    refused.
    """
    if not _check_count(x, axis, ddof, "var"):
        return mean.forward(xp, x, axis=axis, keepdims=keepdims)
    return xp.var(x, axis=axis, ddof=ddof, keepdims=keepdims)


@var.shape
def _(x: Aval, *, axis: Axis, ddof: int, keepdims: bool) -> Aval:
    _check_count(x, axis, ddof, "var")
    return reduction(x, axis=axis, keepdims=keepdims)


@var.vjp
def _(g: Any, y: Any, x: Any, *, axis: Axis, ddof: int, keepdims: bool) -> Any:
    share = kept(g, x.shape, axis, keepdims) * (2 / _divisor(x, axis, ddof))
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
    equal the gradient is 0, as in PyTorch. `keepdims` leaves the reduced axes there with length 1. Of no
    elements it is NaN; fewer than `ddof` + 1 are refused.
    """
    if not _check_count(x, axis, ddof, "std"):
        return mean.forward(xp, x, axis=axis, keepdims=keepdims)
    return xp.std(x, axis=axis, ddof=ddof, keepdims=keepdims)


@std.shape
def _(x: Aval, *, axis: Axis, ddof: int, keepdims: bool) -> Aval:
    _check_count(x, axis, ddof, "std")
    return reduction(x, axis=axis, keepdims=keepdims)


@std.vjp
def _(g: Any, y: Any, x: Any, *, axis: Axis, ddof: int, keepdims: bool) -> Any:
    y = kept(y, x.shape, axis, keepdims)
    share = kept(g, x.shape, axis, keepdims) * (1 / _divisor(x, axis, ddof))
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
