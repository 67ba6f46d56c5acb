"""Angles and hyperbolas: trigonometric functions, hyperbolic ones, and the inverses of both."""

from __future__ import annotations

from typing import Any

from ..op import Sample, op
from ..signature import Kink
from ._rules import elementwise
from .arithmetic import PAIRS, abs_, where
from .comparison import equal
from .elementary import SAMPLES, cos, exp, function, sin, sqrt
from .shapes import sum_to

WITHIN = [Sample(args, domain="within 1") for args in SAMPLES]
ABOVE = [Sample(args, domain="above 1") for args in SAMPLES]


@op(
    formula=r"\sqrt{x^2 + y^2}",
    category="math",
    samples=PAIRS,
    promote="all",
    floating=True,
    expr="hypot(x, y)",
)
def hypot(xp: Any, x: Any, y: Any) -> Any:
    """The length of the vector (`x`, `y`), without overflow. The gradient at (0, 0) is 0 (PyTorch's is NaN)."""
    return xp.hypot(x, y)


hypot.shape(elementwise)


@hypot.vjp
def _(g: Any, z: Any, x: Any, y: Any) -> Any:
    nothing = equal(z, 0)
    g, length = where(nothing, 0, g), where(nothing, 1, z)
    return lambda: sum_to(g * (x / length), x.shape), lambda: sum_to(g * (y / length), y.shape)


hypot.kinks = (Kink("(0, 0)", lambda x, y: (x == 0) & (y == 0), given=0, low=-1, high=1, torch="NaN"),)


@hypot.composition
def _(x: Any, y: Any) -> Any:
    return sqrt(x * x + y * y)


@function(r"\tan x", "tan(x)")
def tan(xp: Any, x: Any) -> Any:
    """The tangent of an angle in radians."""
    return xp.tan(x)


@tan.vjp
def _(g: Any, y: Any, x: Any) -> Any:
    return (g * (1 + y * y),)


@tan.composition
def _(x: Any) -> Any:
    return sin(x) / cos(x)


def _under_root(x: Any) -> Any:
    """1 − x², of which the form that does not cancel near ±1 would make 0 · ∞ of the second order at ±1 itself."""
    return where(equal(abs_(x), 1), 1 - x * x, (1 - x) * (1 + x))


@function(r"\arcsin x", "asin(x)", WITHIN)
def arcsin(xp: Any, x: Any) -> Any:
    """The angle between −π/2 and π/2 whose sine is `x`: NaN outside −1 to 1. The gradient at ±1 is infinite."""
    return xp.arcsin(x)


@arcsin.vjp
def _(g: Any, y: Any, x: Any) -> Any:
    return (g / sqrt(_under_root(x)),)


@function(r"\arccos x", "acos(x)", WITHIN)
def arccos(xp: Any, x: Any) -> Any:
    """The angle between 0 and π whose cosine is `x`: NaN outside −1 to 1. The gradient at ±1 is −infinity."""
    return xp.arccos(x)


@arccos.vjp
def _(g: Any, y: Any, x: Any) -> Any:
    return (-(g / sqrt(_under_root(x))),)


@function(r"\arctan x", "atan(x)")
def arctan(xp: Any, x: Any) -> Any:
    """The angle between −π/2 and π/2 whose tangent is `x`."""
    return xp.arctan(x)


@arctan.vjp
def _(g: Any, y: Any, x: Any) -> Any:
    return (g / (1 + x * x),)


@op(
    formula=r"\mathrm{atan2}(y, x)",
    category="math",
    samples=PAIRS,
    promote="all",
    floating=True,
    expr="atan2(y, x)",
)
def arctan2(xp: Any, y: Any, x: Any) -> Any:
    """The angle of the point (`x`, `y`), between −π and π, from the positive x axis; `y` comes first.

    At (0, 0) the gradient is 0, as in PyTorch.
    """
    return xp.arctan2(y, x)


arctan2.shape(elementwise)


@arctan2.vjp
def _(g: Any, z: Any, y: Any, x: Any) -> Any:
    length = hypot(x, y)
    length = where(equal(length, 0), 1, length)
    # Divided twice, since the square of the length may overflow.
    return lambda: sum_to(g * (x / length / length), y.shape), lambda: sum_to(-(g * (y / length / length)), x.shape)


@function(r"\sinh x", "sinh(x)")
def sinh(xp: Any, x: Any) -> Any:
    """The hyperbolic sine, half of e^x − e^−x."""
    return xp.sinh(x)


@sinh.vjp
def _(g: Any, y: Any, x: Any) -> Any:
    return (g * cosh(x),)


@sinh.composition
def _(x: Any) -> Any:
    return (exp(x) - exp(-x)) / 2


@function(r"\cosh x", "cosh(x)")
def cosh(xp: Any, x: Any) -> Any:
    """The hyperbolic cosine, half of e^x + e^−x."""
    return xp.cosh(x)


@cosh.vjp
def _(g: Any, y: Any, x: Any) -> Any:
    return (g * sinh(x),)


@cosh.composition
def _(x: Any) -> Any:
    return (exp(x) + exp(-x)) / 2


@function(r"\mathrm{arsinh}(x)", "asinh(x)")
def arcsinh(xp: Any, x: Any) -> Any:
    """The number whose hyperbolic sine is `x`."""
    return xp.arcsinh(x)


@arcsinh.vjp
def _(g: Any, y: Any, x: Any) -> Any:
    return (g / hypot(x, 1),)


@function(r"\mathrm{arcosh}(x)", "acosh(x)", ABOVE)
def arccosh(xp: Any, x: Any) -> Any:
    """The number of 0 or more whose hyperbolic cosine is `x`: NaN below 1. The gradient at 1 is infinite.

    Below 1 there is no value, and the gradient is NaN too; PyTorch has a number as the gradient from −1 down.
    """
    return xp.arccosh(x)


@arccosh.vjp
def _(g: Any, y: Any, x: Any) -> Any:
    # √(x² − 1), of which the product would overflow; at 1 its second factor is a number, as in `_under_root`.
    at = equal(x, 1)
    return (g / (sqrt(where(at, 2 * (x - 1), x - 1)) * sqrt(where(at, 1, x + 1))),)


@function(r"\mathrm{artanh}(x)", "atanh(x)", WITHIN)
def arctanh(xp: Any, x: Any) -> Any:
    """The number whose hyperbolic tangent is `x`: ±infinity at ±1, NaN beyond."""
    return xp.arctanh(x)


@arctanh.vjp
def _(g: Any, y: Any, x: Any) -> Any:
    return (g / _under_root(x),)
