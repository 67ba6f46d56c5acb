"""Functions that keep numbers finite: sums of exponentials as logarithms, and numbers in the place of NaN."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..op import Aval, Sample, op
from ..signature import Flat
from ._rules import check_numbers, elementwise
from .activation import sigmoid
from .arithmetic import PAIRS, where
from .elementary import exp, log
from .logic import isfinite
from .shapes import sum_to


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
