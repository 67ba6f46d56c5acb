"""Activations that pass what is positive, with an exponential below 0 that levels off: elu and its kin."""

from __future__ import annotations

from typing import Annotated, Any

from ..op import Aval, Sample, ShapeError
from ..parameters import Range
from ..signature import Kink
from .activation import DISTINCT, activation
from .arithmetic import clip, where
from .comparison import greater, greater_equal
from .elementary import exp

SELU_SCALE, SELU_ALPHA = 1.0507009873554805, 1.6732632423543772  # keep mean 0 and variance 1 (Klambauer et al., 2017)


def _decay(x: Any, alpha: float = 1.0) -> Any:
    """e^(x / alpha), 1 from 0 on: at 0 it has no slope of its own, as second order has it in PyTorch; NaN stays NaN."""
    below = where(greater_equal(x, 0), 0, x)
    return exp(below if alpha == 1 else below / alpha)


@activation(
    r"\begin{cases} x & x > 0 \\ \alpha (e^x - 1) & \text{else} \end{cases}",
    samples=[*DISTINCT, Sample(((2, 3),), {"alpha": 0.5}, "distinct")],
)
def elu(xp: Any, x: Any, *, alpha: Annotated[float, Range(usual=(0.0, 2.0))] = 1.0) -> Any:
    """`x` where it is positive, below an exponential that levels off at −`alpha`.

    At 0 the gradient is `alpha`, as in PyTorch.
    """
    return xp.where(x > 0, x, alpha * xp.expm1(xp.minimum(x, 0)))


@elu.vjp
def _(g: Any, y: Any, x: Any, *, alpha: float) -> Any:
    return (where(greater(x, 0), g, g * (alpha * _decay(x))),)


@elu.composition
def _(x: Any, *, alpha: float) -> Any:
    return where(greater(x, 0), x, alpha * (exp(clip(x, high=0.0)) - 1))


elu.by_element = True
elu.adjoint = {"x": "where x is positive the gradient {y} passes, elsewhere it is multiplied by {alpha} · eˣ"}
elu.kinks = (
    Kink(
        "x = 0",
        lambda x, *, alpha: (x == 0) & (alpha != 1),
        given="alpha",
        low="alpha",
        high=1,
        torch="alpha",
    ),
)


@activation(
    r"s \begin{cases} x & x > 0 \\ \alpha (e^x - 1) & \text{else} \end{cases}",
    samples=DISTINCT,
    expr=f"x > 0 ? {SELU_SCALE} * x : {SELU_SCALE * SELU_ALPHA} * expm1(x)",
)
def selu(xp: Any, x: Any) -> Any:
    """An `elu` whose numbers s = 1.0507 and α = 1.6733 keep mean 0 and variance 1 from layer to layer.

    (Klambauer et al., 2017.) The gradient at 0 is s · α, as in PyTorch.
    """
    return SELU_SCALE * xp.where(x > 0, x, SELU_ALPHA * xp.expm1(xp.minimum(x, 0)))


@selu.vjp
def _(g: Any, y: Any, x: Any) -> Any:
    return (where(greater(x, 0), SELU_SCALE * g, g * (SELU_SCALE * SELU_ALPHA * _decay(x))),)


@selu.composition
def _(x: Any) -> Any:
    return SELU_SCALE * elu(x, alpha=SELU_ALPHA)


_BEND = SELU_SCALE * SELU_ALPHA
selu.kinks = (Kink("x = 0", lambda x: x == 0, given=_BEND, low=_BEND, high=SELU_SCALE, torch=_BEND),)


def _check_alpha(alpha: float) -> None:
    if alpha <= 0:
        raise ShapeError(f"alpha must be above 0, got {alpha:g}", hint="alpha: 1.0")


@activation(
    r"\max(x, 0) + \min(\alpha (e^{x / \alpha} - 1), 0)",
    samples=[*DISTINCT, Sample(((2, 3),), {"alpha": 0.5}, "distinct")],
)
def celu(xp: Any, x: Any, *, alpha: Annotated[float, Range(low=0, usual=(0.1, 2.0), above=True)] = 1.0) -> Any:
    """An `elu` without a kink: `x` where it is positive, below an exponential down to −`alpha`, of slope 1 at 0.

    `alpha` must be above 0.
    """
    _check_alpha(alpha)
    return xp.where(x > 0, x, alpha * xp.expm1(xp.minimum(x, 0) / alpha))


@celu.shape
def _(x: Aval, *, alpha: float) -> Aval:
    _check_alpha(alpha)
    return x


@celu.vjp
def _(g: Any, y: Any, x: Any, *, alpha: float) -> Any:
    return (where(greater(x, 0), g, g * _decay(x, alpha)),)


@celu.composition
def _(x: Any, *, alpha: float) -> Any:
    return where(greater(x, 0), x, alpha * (exp(clip(x, high=0.0) / alpha) - 1))


celu.by_element = True
celu.adjoint = {"x": "where x is positive the gradient {y} passes, elsewhere it is multiplied by eˣ with x / {alpha}"}
