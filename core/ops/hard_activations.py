"""Activations of straight pieces: cheap, with kinks, of which each says its convention."""

from __future__ import annotations

from typing import Annotated, Any

from ..op import Aval, Sample, ShapeError, op
from ..parameters import Range
from ..signature import Flat, Kink, Traits
from ._rules import broadcast_shapes, check_bounds
from .activation import DISTINCT, activation
from .arithmetic import abs_, clip, where
from .comparison import greater, greater_equal, less, less_equal
from .shapes import sum_to

Size = Annotated[float, Range(low=0, usual=(0.0, 2.0))]
FITS = "low: -1.0, high: 1.0"


def _between(g: Any, y: Any, low: float, high: float) -> Any:
    """`g` where `y` lies between the bounds, 0 at them and beyond; NaN passes."""
    return where(less_equal(y, low), 0, where(greater_equal(y, high), 0, g))


@activation(r"\min(\max(x, 0), 6)", samples=DISTINCT, expr="x > 6 ? 6 : x > 0 || isnan(x) ? x : 0")
def relu6(xp: Any, x: Any) -> Any:
    """`x` kept between 0 and 6; NaN stays NaN. The gradient at 0 and at 6 is 0, as in PyTorch.

    At NaN the gradient passes, as through `relu`; PyTorch's is 0 at some places of a tensor.
    """
    return xp.clip(x, 0, 6)


@relu6.vjp
def _(g: Any, y: Any, x: Any) -> Any:
    return (_between(g, y, 0, 6),)


relu6.adjoint = {"x": "x passed between 0 and 6, so the gradient {y} passes there and is 0 elsewhere"}
relu6.flat = {"x": Flat("is off", "are not between 0 and 6", "is not between 0 and 6")}
relu6.kinks = (Kink("0 or 6", lambda x: (x == 0) | (x == 6), given=0, low=0, high=1, torch=0),)


@activation(r"\min(\max(x, l), h)", samples=[*DISTINCT, Sample(((2, 3),), {"low": -0.5, "high": 0.5}, "distinct")])
def hardtanh(xp: Any, x: Any, *, low: float = -1.0, high: float = 1.0) -> Any:
    """`x` kept between `low` and `high`: `tanh` in three straight pieces; NaN stays NaN.

    The gradient at the bounds is 0, as in PyTorch (that of `clip` is 1). At NaN it passes, as through `relu`;
    PyTorch's is 0 at some places of a tensor.
    """
    check_bounds(low, high, FITS)
    return xp.clip(x, low, high)


@hardtanh.shape
def _(x: Aval, *, low: float, high: float) -> Aval:
    check_bounds(low, high, FITS)
    return x


@hardtanh.vjp
def _(g: Any, y: Any, x: Any, *, low: float, high: float) -> Any:
    return (_between(g, y, low, high),)


hardtanh.by_element = True
hardtanh.adjoint = {"x": "x passed between {low} and {high}, so the gradient {y} passes there and is 0 elsewhere"}
hardtanh.flat = {"x": Flat("is saturated", "are not between {low} and {high}", "is not between {low} and {high}")}
hardtanh.kinks = (Kink("a bound", lambda x, *, low, high: (x == low) | (x == high), given=0, low=0, high=1, torch=0),)


@activation(r"\min(\max(x / 6 + 1/2, 0), 1)", samples=DISTINCT, expr="isnan(x) ? x : fmin(fmax(x + 3, 0), 6) / 6")
def hardsigmoid(xp: Any, x: Any) -> Any:
    """`sigmoid` in three straight pieces: 0 up to −3, 1 from 3 on. The gradient at both is 0, as in PyTorch."""
    return xp.clip(x + 3, 0, 6) / 6


@hardsigmoid.vjp
def _(g: Any, y: Any, x: Any) -> Any:
    return (where(less(abs_(x), 3), g * (1 / 6), 0),)


@hardsigmoid.composition
def _(x: Any) -> Any:
    return relu6(x + 3) / 6


hardsigmoid.traits = Traits(probabilities="probabilities")
hardsigmoid.flat = {"x": Flat("is saturated", "are not between −3 and 3", "is not between −3 and 3")}
hardsigmoid.kinks = (Kink("±3", lambda x: abs(x) == 3, given=0, low=0, high=1 / 6, torch=0),)


@activation(
    r"x\,\min(\max(x / 6 + 1/2, 0), 1)",
    samples=DISTINCT,
    expr="x <= -3 ? 0 : isnan(x) ? x : x * (fmin(x + 3, 6) / 6)",
)
def hardswish(xp: Any, x: Any) -> Any:
    """`x` times its `hardsigmoid`: `silu` in pieces, 0 up to −3 and `x` from 3 on.

    Its kinks are at −3, where the gradient is 0, and at 3, where it is 1, as in PyTorch.
    """
    return xp.maximum(x, -3) * (xp.clip(x + 3, 0, 6) / 6)


@hardswish.vjp
def _(g: Any, y: Any, x: Any) -> Any:
    slope = clip(x, low=-3, high=3) * (1 / 3) + 0.5  # of ∞ it would be ∞, and 0 · ∞ in the rule of this rule
    return (where(less_equal(x, -3), 0, where(greater_equal(x, 3), g, g * slope)),)  # at NaN it is NaN, both ways


@hardswish.composition
def _(x: Any) -> Any:
    return x * hardsigmoid(x)


hardswish.kinks = (
    Kink("x = −3", lambda x: x == -3, given=0, low=-0.5, high=0, torch=0),
    Kink("x = 3", lambda x: x == 3, given=1, low=1, high=1.5, torch=1),
)
hardswish.flat = {"x": Flat("is off", "are not above −3", "is not above −3")}


@activation(
    r"\begin{cases} x & x > t \\ v & \text{else} \end{cases}",
    samples=[*DISTINCT, Sample(((2, 3),), {"threshold": 0.3, "value": -2.0}, "distinct")],
)
def threshold(xp: Any, x: Any, *, threshold: float = 0.0, value: float = 0.0) -> Any:
    """`x` where it is above `threshold`, and `value` elsewhere; NaN stays NaN.

    The gradient at the threshold is 0, as in PyTorch; where it jumps there (`value` is not `threshold`) no
    gradient tells so.
    """
    return xp.where(x <= threshold, x.dtype.type(value), x)


@threshold.vjp
def _(g: Any, y: Any, x: Any, *, threshold: float, value: float) -> Any:
    return (where(less_equal(x, threshold), 0, g),)


threshold.by_element = True
threshold.adjoint = {"x": "x passed where it is above {threshold}, so the gradient {y} passes there and is 0 elsewhere"}
threshold.kinks = (
    Kink(
        "the threshold",
        lambda x, *, threshold, value: (x == threshold) & (value == threshold),
        given=0,
        low=0,
        high=1,
        torch=0,
    ),
)
threshold.flat = {"x": Flat("is off", "are not above {threshold}", "is not above {threshold}")}


def _outside(g: Any, x: Any, threshold: float) -> Any:
    return where(less_equal(abs_(x), threshold), 0, g)


SHRUNK = [*DISTINCT, Sample(((2, 3),), {"threshold": 0.2}, "distinct")]


@activation(r"\mathrm{sign}(x)\,\max(|x| - t, 0)", samples=SHRUNK)
def softshrink(xp: Any, x: Any, *, threshold: Size = 0.5) -> Any:
    """`x` brought nearer to 0 by `threshold`, and 0 where it is no further from it than that.

    What one step against an L1 penalty does. The gradient at ±`threshold` is 0, as in PyTorch. At NaN it passes;
    PyTorch's is 0 at some places of a tensor.
    """
    return x - xp.clip(x, -threshold, threshold)


@softshrink.vjp
def _(g: Any, y: Any, x: Any, *, threshold: float) -> Any:
    return (_outside(g, x, threshold),)


@softshrink.composition
def _(x: Any, *, threshold: float) -> Any:
    return x - clip(x, low=-threshold, high=threshold)


softshrink.by_element = True
softshrink.adjoint = {"x": "x passed where it is further than {threshold} from 0: the gradient {y} is 0 elsewhere"}
softshrink.flat = {"x": Flat("is off", "are within {threshold} of 0", "is within {threshold} of 0")}
softshrink.kinks = (
    Kink("the threshold", lambda x, *, threshold: abs(x) == threshold, given=0, low=0, high=1, torch=0),
)


@activation(r"\begin{cases} x & |x| > t \\ 0 & \text{else} \end{cases}", samples=SHRUNK)
def hardshrink(xp: Any, x: Any, *, threshold: Size = 0.5) -> Any:
    """`x` where it is further than `threshold` from 0, and 0 elsewhere; NaN stays NaN.

    The gradient at ±`threshold`, where it jumps, is 0, as in PyTorch. At NaN it passes; PyTorch's is 0 at some
    places of a tensor.
    """
    return xp.where(xp.abs(x) <= threshold, x.dtype.type(0), x)


@hardshrink.vjp
def _(g: Any, y: Any, x: Any, *, threshold: float) -> Any:
    return (_outside(g, x, threshold),)


hardshrink.by_element = True
hardshrink.adjoint = softshrink.adjoint
hardshrink.flat = softshrink.flat


@op(
    formula=r"\begin{cases} x & x > 0 \\ s\,x & \text{else} \end{cases}",
    category="activation",
    samples=[
        Sample(((2, 3), (3,)), domain="distinct"),
        Sample(((2, 3), ()), domain="distinct"),
        Sample(((2, 2, 3), (2, 1)), domain="distinct"),
    ],
    promote="all",
    floating=True,
    expr="x > 0 ? x : slope * x",
)
def prelu(xp: Any, x: Any, slope: Any) -> Any:
    """`leaky_relu` with a `slope` that is learned: one number, or one for each of the last axis of `x`.

    `slope` is broadcast to `x` as NumPy does: (C, 1, 1) are slopes for the channels of pictures (N, C, H, W). At
    0 the gradient is the slope, as in PyTorch.
    """
    _check_slope(x, slope)
    return xp.where(x > 0, x, slope * xp.minimum(x, 0))


def _check_slope(x: Any, slope: Any) -> None:
    if broadcast_shapes(x.shape, slope.shape) != x.shape:
        raise ShapeError(
            f"slope {slope.shape} has more elements than x {x.shape} takes", port="slope", hint=f"slope: {x.shape[-1:]}"
        )


@prelu.shape
def _(x: Aval, slope: Aval) -> Aval:
    _check_slope(x, slope)
    return x


@prelu.vjp
def _(g: Any, y: Any, x: Any, slope: Any) -> Any:
    return (
        lambda: g * where(greater(x, 0), 1, slope),  # an infinite slope has no part where x is above 0
        lambda: sum_to(g * clip(x, high=0.0), slope.shape),
    )


prelu.kinks = (
    Kink("x = 0", lambda x, slope: (x == 0) & (slope != 1), given="slope", low="slope", high=1, torch="slope"),
)
prelu.flat = {
    "x": Flat("is off", "meet a slope of 0", "meets a slope of 0"),
    "slope": Flat("is not used", "meet no x below 0", "meets no x below 0"),
}
