"""Arithmetic with broadcasting: two arguments are brought to one dtype and one shape."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..op import Aval, Draw, Sample, ShapeError, op
from ..signature import Flat, Kink, Remedy, Traits
from ._rules import arithmetic, broadcast_shapes, check_bounds, check_numbers, elementwise, same
from .comparison import equal, greater, greater_equal, less, less_equal
from .shapes import sum_to

PAIRS = [((2, 3), (2, 3)), ((2, 3), (3,)), ((2, 1), (1, 3)), ((), (3,))]


@op(formula=r"x + y", category="math", samples=PAIRS, promote="all", expr="x + y")
def add(xp: Any, x: Any, y: Any) -> Any:
    """The sum, element by element."""
    return xp.add(x, y)


add.shape(elementwise)
add.traits = Traits(linear=True)


@add.vjp
def _(g: Any, z: Any, x: Any, y: Any) -> Any:
    return sum_to(g, x.shape), lambda: sum_to(g, y.shape)


@op(formula=r"x - y", category="math", samples=PAIRS, promote="all", expr="x - y")
def subtract(xp: Any, x: Any, y: Any) -> Any:
    """The difference, element by element."""
    return xp.subtract(x, y)


subtract.shape(arithmetic)
subtract.traits = Traits(linear=True)


@subtract.vjp
def _(g: Any, z: Any, x: Any, y: Any) -> Any:
    return sum_to(g, x.shape), lambda: sum_to(-g, y.shape)


@op(formula=r"x\,y", category="math", samples=PAIRS, promote="all", expr="x * y")
def multiply(xp: Any, x: Any, y: Any) -> Any:
    """The product, element by element: each factor's gradient is the other factor."""
    return xp.multiply(x, y)


multiply.shape(elementwise)


@multiply.vjp
def _(g: Any, z: Any, x: Any, y: Any) -> Any:
    return lambda: sum_to(g * y, x.shape), lambda: sum_to(g * x, y.shape)


multiply.flat = {
    "x": Flat("is by 0", "are multiplied by y = 0", "is multiplied by y = 0"),
    "y": Flat("is by 0", "are multiplied by x = 0", "is multiplied by x = 0"),
}


@op(formula=r"x / y", category="math", samples=PAIRS, promote="all", floating=True, expr="x / y")
def divide(xp: Any, x: Any, y: Any) -> Any:
    """The quotient, element by element; integers give a float. By 0 it is ±infinity, and 0/0 is NaN."""
    return xp.divide(x, y)


divide.shape(elementwise)


@divide.vjp
def _(g: Any, z: Any, x: Any, y: Any) -> Any:
    return lambda: sum_to(g / y, x.shape), lambda: sum_to(-(g * z / y), y.shape)


divide.remedy = Remedy("a small ε added to what it divides by")


@op(formula=r"-x", category="math", samples=[((2, 3),), ((),)], expr="-x")
def negative(xp: Any, x: Any) -> Any:
    """`x` with the opposite sign."""
    return xp.negative(x)


negative.shape(arithmetic)
negative.traits = Traits(linear=True)


@negative.vjp
def _(g: Any, y: Any, x: Any) -> Any:
    return (-g,)


@op(formula=r"\max(x, y)", category="math", samples=PAIRS, promote="all", expr="x > y || isnan(x) ? x : y")
def maximum(xp: Any, x: Any, y: Any) -> Any:
    """The greater of the two, element by element; NaN wins.

    At a tie each gets half of the gradient, as in PyTorch.
    """
    return xp.maximum(x, y)


maximum.shape(elementwise)


@maximum.vjp
def _(g: Any, z: Any, x: Any, y: Any) -> Any:
    return lambda: sum_to(_won(g, x, y), x.shape), lambda: sum_to(_won(g, y, x), y.shape)


maximum.gradients = {"x": "g where x > y, g / 2 where x = y, else 0", "y": "g where y > x, g / 2 where x = y, else 0"}
maximum.adjoint = dict.fromkeys("xy", "the gradient {g} goes to the greater of x and y, half of it to each at a tie")
maximum.flat = dict.fromkeys("xy", Flat("chooses the other", "are not the greater", "is not the greater"))
maximum.kinks = (Kink("x = y", lambda x, y: x == y, given=0.5, low=0, high=1, torch=0.5),)


@op(formula=r"\min(x, y)", category="math", samples=PAIRS, promote="all", expr="x < y || isnan(x) ? x : y")
def minimum(xp: Any, x: Any, y: Any) -> Any:
    """The lesser of the two, element by element; NaN wins.

    At a tie each gets half of the gradient, as in PyTorch.
    """
    return xp.minimum(x, y)


minimum.shape(elementwise)


@minimum.vjp
def _(g: Any, z: Any, x: Any, y: Any) -> Any:
    return lambda: sum_to(_won(g, y, x), x.shape), lambda: sum_to(_won(g, x, y), y.shape)


minimum.gradients = {"x": "g where x < y, g / 2 where x = y, else 0", "y": "g where y < x, g / 2 where x = y, else 0"}
minimum.adjoint = dict.fromkeys("xy", "the gradient {g} goes to the lesser of x and y, half of it to each at a tie")
minimum.flat = dict.fromkeys("xy", Flat("chooses the other", "are not the lesser", "is not the lesser"))
minimum.kinks = (Kink("x = y", lambda x, y: x == y, given=0.5, low=0, high=1, torch=0.5),)


def _won(g: Any, winner: Any, other: Any) -> Any:
    """`g` where `winner` is the greater, half of it at a tie, 0 elsewhere; at a NaN all of it, lest it go unseen."""
    return where(equal(winner, other), 0.5 * g, where(less(winner, other), 0, g))


@op(
    formula=r"\begin{cases} x & c \\ y & \text{else} \end{cases}",
    category="math",
    samples=[(Draw("bool", (2, 3)), (2, 3), (2, 3)), (Draw("bool", (3,)), (2, 1), ())],
    promote=("x", "y"),
    expr="c ? x : y",
)
def where(xp: Any, c: Any, x: Any, y: Any) -> Any:
    """`x` where `c` is true and `y` elsewhere.

    The branch not taken gets an exact 0; if that branch is infinite, what comes before it may still turn
    0 · ∞ into NaN.
    """
    return xp.where(c, x, y)


@where.shape
def _(c: Aval, x: Aval, y: Aval) -> Aval:
    return Aval(broadcast_shapes(c.shape, x.shape, y.shape), x.dtype)


@where.vjp
def _(g: Any, z: Any, c: Any, x: Any, y: Any) -> Any:
    return None, lambda: sum_to(where(c, g, 0), x.shape), lambda: sum_to(where(c, 0, g), y.shape)


where.adjoint = {
    "x": "x passed where c is true, so the gradient {g} passes there and is 0 elsewhere",
    "y": "y passed where c is false, so the gradient {g} passes there and is 0 elsewhere",
}
where.flat = {
    "x": Flat("masks it", "are where c is false", "is where c is false"),
    "y": Flat("masks it", "are where c is true", "is where c is true"),
}


@op(formula=r"\sum_i x_i", category="math", samples=[((2, 3), (2, 3)), ((2,), (2,), (2,)), ((2,),)])
def accumulate(xp: Any, *xs: Any) -> Any:
    """The sum of values of one shape and dtype, added from left to right: how gradients meet at a fork."""
    if len(xs) == 1:
        return xp.array(xs[0])
    total = first = xs[0]
    for x in xs[1:]:
        if x.shape != first.shape or x.dtype != first.dtype:
            _check_alike(*(Aval(x.shape, x.dtype) for x in xs))
        total = xp.add(total, x)
    return total


def _check_alike(*xs: Aval) -> None:
    for i, x in enumerate(xs):
        if x != xs[0]:
            raise ShapeError(f"xs{i} is {x}, but xs0 is {xs[0]}", port=f"xs{i}", hint="add broadcasts")


@accumulate.shape
def _(*xs: Aval) -> Aval:
    if not xs:
        raise ShapeError("accumulate has nothing to add", hint="wire at least one value")
    _check_alike(*xs)
    return xs[0]


@accumulate.vjp
def _(g: Any, y: Any, *xs: Any) -> Any:
    return (g,) * len(xs)


accumulate.by_element = True
accumulate.traits = Traits(linear=True)
accumulate.adjoint = {"xs": "each value was added as it is, so each gets the whole gradient {y}"}


@op(formula=r"|x|", category="math", samples=[((2, 3),)], expr="fabs(x)")
def abs_(xp: Any, x: Any) -> Any:
    """The absolute value. The gradient at 0 is 0, as in PyTorch."""
    return xp.abs(x)


abs_.shape(same)


@abs_.vjp
def _(g: Any, y: Any, x: Any) -> Any:
    return (where(greater(x, 0), g, where(less(x, 0), -g, 0)),)


abs_.flat = {"x": Flat("is at its kink", "are 0", "is 0")}
abs_.kinks = (Kink("x = 0", lambda x: x == 0, given=0, low=-1, high=1, torch=0),)


@op(formula=r"x^2", category="math", samples=[((2, 3),)], expr="x * x")
def square(xp: Any, x: Any) -> Any:
    """`x` times itself."""
    if x.dtype.kind == "b":
        check_numbers(x)
    return xp.square(x)


square.shape(arithmetic)


@square.vjp
def _(g: Any, y: Any, x: Any) -> Any:
    return (g * (2 * x),)


@op(
    formula=r"\min(\max(x, l), h)",
    category="math",
    samples=[Sample(((2, 3),), {"low": -0.5, "high": 0.5}), Sample(((2, 3),), {"low": 0.0}), Sample(((2,),))],
    promote="all",
    floating=True,
)
def clip(xp: Any, x: Any, *, low: float | None = None, high: float | None = None) -> Any:
    """`x` kept between `low` and `high` (null: no bound).

    The gradient is 1 at the bounds, as in PyTorch, and 0 beyond.
    """
    check_bounds(low, high)
    # NumPy 2.0 refuses to clip between no bounds.
    return xp.positive(x) if low is None and high is None else xp.clip(x, low, high)


@clip.shape
def _(x: Aval, *, low: float | None, high: float | None) -> Aval:
    check_bounds(low, high)
    return x


@clip.vjp
def _(g: Any, y: Any, x: Any, *, low: float | None, high: float | None) -> Any:
    if low is not None:
        g = where(greater_equal(x, low), g, 0)
    if high is not None:
        g = where(less_equal(x, high), g, 0)
    return (g,)


clip.by_element = True
clip.gradients = {"x": "g where low ≤ x ≤ high, else 0"}
clip.adjoint = {"x": "x passed where it lies between the bounds, so the gradient {y} passes there and is 0 elsewhere"}
clip.flat = {"x": Flat("is saturated", "lie outside [{low}, {high}]", "lies outside [{low}, {high}]")}
clip.kinks = (
    Kink("a bound", lambda x, *, low, high: np.equal(x, low) | np.equal(x, high), given=1, low=0, high=1, torch=1),
)
