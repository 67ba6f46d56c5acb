"""Functions that keep numbers finite: sums of exponentials as logarithms, numbers in the place of NaN or without it."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..op import Aval, Sample, op
from ..signature import Flat
from ._rules import check_numbers, elementwise, reduced_shape, reduction
from .activation import sigmoid
from .arithmetic import PAIRS, maximum, where
from .elementary import exp, log
from .logic import isfinite, isnan, logical_not
from .reductions import SAMPLES, Axis, spread, sum_
from .shapes import cast, sum_to


@op(
    formula=r"\ln(e^x + e^y)",
    category="math",
    samples=PAIRS,
    promote="all",
    floating=True,
    expr="x == y ? x + 0.69314718055994531 : fmax(x, y) + log1p(exp(-fabs(x - y)))",
)
def logaddexp(xp: Any, x: Any, y: Any) -> Any:
    """The logarithm of the sum of e^`x` and e^`y`, without overflow: the sum of two numbers given as logarithms.

    Where both are −infinity so is the result, and where both are infinite alike the gradient is NaN, as in PyTorch.
    """
    return xp.logaddexp(x, y)


logaddexp.shape(elementwise)


@logaddexp.vjp
def _(g: Any, z: Any, x: Any, y: Any) -> Any:
    return lambda: sum_to(g * sigmoid(x - y), x.shape), lambda: sum_to(g * sigmoid(y - x), y.shape)


@logaddexp.composition
def _(x: Any, y: Any) -> Any:
    return log(exp(x) + exp(y))


@op(
    formula=r"\begin{cases} x & |x| < \infty \\ v & \text{else} \end{cases}",
    category="math",
    samples=[((2, 3),), ((),), Sample(((2, 3),), {"nan": 1.0, "posinf": 2.0, "neginf": -3.0}, "not finite")],
)
def nan_to_num(xp: Any, x: Any, *, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None) -> Any:
    """`x` with numbers in the place of what is not finite: `nan` for NaN, `posinf` and `neginf` for ±infinity.

    Null stands for the greatest and the least number of the dtype. The gradient of what was replaced is 0; integers
    stay as they are.
    """
    check_numbers(x)
    if x.dtype.kind != "f":
        return x.copy()
    least, greatest = np.finfo(x.dtype).min, np.finfo(x.dtype).max
    number = x.dtype.type
    y = xp.where(x != x, number(nan), x)
    y = xp.where(x == np.inf, number(greatest if posinf is None else posinf), y)
    return xp.where(x == -np.inf, number(least if neginf is None else neginf), y)


@nan_to_num.shape
def _(x: Aval, *, nan: float, posinf: float | None, neginf: float | None) -> Aval:
    check_numbers(x)
    return x


@nan_to_num.vjp
def _(g: Any, y: Any, x: Any, **_: Any) -> Any:
    return (where(isfinite(x), g, 0),)


nan_to_num.by_element = True
nan_to_num.adjoint = {"x": "x passed where it is finite, so the gradient {y} passes there and is 0 elsewhere"}
nan_to_num.flat = {"x": Flat("replaces it", "are not finite", "is not finite")}


@op(
    formula=r"\frac{\sum_i x_i}{n},\ x_i \ne \mathrm{NaN}",
    category="reduce",
    samples=[
        *SAMPLES,
        Sample(((4, 3),), {"axis": 1}, "some NaN"),
        Sample(((4, 3),), {"axis": 0, "keepdims": True}, "some NaN"),
    ],
    promote="all",
    floating=True,
)
def nanmean(xp: Any, x: Any, *, axis: int | tuple[int, ...] | None = None, keepdims: bool = False) -> Any:
    """The mean over `axis` (null: over all elements) of those elements that are not NaN; integers give float64.

    Where there is none it is NaN, in silence. NaN gets the gradient 0. `keepdims` leaves the reduced axes there with
    length 1.
    """
    reduced_shape(x.shape, axis, keepdims)  # NumPy lets a scalar have an axis
    is_number = x == x
    with np.errstate(invalid="ignore"):  # ∞ − ∞, and of none 0 / 0
        total = xp.where(is_number, x, x.dtype.type(0)).sum(axis=axis, keepdims=keepdims)
        return total / is_number.sum(axis=axis, keepdims=keepdims).astype(x.dtype)


@nanmean.shape
def _(x: Aval, *, axis: Axis, keepdims: bool) -> Aval:
    return reduction(x, axis=axis, keepdims=keepdims)


@nanmean.vjp
def _(g: Any, y: Any, x: Any, *, axis: Axis, keepdims: bool) -> Any:
    def gradient() -> Any:
        is_number = logical_not(isnan(x))
        count = maximum(sum_(cast(is_number, dtype=g.dtype.name), axis=axis, keepdims=keepdims), 1)
        return where(is_number, spread(g / count, x.shape, axis, keepdims), 0)

    return (gradient,)


@nanmean.composition
def _(x: Any, *, axis: Axis, keepdims: bool) -> Any:
    is_number = logical_not(isnan(x))
    total = sum_(where(is_number, x, 0), axis=axis, keepdims=keepdims)
    return total / sum_(cast(is_number, dtype=x.dtype.name), axis=axis, keepdims=keepdims)


nanmean.adjoint = {
    "x": "y {y} is the mean over {axis} of what is not NaN in x {x}, so the gradient is copied to these, divided by how"
    " many they are, and NaN gets 0"
}
nanmean.flat = {"x": Flat("leaves it out", "are NaN", "is NaN")}
