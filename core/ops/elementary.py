"""Elementary functions, element by element; integers are taken as floats."""

from __future__ import annotations

from typing import Any

from ..errors import DataError
from ..op import Op, Sample, op
from ._rules import arithmetic, same
from .arithmetic import PAIRS, multiply, where
from .comparison import equal, greater_equal
from .shapes import sum_to

SAMPLES = [((2, 3),), ((),)]
POSITIVE = [Sample(args, domain="positive") for args in SAMPLES]


def _function(formula: str, expr: str, samples: Any = SAMPLES) -> Any:
    """The decorator of a function of one argument that keeps its shape."""

    def build(forward: Any) -> Op:
        built = op(formula=formula, category="math", samples=samples, promote="all", floating=True, expr=expr)(forward)
        built.shape(same)
        return built

    return build


@_function(r"e^x", "exp(x)")
def exp(xp: Any, x: Any) -> Any:
    """e to the power of `x`: its own derivative."""
    return xp.exp(x)


@exp.vjp
def _(g: Any, y: Any, x: Any) -> Any:
    return (g * y,)


@_function(r"\ln x", "log(x)", POSITIVE)
def log(xp: Any, x: Any) -> Any:
    """The natural logarithm: −infinity at 0, NaN below it."""
    return xp.log(x)


@log.vjp
def _(g: Any, y: Any, x: Any) -> Any:
    return (g / x,)


@op(
    formula=r"x^y",
    category="math",
    samples=[Sample(pair, domain="positive") for pair in PAIRS],
    promote="all",
    expr="pow(x, y)",
)
def power(xp: Any, x: Any, y: Any) -> Any:
    """`x` to the power of `y`.

    As in PyTorch the gradient at exponent 0 is 0, and that of the exponent at base 0 too. Integers stay
    integers, and then a negative exponent is a `DataError`.
    """
    if y.dtype.kind == "i" and y.size and y.min() < 0:
        raise DataError("integers have no negative powers", hint="cast x to a float", port="y")
    return xp.power(x, y)


power.shape(arithmetic)


@power.vjp
def _(g: Any, z: Any, x: Any, y: Any) -> Any:
    # The inner `where`s keep 0 · ∞ out of the rule itself, and so out of its own gradient.
    return (
        lambda: sum_to(g * (y * power(x, where(equal(y, 0), 1, y) - 1)), x.shape),
        lambda: sum_to(g * z * log(where(multiply(equal(x, 0), greater_equal(y, 0)), 1, x)), y.shape),
    )


@_function(r"\sqrt{x}", "sqrt(x)", POSITIVE)
def sqrt(xp: Any, x: Any) -> Any:
    """The square root: NaN below 0. The gradient at 0 is infinite."""
    return xp.sqrt(x)


@sqrt.vjp
def _(g: Any, y: Any, x: Any) -> Any:
    return (g / (2 * y),)


@_function(r"1 / x", "1 / x", POSITIVE)
def reciprocal(xp: Any, x: Any) -> Any:
    """1 divided by `x`: infinite at 0."""
    return xp.reciprocal(x)


@reciprocal.vjp
def _(g: Any, y: Any, x: Any) -> Any:
    return (-(g * (y * y)),)


@_function(r"\sin x", "sin(x)")
def sin(xp: Any, x: Any) -> Any:
    """The sine of an angle in radians."""
    return xp.sin(x)


@sin.vjp
def _(g: Any, y: Any, x: Any) -> Any:
    return (g * cos(x),)


@_function(r"\cos x", "cos(x)")
def cos(xp: Any, x: Any) -> Any:
    """The cosine of an angle in radians."""
    return xp.cos(x)


@cos.vjp
def _(g: Any, y: Any, x: Any) -> Any:
    return (-(g * sin(x)),)


@_function(r"\tanh x", "tanh(x)")
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
