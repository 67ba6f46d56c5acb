"""Losses that are the likelihood of a distribution, or the divergence of one from another."""

from __future__ import annotations

import math
from typing import Annotated, Any

import numpy as np

from ..errors import DataError
from ..looking import look
from ..op import Aval, Sample, op
from ..parameters import Range
from ..signature import Traits
from .arithmetic import where
from .comparison import greater, less
from .elementary import exp, log
from .flow import detach
from .losses import REDUCTIONS, Reduction, check_same_shape, reduce, reduced, result, samples_of, share_of, told

Eps = Annotated[float, Range(low=0, usual=(1e-12, 1e-2), logarithmic=True)]
HALF_LOG_TAU = 0.5 * math.log(2 * math.pi)


# Counts.


@op(
    formula=r"\frac{1}{n} \sum_i e^{x_i} - t_i x_i",
    category="loss",
    samples=[
        *samples_of((3, 2), (3, 2), domain="positive"),
        *(Sample(((5,), (5,)), {"log_input": False, "full": True, "reduction": r}, "positive") for r in REDUCTIONS),
        Sample(((4,), (4,)), {"log_input": False, "eps": 0.25, "reduction": "none"}, "positive"),
    ],
    promote="all",
    floating=True,
)
def poisson_nll(
    xp: Any,
    prediction: Any,
    target: Any,
    *,
    log_input: bool = True,
    full: bool = False,
    eps: Eps = 1e-8,
    reduction: Reduction = "mean",
) -> Any:
    """The negative log-likelihood of counts `target` that are Poisson distributed with the rate predicted.

    `prediction` is the logarithm of the rate, or with `log_input` false the rate itself, to which `eps` is then
    added lest its logarithm be that of 0. `full` adds Stirling's approximation of ln t! for targets above 1, which
    is constant in the prediction. Both have one shape; `reduction` says whether the mean over all elements, the
    sum, or each ("none").
    """
    check_same_shape(prediction, target, "prediction")
    if log_input:
        with np.errstate(over="ignore"):  # the likelihood of such a rate is 0
            losses = xp.exp(prediction) - target * prediction
    else:
        losses = prediction - target * xp.log(prediction + eps)
    if full:
        many = xp.where(target > 1, target, target.dtype.type(1))
        stirling = many * xp.log(many) - many + 0.5 * xp.log(many) + HALF_LOG_TAU
        losses = losses + xp.where(target > 1, stirling, target.dtype.type(0))
    return reduce(xp, losses, reduction)


@poisson_nll.shape
def _(prediction: Aval, target: Aval, *, log_input: bool, full: bool, eps: float, reduction: str) -> Aval:
    check_same_shape(prediction, target, "prediction")
    return result(prediction.shape, prediction, reduction)


@poisson_nll.vjp
def _(g: Any, y: Any, prediction: Any, target: Any, *, log_input: bool, full: bool, eps: float, reduction: str) -> Any:
    share = share_of(g, prediction.shape, reduction)

    def of_target() -> Any:
        slope = -prediction if log_input else -log(prediction + eps)
        if full:
            many = where(greater(target, 1), target, 1)
            slope = slope + where(greater(target, 1), log(many) + 0.5 / many, 0)
        return share * slope

    return (
        lambda: share * (exp(prediction) - target if log_input else 1 - target / (prediction + eps)),
        of_target,
    )


@poisson_nll.composition
def _(prediction: Any, target: Any, *, log_input: bool, full: bool, eps: float, reduction: str) -> Any:
    losses = exp(prediction) - target * prediction if log_input else prediction - target * log(prediction + eps)
    if full:
        many = where(greater(target, 1), target, 1)
        stirling = many * log(many) - many + 0.5 * log(2 * math.pi * many)
        losses = losses + where(greater(target, 1), stirling, 0)
    return reduced(losses, reduction)


def _told_poisson(log: str, rate: str) -> Any:
    def adjoint(y: Aval, *avals: Aval, log_input: bool, full: bool, **params: Any) -> str:
        return str(told(log if log_input else rate, 0)(y, *avals, full=full, **params))

    return adjoint


poisson_nll.traits = Traits(reduces="reduction")
poisson_nll.adjoint = {
    "prediction": _told_poisson(
        "g · (exp(prediction) − target)", "g · (1 − target / rate), with the rate prediction + {eps}"
    ),
    "target": _told_poisson(
        "−g · prediction; full: {full}, which adds g · (ln t + 1 / 2t) where t is above 1",
        "−g · ln(prediction + {eps}); full: {full}, which adds g · (ln t + 1 / 2t) where t is above 1",
    ),
}


# Numbers with a variance.


def _check_variance(prediction: Any, target: Any, variance: Any) -> None:
    check_same_shape(prediction, target, "prediction")
    check_same_shape(prediction, variance, "prediction", "variance")


@op(
    formula=r"\frac{1}{n} \sum_i \frac{1}{2} (\ln v_i + \frac{(p_i - t_i)^2}{v_i})",
    category="loss",
    samples=[
        *samples_of((3, 2), (3, 2), (3, 2), domain="positive"),
        Sample(((4,), (4,), (4,)), {"full": True, "eps": 0.01}, "positive"),
    ],
    promote="all",
    floating=True,
)
def gaussian_nll(
    xp: Any,
    prediction: Any,
    target: Any,
    variance: Any,
    *,
    full: bool = False,
    eps: Eps = 1e-6,
    reduction: Reduction = "mean",
) -> Any:
    """The negative log-likelihood of `target`, normally distributed around `prediction` with the `variance` predicted.

    All have one shape. A variance below `eps` counts as `eps`, but gets a gradient all the same, as in PyTorch; one
    below 0 is a `DataError`. `full` adds the constant ln(2π) / 2. `reduction` says whether the mean over all
    elements, the sum, or each ("none").
    """
    _check_variance(prediction, target, variance)
    look(variance, lambda v: v < 0, _refuse_negative)
    kept = xp.maximum(variance, eps)
    losses = 0.5 * (xp.log(kept) + xp.square(prediction - target) / kept)
    return reduce(xp, losses + HALF_LOG_TAU if full else losses, reduction)


def _refuse_negative(variance: Any) -> None:
    if variance.size and variance.min() < 0:
        first = int((variance.reshape(-1) < 0).argmax())
        raise DataError(
            f"variance must be 0 or more, got {float(variance.reshape(-1)[first]):.6g} at element {first}",
            hint="exp or softplus gives such",
            port="variance",
        )


@gaussian_nll.shape
def _(prediction: Aval, target: Aval, variance: Aval, *, full: bool, eps: float, reduction: str) -> Aval:
    _check_variance(prediction, target, variance)
    return result(prediction.shape, prediction, reduction)


def _at_least(variance: Any, eps: float) -> Any:
    """`variance`, below `eps` as that number, but with the slope of the variance."""
    return where(less(variance, eps), eps + (variance - detach(variance)), variance)


@gaussian_nll.vjp
def _(g: Any, y: Any, prediction: Any, target: Any, variance: Any, *, full: bool, eps: float, reduction: str) -> Any:
    share = share_of(g, prediction.shape, reduction)
    kept, error = _at_least(variance, eps), prediction - target
    return (
        lambda: share * (error / kept),
        lambda: -(share * (error / kept)),
        lambda: share * ((0.5 - 0.5 * error * error / kept) / kept),
    )


@gaussian_nll.composition
def _(prediction: Any, target: Any, variance: Any, *, full: bool, eps: float, reduction: str) -> Any:
    kept, error = _at_least(variance, eps), prediction - target
    losses = 0.5 * (log(kept) + error * error / kept)
    return reduced(losses + HALF_LOG_TAU if full else losses, reduction)


_SPREAD = ", where v = max(variance, eps) (g / N for the mean)"
gaussian_nll.gradients = {
    "prediction": f"g · (prediction − target) / v{_SPREAD}",
    "target": f"g · (target − prediction) / v{_SPREAD}",
    "variance": f"g · (1 − (prediction − target)² / v) / (2 · v){_SPREAD}",
}
gaussian_nll.traits = Traits(reduces="reduction")
gaussian_nll.adjoint = {
    "prediction": told("g · (prediction − target) / variance", 0),
    "target": told("g · (target − prediction) / variance", 0),
    "variance": told("g · (1 − (prediction − target)² / variance) / (2 · variance)", 0),
}
