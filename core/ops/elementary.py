"""Elementary functions, element by element; integers are taken as floats."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..arrays import special
from ..errors import DataError
from ..looking import look
from ..op import Op, Sample, op
from ..signature import Remedy
from ._rules import arithmetic, same
from .arithmetic import PAIRS, abs_, multiply, square, where
from .comparison import equal, greater, greater_equal
from .shapes import sum_to

SAMPLES = [((2, 3),), ((),)]
POSITIVE = [Sample(args, domain="positive") for args in SAMPLES]
OF_A_LOGARITHM = Remedy("a small ε added before it, as it is −∞ at 0", above_zero=True)


def function(formula: str, expr: str, samples: Any = SAMPLES) -> Any:
    """The decorator of a function of one argument that keeps its shape."""

    def build(forward: Any) -> Op:
        built = op(formula=formula, category="math", samples=samples, promote="all", floating=True, expr=expr)(forward)
        built.shape(same)
        return built

    return build


@function(r"e^x", "exp(x)")
def exp(xp: Any, x: Any) -> Any:
    """e to the power of `x`: its own derivative."""
    return xp.exp(x)


@exp.vjp
def _(g: Any, y: Any, x: Any) -> Any:
    return (g * y,)


exp.remedy = Remedy("subtract the maximum before it, as softmax does", at_most=80.0)


@function(r"\ln x", "log(x)", POSITIVE)
def log(xp: Any, x: Any) -> Any:
    """The natural logarithm: −infinity at 0, NaN below it."""
    return xp.log(x)


@log.vjp
def _(g: Any, y: Any, x: Any) -> Any:
    return (g / x,)


log.remedy = OF_A_LOGARITHM


@op(
    formula=r"x^y",
    category="math",
    samples=[Sample(pair, domain="positive") for pair in PAIRS],
    promote="all",
    expr="pow(x, y)",
)
def power(xp: Any, x: Any, y: Any) -> Any:
    """`x` to the power of `y`.

    As in PyTorch the gradient at exponent 0 is 0, and that of the exponent at base 0 too. One exponent 0.5 for all is
    the square root, NaN at −infinity, where the power is otherwise infinity: NumPy and PyTorch have both. Integers
    stay integers, and then a negative exponent is a `DataError`.
    """
    if y.dtype.kind == "i":
        look(y, lambda y: y < 0, _refuse_negative)
    return xp.power(x, y)


def _refuse_negative(y: Any) -> None:
    if y.size and y.min() < 0:
        raise DataError("integers have no negative powers", hint="cast x to a float", port="y")


power.shape(arithmetic)


@power.vjp
def _(g: Any, z: Any, x: Any, y: Any) -> Any:
    # The inner `where`s keep 0 · ∞ out of the rule itself, and so out of its own gradient. Only bases of NaN and
    # those of which x⁻¹ overflows are left out at exponent 0: of others it is how the gradient grows with the exponent.
    least = 1 / float(np.finfo(x.dtype).max)
    return (
        lambda: sum_to(g * (y * power(where(greater(abs_(x), least), x, where(equal(y, 0), 1, x)), y - 1)), x.shape),
        lambda: sum_to(g * z * log(where(multiply(equal(x, 0), greater_equal(y, 0)), 1, x)), y.shape),
    )


@function(r"\sqrt{x}", "sqrt(x)", POSITIVE)
def sqrt(xp: Any, x: Any) -> Any:
    """The square root: NaN below 0. The gradient at 0 is infinite."""
    return xp.sqrt(x)


@sqrt.vjp
def _(g: Any, y: Any, x: Any) -> Any:
    return (g / (2 * y),)


sqrt.remedy = Remedy("a small ε added before it, as its slope at 0 is ∞", above_zero=True)


@function(r"1 / x", "1 / x", POSITIVE)
def reciprocal(xp: Any, x: Any) -> Any:
    """1 divided by `x`: infinite at 0."""
    return xp.reciprocal(x)


@reciprocal.vjp
def _(g: Any, y: Any, x: Any) -> Any:
    return (-(g * (y * y)),)


reciprocal.remedy = Remedy("a small ε added before it")


@function(r"\sin x", "sin(x)")
def sin(xp: Any, x: Any) -> Any:
    """The sine of an angle in radians."""
    return xp.sin(x)


@sin.vjp
def _(g: Any, y: Any, x: Any) -> Any:
    return (g * cos(x),)


@function(r"\cos x", "cos(x)")
def cos(xp: Any, x: Any) -> Any:
    """The cosine of an angle in radians."""
    return xp.cos(x)


@cos.vjp
def _(g: Any, y: Any, x: Any) -> Any:
    return (-(g * sin(x)),)


@function(r"\tanh x", "tanh(x)")
def tanh(xp: Any, x: Any) -> Any:
    """The hyperbolic tangent, between −1 and 1."""
    return xp.tanh(x)


@tanh.vjp
def _(g: Any, y: Any, x: Any) -> Any:
    return (g * (1 - y * y),)


@tanh.composition
def _(x: Any) -> Any:
    grown, shrunk = exp(x), exp(-x)
    return (grown - shrunk) / (grown + shrunk)


@function(r"\frac{1}{\sqrt{x}}", "1 / sqrt(x)", POSITIVE)
def rsqrt(xp: Any, x: Any) -> Any:
    """1 divided by the square root of `x`: infinite at 0, NaN below it."""
    return 1 / xp.sqrt(x)


@rsqrt.vjp
def _(g: Any, y: Any, x: Any) -> Any:
    return (g * (y * y * y) * -0.5,)


rsqrt.remedy = Remedy("a small ε added before it, as it is ∞ at 0", above_zero=True)


@rsqrt.composition
def _(x: Any) -> Any:
    return reciprocal(sqrt(x))


@function(r"x^{1/3}", "cbrt(x)", POSITIVE)
def cbrt(xp: Any, x: Any) -> Any:
    """The cube root, of negative numbers too. The gradient at 0 is infinite."""
    return xp.cbrt(x)


@cbrt.vjp
def _(g: Any, y: Any, x: Any) -> Any:
    r = reciprocal(y)  # squared after it, so that the second order at ±infinity is 0
    return (g * (r * r) * (1 / 3),)


@function(r"e^x - 1", "expm1(x)")
def expm1(xp: Any, x: Any) -> Any:
    """e to the power of `x`, less 1: precise where `x` is near 0."""
    return xp.expm1(x)


@expm1.vjp
def _(g: Any, y: Any, x: Any) -> Any:
    return (g * exp(x),)  # y + 1 would be 0 where it is small


expm1.remedy = Remedy("a limit before it, below which it does not overflow", at_most=80.0)


@function(r"2^x", "exp2(x)")
def exp2(xp: Any, x: Any) -> Any:
    """2 to the power of `x`."""
    return xp.exp2(x)


@exp2.vjp
def _(g: Any, y: Any, x: Any) -> Any:
    return (g * (y * math.log(2)),)


exp2.remedy = Remedy("a limit before it, below which it does not overflow", at_most=120.0)


@function(r"\ln(1 + x)", "log1p(x)", POSITIVE)
def log1p(xp: Any, x: Any) -> Any:
    """The natural logarithm of 1 + `x`, precise where `x` is near 0: −infinity at −1, NaN below it."""
    return xp.log1p(x)


@log1p.vjp
def _(g: Any, y: Any, x: Any) -> Any:
    return (g / (1 + x),)


@function(r"\log_2\,x", "log2(x)", POSITIVE)
def log2(xp: Any, x: Any) -> Any:
    """The logarithm to base 2: −infinity at 0, NaN below it."""
    return xp.log2(x)


@log2.vjp
def _(g: Any, y: Any, x: Any) -> Any:
    return (g / (x * math.log(2)),)


log2.remedy = OF_A_LOGARITHM


@function(r"\log_{10}\,x", "log10(x)", POSITIVE)
def log10(xp: Any, x: Any) -> Any:
    """The logarithm to base 10: −infinity at 0, NaN below it."""
    return xp.log10(x)


@log10.vjp
def _(g: Any, y: Any, x: Any) -> Any:
    return (g / (x * math.log(10)),)


log10.remedy = OF_A_LOGARITHM


@function(r"\mathrm{erf}(x)", "erf(x)")
def erf(xp: Any, x: Any) -> Any:
    """The error function, between −1 and 1: how much of the normal distribution lies within `x` · √2 of its middle."""
    return special(xp).erf(x)


@erf.vjp
def _(g: Any, y: Any, x: Any) -> Any:
    # Beyond 30 the exponential is 0 in any dtype, and stays so where the square would be infinite.
    near = where(greater(abs_(x), 30), 30, x)
    return (g * (2 / math.sqrt(math.pi) * exp(-square(near))),)


@function(r"\mathrm{erfc}(x)", "erfc(x)")
def erfc(xp: Any, x: Any) -> Any:
    """1 − erf(x), between 0 and 2: precise where erf is so near to 1 that the difference would round to 0."""
    return special(xp).erfc(x)


@erfc.vjp
def _(g: Any, y: Any, x: Any) -> Any:
    near = where(greater(abs_(x), 30), 30, x)  # as of erf
    return (g * (-2 / math.sqrt(math.pi) * exp(-square(near))),)
