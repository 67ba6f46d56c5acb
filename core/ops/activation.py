"""Activations: what makes a network more than one matrix; integers are taken as floats."""

from __future__ import annotations

import math
from typing import Annotated, Any

import numpy as np

from ..op import Aval, Op, Sample, op
from ..parameters import Range
from ..signature import Flat, Kink, Traits
from ._rules import positive_axis, same
from .arithmetic import where
from .comparison import greater, less_equal
from .elementary import exp, log, reciprocal
from .flow import detach
from .reductions import logsumexp, max_, sum_

SAMPLES = [Sample(((2, 3),)), Sample(((),))]
DISTINCT = [sample._replace(domain="distinct") for sample in SAMPLES]
ROWS = [Sample(((2, 3),)), Sample(((2, 3),), {"axis": 0}), Sample(((4,),))]


def activation(formula: str, *, samples: Any = SAMPLES, expr: str | None = None, shape: Any = same) -> Any:
    """The decorator of an activation, which keeps its shape."""

    def build(forward: Any) -> Op:
        built = op(formula=formula, category="activation", samples=samples, promote="all", floating=True, expr=expr)(
            forward
        )
        built.shape(shape)
        return built

    return build


@activation(r"\max(x, 0)", samples=DISTINCT, expr="x > 0 || isnan(x) ? x : 0")
def relu(xp: Any, x: Any) -> Any:
    """`x` where it is positive and 0 elsewhere; NaN stays NaN. The gradient at 0 is 0, as in PyTorch."""
    return xp.maximum(x, 0)


@relu.vjp
def _(g: Any, y: Any, x: Any) -> Any:
    return (where(less_equal(y, 0), 0, g),)


relu.adjoint = {"x": "x passed where it is positive, so the gradient {y} passes there and is 0 elsewhere"}
relu.flat = {"x": Flat("is off", "are not above 0", "is not above 0")}
relu.kinks = (Kink("x = 0", lambda x: x == 0, given=0, low=0, high=1, torch=0),)


@activation(
    r"\begin{cases} x & x > 0 \\ s\,x & \text{else} \end{cases}",
    samples=[*DISTINCT, Sample(((2, 3),), {"slope": 0.5}, "distinct")],
)
def leaky_relu(xp: Any, x: Any, *, slope: Annotated[float, Range(usual=(0.0, 1.0))] = 0.01) -> Any:
    """`x` where it is positive, `slope` times `x` elsewhere. At 0 the gradient is `slope`, as in PyTorch."""
    return xp.where(x > 0, x, x * slope)


@leaky_relu.vjp
def _(g: Any, y: Any, x: Any, *, slope: float) -> Any:
    return (where(greater(x, 0), g, g * slope),)


leaky_relu.by_element = True
leaky_relu.adjoint = {"x": "where x is positive the gradient {y} passes, elsewhere it is multiplied by {slope}"}
leaky_relu.kinks = (
    Kink("x = 0", lambda x, *, slope: (x == 0) & (slope != 1), given="slope", low="slope", high=1, torch="slope"),
)


@activation(r"\sigma(x) = \frac{1}{1 + e^{-x}}", expr="1 / (1 + exp(-x))")
def sigmoid(xp: Any, x: Any) -> Any:
    """The logistic function, between 0 and 1; exactly these at the extremes, without overflow."""
    with np.errstate(over="ignore"):  # an infinite exponential gives the 0 that is right
        return 1 / (1 + xp.exp(-x))


@sigmoid.vjp
def _(g: Any, y: Any, x: Any) -> Any:
    return (g * (y * (1 - y)),)


@sigmoid.composition
def _(x: Any) -> Any:
    return reciprocal(1 + exp(-x))


sigmoid.traits = Traits(probabilities="probabilities")


@activation(r"\ln(1 + e^x)", expr="fmax(x, 0) + log1p(exp(-fabs(x)))")
def softplus(xp: Any, x: Any) -> Any:
    """A smooth relu, whose gradient is the sigmoid; without overflow, and precise where it is near 0."""
    return xp.maximum(x, 0) + xp.log1p(xp.exp(-xp.abs(x)))


@softplus.vjp
def _(g: Any, y: Any, x: Any) -> Any:
    return (g * sigmoid(x),)


@softplus.composition
def _(x: Any) -> Any:
    return log(1 + exp(x))


def along(x: Aval, *, axis: int) -> Aval:
    """Shape rule of an op along one axis."""
    positive_axis(axis, x.ndim)
    return x


@activation(r"\frac{e^{x_i}}{\sum_j e^{x_j}}", samples=ROWS, shape=along)
def softmax(xp: Any, x: Any, *, axis: int = -1) -> Any:
    """Probabilities along `axis`: positive, adding to 1; without overflow.

    Where all are −infinity, or one is +infinity, the result is NaN, as in PyTorch. Of nothing it is nothing.
    """
    if not x.size:  # which has no greatest
        positive_axis(axis, x.ndim)
        return xp.zeros_like(x)
    e = xp.exp(x - xp.max(x, axis=axis, keepdims=True))
    return e / xp.sum(e, axis=axis, keepdims=True)


@softmax.vjp
def _(g: Any, y: Any, x: Any, *, axis: int) -> Any:
    return (y * (g - sum_(g * y, axis=axis, keepdims=True)),)


@softmax.composition
def _(x: Any, *, axis: int) -> Any:
    if not math.prod(x.shape):
        return exp(x)
    # A share does not change with what all of a row have in common, so its greatest may count as a constant.
    e = exp(x - detach(max_(x, axis=axis, keepdims=True)))
    return e / sum_(e, axis=axis, keepdims=True)


softmax.traits = Traits(probabilities="probabilities")
softmax.adjoint = {
    "x": "each of x {x} is in every probability along {axis}: dx = y · (g − the sum of g · y along {axis})"
}


@activation(r"x_i - \ln \sum_j e^{x_j}", samples=ROWS, shape=along)
def log_softmax(xp: Any, x: Any, *, axis: int = -1) -> Any:
    """The logarithm of `softmax` along `axis`, finite where softmax itself would be 0."""
    if not x.size:
        positive_axis(axis, x.ndim)
        return xp.zeros_like(x)
    centred = x - xp.max(x, axis=axis, keepdims=True)
    return centred - xp.log(xp.sum(xp.exp(centred), axis=axis, keepdims=True))


@log_softmax.vjp
def _(g: Any, y: Any, x: Any, *, axis: int) -> Any:
    return (g - exp(y) * sum_(g, axis=axis, keepdims=True),)


@log_softmax.composition
def _(x: Any, *, axis: int) -> Any:
    return x - logsumexp(x, axis=axis, keepdims=True)


log_softmax.form_of = ("softmax", "log")
log_softmax.traits = Traits(probabilities="logarithms")
log_softmax.adjoint = {
    "x": "each of x {x} is in every result along {axis}: dx = g − softmax(x) · the sum of g along {axis}"
}
