"""Losses of numbers: how far a prediction is from its target. Shapes must agree: nothing broadcasts by accident.

What losses have in common stands here too; those of classes are in class_losses.py.
"""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

from ..errors import DataError
from ..op import Aval, Sample, ShapeError, op
from ..signature import Limits, Traits, Within
from .activation import sigmoid, softplus
from .arithmetic import square
from .reductions import mean, sum_

Reduction = Literal["mean", "sum", "none"]
REDUCTIONS: tuple[Reduction, ...] = ("mean", "sum", "none")


def samples_of(*args: Any, domain: str = "normal") -> list[Sample]:
    """Samples of a loss with each reduction."""
    return [Sample(args, {"reduction": reduction}, domain) for reduction in REDUCTIONS]


def reduce(xp: Any, losses: Any, reduction: str, like: Any, port: str) -> Any:
    """The reduction of `losses`, which were computed of `like` at `port`."""
    if reduction == "none":
        return losses
    if reduction == "sum":
        return xp.sum(losses)
    if not losses.size:  # NumPy would warn, and give NaN
        raise _nothing(like.shape, port)
    return xp.mean(losses)


def _nothing(shape: tuple[int, ...], port: str) -> ShapeError:
    return ShapeError(
        f"{port} {shape} holds no elements, and a mean needs at least one", port=port, hint='reduction: "sum"'
    )


def share_of(g: Any, shape: tuple[int, ...], reduction: str) -> Any:
    """The part of a reduction's gradient `g` that reaches each loss of `shape`; it may have to broadcast."""
    return g * (1 / math.prod(shape)) if reduction == "mean" else g


def told(rule: str, own: int = 1) -> Any:
    """The adjoint of a loss: `rule`, and by what it is divided. The last `own` axes are those of one sample."""

    def adjoint(y: Aval, x: Aval, target: Aval, *, reduction: str) -> str:
        count = math.prod(x.shape[: x.ndim - own])
        mean = f", divided by {count}: y is the mean of so many losses" if reduction == "mean" else ""
        return f"{rule}, {x.shape}{mean}"

    return adjoint


def result(shape: tuple[int, ...], like: Aval, reduction: str, port: str) -> Aval:
    """The reduction of losses of `shape`. A mean of nothing is refused."""
    if reduction == "mean" and not math.prod(shape):
        raise _nothing(like.shape, port)
    return Aval(shape if reduction == "none" else (), like.dtype)


def reduced(losses: Any, reduction: str) -> Any:
    """The reduction of `losses`, written with ops."""
    return losses if reduction == "none" else mean(losses) if reduction == "mean" else sum_(losses)


def _check_same_shape(value: Any, target: Any, port: str) -> None:
    """Refuse shapes that differ even if they broadcast: (N, 1) with (N,) would give N × N losses."""
    if value.shape != target.shape:
        same_size = math.prod(value.shape) == math.prod(target.shape)
        raise ShapeError(
            f"{port} {value.shape} and target {target.shape} must have one shape",
            port="target",
            hint=f"reshape target to {value.shape}" if same_size else f"target: {value.shape}",
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

    `reduction` says whether its mean over all elements, the sum, or each ("none").
    """
    _check_same_shape(prediction, target, "prediction")
    return reduce(xp, xp.square(prediction - target), reduction, prediction, "prediction")


@mse.shape
def _(prediction: Aval, target: Aval, *, reduction: str) -> Aval:
    _check_same_shape(prediction, target, "prediction")
    return result(prediction.shape, prediction, reduction, "prediction")


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


def _probabilities(logits: Any, target: Any, **_: Any) -> Limits:
    return Limits(0, 1, "probabilities", "give probabilities, or labels 0 and 1")


@op(
    formula=r"-\frac{1}{n} \sum_i t_i \ln \sigma(x_i) + (1 - t_i) \ln(1 - \sigma(x_i))",
    category="loss",
    samples=samples_of((4,), (4,), domain="probabilities"),
    promote="all",
    floating=True,
)
def binary_cross_entropy(
    xp: Any, logits: Any, target: Annotated[Any, Within(_probabilities)], *, reduction: Reduction = "mean"
) -> Any:
    """The cross-entropy of the sigmoid of `logits` with `target`: probabilities, or 0 and 1, of one shape.

    `reduction` says whether its mean over all elements, the sum, or each ("none"). Computed from the logits,
    so that it and its gradient stay finite at extreme ones. A target outside 0 to 1, such as a label −1 or 2,
    is a `DataError`.
    """
    _check_same_shape(logits, target, "logits")
    _check_probabilities(target)
    # The first two terms cancel exactly where the logit is right, and the last stays precise near 0.
    losses = xp.maximum(logits, 0) - logits * target + xp.log1p(xp.exp(-xp.abs(logits)))
    return reduce(xp, losses, reduction, logits, "logits")


def _check_probabilities(target: Any) -> None:
    if target.size and (target.min() < 0 or target.max() > 1):
        flat = target.reshape(-1)
        first = int(((flat < 0) | (flat > 1)).argmax())
        raise DataError(
            f"target must lie between 0 and 1, got {float(flat[first]):.6g} at element {first}",
            hint="labels: 0 or 1",
            port="target",
        )


@binary_cross_entropy.shape
def _(logits: Aval, target: Aval, *, reduction: str) -> Aval:
    _check_same_shape(logits, target, "logits")
    return result(logits.shape, logits, reduction, "logits")


@binary_cross_entropy.vjp
def _(g: Any, y: Any, logits: Any, target: Any, *, reduction: str) -> Any:
    share = share_of(g, logits.shape, reduction)
    return lambda: share * (sigmoid(logits) - target), lambda: -(share * logits)


@binary_cross_entropy.composition
def _(logits: Any, target: Any, *, reduction: str) -> Any:
    # The logarithms of both probabilities: ln σ(x) = −softplus(−x), and ln(1 − σ(x)) = −softplus(x).
    return reduced(target * softplus(-logits) + (1 - target) * softplus(logits), reduction)


binary_cross_entropy.traits = Traits(reduces="reduction")
binary_cross_entropy.adjoint = {
    "logits": told("sigmoid and logarithm in one rule: g · (sigmoid(logits) − target)", 0),
    "target": told("−g · logits", 0),
}
