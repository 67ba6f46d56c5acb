"""Rounding, signs and remainders: functions that move in steps, so that their gradient is an exact 0."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np

from ..errors import DataError
from ..looking import look
from ..op import Op, Sample, op
from ..parameters import Range
from ..signature import Flat
from ._rules import arithmetic, check_numbers
from .arithmetic import PAIRS, where
from .shapes import sum_to

SAMPLES = [Sample(((2, 3),)), Sample(((),))]
POSITIVE = [Sample(pair, domain="positive") for pair in PAIRS]
STEPS = Flat("moves in steps", "lie on a step, where it has no slope", "lies on a step, where it has no slope")


def flat(g: Any) -> Any:
    """A gradient of 0, whatever `g` is: times 0 an infinity would be NaN."""
    return where(False, g, 0)


def _rounding(formula: str, expr: str) -> Any:
    """The decorator of a function of one argument that moves in steps."""

    def build(forward: Any) -> Op:
        built = op(formula=formula, category="math", samples=SAMPLES, expr=expr)(forward)
        built.shape(lambda x: arithmetic(x))
        built.vjp(_no_slope)
        built.flat = {"x": STEPS}
        return built

    return build


def _no_slope(g: Any, y: Any, x: Any) -> Any:
    return (flat(g),)


def _whole(xp: Any, x: Any) -> Any:
    """A copy of integers."""
    check_numbers(x)
    return xp.array(x)


@_rounding(r"\lfloor x \rfloor", "floor(x)")
def floor(xp: Any, x: Any) -> Any:
    """The greatest whole number that is at most `x`; integers stay as they are. The gradient is 0."""
    return xp.floor(x) if x.dtype.kind == "f" else _whole(xp, x)


@_rounding(r"\lceil x \rceil", "ceil(x)")
def ceil(xp: Any, x: Any) -> Any:
    """The least whole number that is at least `x`; integers stay as they are. The gradient is 0."""
    return xp.ceil(x) if x.dtype.kind == "f" else _whole(xp, x)


@_rounding(r"\mathrm{trunc}(x)", "trunc(x)")
def trunc(xp: Any, x: Any) -> Any:
    """`x` without its decimals, so towards 0; integers stay as they are. The gradient is 0."""
    return xp.trunc(x) if x.dtype.kind == "f" else _whole(xp, x)


@_rounding(r"\mathrm{sgn}(x)", "x > 0 ? 1 : x < 0 ? -1 : x == 0 ? 0 : x")
def sign(xp: Any, x: Any) -> Any:
    """1 where `x` is positive, −1 where it is negative, 0 at 0; NaN stays NaN. The gradient is 0."""
    return xp.sign(x)


@op(
    formula=r"\mathrm{round}(x)",
    category="math",
    samples=[*SAMPLES, Sample(((2, 3),), {"decimals": 1}), Sample(((2, 3),), {"decimals": -1})],
)
def round_(xp: Any, x: Any, *, decimals: Annotated[int, Range(low=-30, high=30)] = 0) -> Any:
    """The nearest number of so many `decimals` (below 0: of tens, hundreds, …), at a tie the even one.

    As in NumPy and PyTorch 0.5 and 2.5 go to 0 and 2. The gradient is 0.
    """
    if x.dtype.kind != "f":
        return xp.round(_whole(xp, x), decimals) if decimals < 0 else _whole(xp, x)
    with np.errstate(over="ignore"):
        y = xp.round(x, decimals)
    # What is too large to be multiplied has no such decimals.
    return xp.where(xp.isfinite(y), y, x) if decimals else y


@round_.shape
def _(x: Any, *, decimals: int) -> Any:
    return arithmetic(x)


@round_.vjp
def _(g: Any, y: Any, x: Any, *, decimals: int) -> Any:
    return (flat(g),)


round_.by_element = True
round_.flat = {"x": STEPS}
round_.adjoint = {"x": "rounding moves in steps, which have no slope: the gradient of x {x} is 0"}


def _check_divisor(y: Any) -> None:
    if y.dtype.kind in "iu":
        look(y, lambda y: y == 0, _refuse_zero)


def _refuse_zero(y: Any) -> None:
    if not y.all():
        raise DataError("integers cannot be divided by 0", hint="cast y to a float", port="y")


_TURNED = "fmod(x, y) != 0 && (fmod(x, y) < 0) != (y < 0)"  # where what remains towards 0 has the other sign


@op(
    formula=r"\lfloor x / y \rfloor",
    category="math",
    samples=POSITIVE,
    promote="all",
    expr=f"y == 0 ? x / y : rint((x - fmod(x, y)) / y) - ({_TURNED})",
)
def floor_divide(xp: Any, x: Any, y: Any) -> Any:
    """The quotient, rounded down: how often `y` goes into `x`. Both gradients are 0.

    Integers stay integers, and then a `y` of 0 is a `DataError`; of floats that gives ±infinity, and 0/0 NaN.
    """
    _check_divisor(y)
    return xp.floor_divide(x, y)


floor_divide.shape(arithmetic)
floor_divide.flat = dict.fromkeys("xy", STEPS)


@floor_divide.vjp
def _(g: Any, z: Any, x: Any, y: Any) -> Any:
    return lambda: sum_to(flat(g), x.shape), lambda: sum_to(flat(g), y.shape)


@op(
    formula=r"x - y \lfloor x / y \rfloor",
    category="math",
    samples=POSITIVE,
    promote="all",
    expr=f"fmod(x, y) + ({_TURNED} ? y : 0)",
)
def mod(xp: Any, x: Any, y: Any) -> Any:
    """What remains of `x` when `y` goes into it a whole number of times; it has the sign of `y`.

    As NumPy's mod and PyTorch's remainder. Integers stay integers, and then a `y` of 0 is a `DataError`; of
    floats that gives NaN.
    """
    _check_divisor(y)
    return xp.mod(x, y)


mod.shape(arithmetic)


@mod.vjp
def _(g: Any, z: Any, x: Any, y: Any) -> Any:
    return lambda: sum_to(g, x.shape), lambda: sum_to(-(g * floor_divide(x, y)), y.shape)


@mod.composition
def _(x: Any, y: Any) -> Any:
    return x - y * floor_divide(x, y)


mod.flat = {"y": Flat("leaves x as it is", "go into x 0 times", "goes into x 0 times")}
