"""What losses have in common, and the first of them: how far a prediction is from its target.

Shapes must agree: nothing broadcasts by accident.
"""

from __future__ import annotations

import math
from typing import Any, Literal

from ..op import Aval, Sample, ShapeError, op
from ..signature import Traits
from .arithmetic import square
from .reductions import mean, sum_

Reduction = Literal["mean", "sum", "none"]
REDUCTIONS: tuple[Reduction, ...] = ("mean", "sum", "none")


def samples_of(*args: Any, domain: str | tuple[str, ...] = "normal") -> list[Sample]:
    """Samples of a loss with each reduction."""
    return [Sample(args, {"reduction": reduction}, domain) for reduction in REDUCTIONS]


def reduce(xp: Any, losses: Any, reduction: str) -> Any:
    """The reduction of `losses`; a mean of none is NaN, as in PyTorch."""
    if reduction == "none":
        return losses
    if reduction == "sum":
        return xp.sum(losses)
    return mean.forward(xp, losses)


def share_of(g: Any, shape: tuple[int, ...], reduction: str) -> Any:
    """The part of a reduction's gradient `g` that reaches each loss of `shape`; it may have to broadcast."""
    return g * (1 / max(math.prod(shape), 1)) if reduction == "mean" else g


def told(rule: str, own: int = 1) -> Any:
    """The adjoint of a loss: `rule`, and by what it is divided. The last `own` axes are those of one sample.

    Names of parameters in the rule stand for their values.
    """

    def adjoint(y: Aval, x: Aval, *others: Aval, reduction: str, **params: Any) -> str:
        count = math.prod(x.shape[: x.ndim - own])
        mean = f", divided by {count}: y is the mean of so many losses" if reduction == "mean" else ""
        return f"{rule.format_map(params)}, {x.shape}{mean}"

    return adjoint


def result(shape: tuple[int, ...], like: Aval, reduction: str) -> Aval:
    """The reduction of losses of `shape`."""
    return Aval(shape if reduction == "none" else (), like.dtype)


def reduced(losses: Any, reduction: str) -> Any:
    """The reduction of `losses`, written with ops."""
    return losses if reduction == "none" else mean(losses) if reduction == "mean" else sum_(losses)


def check_same_shape(value: Any, target: Any, port: str, other: str = "target") -> None:
    """Refuse shapes that differ even if they broadcast: (N, 1) with (N,) would give N × N losses."""
    if value.shape != target.shape:
        same_size = math.prod(value.shape) == math.prod(target.shape)
        raise ShapeError(
            f"{port} {value.shape} and {other} {target.shape} must have one shape",
            port=other,
            hint=f"reshape {other} to {value.shape}" if same_size else f"{other}: {value.shape}",
        )


@op(
    formula=r"\frac{1}{n} \sum_i (p_i - t_i)^2",
    category="loss",
    samples=[*samples_of((3, 2), (3, 2)), Sample(((), ()))],
    promote="all",
    floating=True,
)
def mse(xp: Any, prediction: Any, target: Any, *, reduction: Reduction = "mean") -> Any:
    """The squared error of `prediction` and `target`, which have one shape.

    `reduction` says whether its mean over all elements (of none NaN), the sum, or each ("none").
    """
    check_same_shape(prediction, target, "prediction")
    return reduce(xp, xp.square(prediction - target), reduction)


@mse.shape
def _(prediction: Aval, target: Aval, *, reduction: str) -> Aval:
    check_same_shape(prediction, target, "prediction")
    return result(prediction.shape, prediction, reduction)


@mse.vjp
def _(g: Any, y: Any, prediction: Any, target: Any, *, reduction: str) -> Any:
    share = 2 * share_of(g, prediction.shape, reduction)
    return lambda: share * (prediction - target), lambda: share * (target - prediction)


@mse.composition
def _(prediction: Any, target: Any, *, reduction: str) -> Any:
    return reduced(square(prediction - target), reduction)


mse.traits = Traits(reduces="reduction")
mse.adjoint = {
    "prediction": told("g · 2 · (prediction − target)", 0),
    "target": told("g · 2 · (target − prediction)", 0),
}
