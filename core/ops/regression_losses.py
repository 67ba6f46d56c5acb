"""Losses of numbers that weigh large errors less than `mse` does; with targets of one shape."""

from __future__ import annotations

from typing import Annotated, Any

from ..op import Aval, Sample, ShapeError, op
from ..parameters import Range
from ..signature import Kink, Traits
from .arithmetic import abs_, clip, square, where
from .comparison import less_equal
from .losses import REDUCTIONS, Reduction, check_same_shape, reduce, reduced, result, samples_of, share_of, told
from .rounding import sign

Width = Annotated[float, Range(low=0, usual=(0.1, 2.0))]
Beyond = Annotated[float, Range(low=0, usual=(0.1, 2.0), above=True)]


def _each(**params: float) -> list[Sample]:
    """Samples without ties, with each reduction and once with other parameters."""
    each = [*samples_of((3, 2), (3, 2), domain="distinct"), Sample(((), ()), domain="positive")]
    return each if not params else [*each, *(Sample(((4,), (4,)), {**params, "reduction": r}) for r in REDUCTIONS)]


@op(
    formula=r"\frac{1}{n} \sum_i |p_i - t_i|",
    category="loss",
    samples=samples_of((3, 2), (3, 2)),
    promote="all",
    floating=True,
)
def mae(xp: Any, prediction: Any, target: Any, *, reduction: Reduction = "mean") -> Any:
    """The absolute error of `prediction` and `target`, which have one shape: the L1 loss.

    `reduction` says whether its mean over all elements, the sum, or each ("none"). The gradient is 0 where there
    is no error, as in PyTorch.
    """
    check_same_shape(prediction, target, "prediction")
    return reduce(xp, xp.abs(prediction - target), reduction)


@mae.shape
def _(prediction: Aval, target: Aval, *, reduction: str) -> Aval:
    check_same_shape(prediction, target, "prediction")
    return result(prediction.shape, prediction, reduction)


@mae.vjp
def _(g: Any, y: Any, prediction: Any, target: Any, *, reduction: str) -> Any:
    share = share_of(g, prediction.shape, reduction)
    return lambda: share * sign(prediction - target), lambda: share * sign(target - prediction)


@mae.composition
def _(prediction: Any, target: Any, *, reduction: str) -> Any:
    return reduced(abs_(prediction - target), reduction)


NO_ERROR = Kink(
    "prediction = target",
    lambda prediction, target, *, beta=0.0, reduction: (prediction == target) & (beta == 0),
    given=0,
    low=-1,
    high=1,
    torch=0,
    of="each loss",
)
mae.kinks = (NO_ERROR,)
mae.traits = Traits(reduces="reduction")
mae.adjoint = {
    "prediction": told("g · the sign of (prediction − target)", 0),
    "target": told("g · the sign of (target − prediction)", 0),
}


def _check_delta(delta: float) -> None:
    if delta <= 0:
        raise ShapeError(f"delta must be above 0, got {delta:g}", hint="delta: 1.0")


@op(
    formula=r"\frac{1}{n} \sum_i \begin{cases} e_i^2 / 2 & |e_i| \le \delta \\"
    r" \delta (|e_i| - \delta / 2) & \text{else} \end{cases},\ e = p - t",
    category="loss",
    samples=_each(delta=0.5),
    promote="all",
    floating=True,
)
def huber(xp: Any, prediction: Any, target: Any, *, delta: Beyond = 1.0, reduction: Reduction = "mean") -> Any:
    """Half the squared error up to an error of `delta`, beyond it `delta` times the absolute one, without a kink.

    `prediction` and `target` have one shape. `reduction` says whether its mean over all elements, the sum, or
    each ("none"). `delta` must be above 0. The second derivative at an error of just `delta` is that of smaller ones.
    """
    check_same_shape(prediction, target, "prediction")
    _check_delta(delta)
    size = xp.abs(prediction - target)
    inner = xp.minimum(size, delta)
    return reduce(xp, inner * (size - 0.5 * inner), reduction)


@huber.shape
def _(prediction: Aval, target: Aval, *, delta: float, reduction: str) -> Aval:
    check_same_shape(prediction, target, "prediction")
    _check_delta(delta)
    return result(prediction.shape, prediction, reduction)


@huber.vjp
def _(g: Any, y: Any, prediction: Any, target: Any, *, delta: float, reduction: str) -> Any:
    share = share_of(g, prediction.shape, reduction)
    return (
        lambda: share * clip(prediction - target, low=-delta, high=delta),
        lambda: share * clip(target - prediction, low=-delta, high=delta),
    )


@huber.composition
def _(prediction: Any, target: Any, *, delta: float, reduction: str) -> Any:
    error = prediction - target
    size = abs_(error)
    return reduced(where(less_equal(size, delta), square(error) / 2, delta * (size - 0.5 * delta)), reduction)


huber.traits = Traits(reduces="reduction")
huber.adjoint = {
    "prediction": told("g · (prediction − target), kept between −{delta} and {delta}", 0),
    "target": told("g · (target − prediction), kept between −{delta} and {delta}", 0),
}


@op(
    formula=r"\frac{1}{n} \sum_i \begin{cases} e_i^2 / 2 \beta & |e_i| < \beta \\"
    r" |e_i| - \beta / 2 & \text{else} \end{cases},\ e = p - t",
    category="loss",
    samples=[*_each(beta=0.5), Sample(((3,), (3,)), {"beta": 0.0, "reduction": "sum"})],
    promote="all",
    floating=True,
)
def smooth_l1(xp: Any, prediction: Any, target: Any, *, beta: Width = 1.0, reduction: Reduction = "mean") -> Any:
    """The absolute error less `beta` / 2, rounded off by a parabola below an error of `beta`; with 0 it is `mae`.

    `prediction` and `target` have one shape. `reduction` says whether its mean over all elements, the sum, or
    each ("none").
    """
    check_same_shape(prediction, target, "prediction")
    size = xp.abs(prediction - target)
    if beta:
        inner = xp.minimum(size, beta)
        size = inner / beta * (size - 0.5 * inner)
    return reduce(xp, size, reduction)


@smooth_l1.shape
def _(prediction: Aval, target: Aval, *, beta: float, reduction: str) -> Aval:
    check_same_shape(prediction, target, "prediction")
    return result(prediction.shape, prediction, reduction)


def _smooth_sign(share: Any, error: Any, beta: float) -> Any:
    return share * (clip(error, low=-beta, high=beta) / beta) if beta else share * sign(error)


@smooth_l1.vjp
def _(g: Any, y: Any, prediction: Any, target: Any, *, beta: float, reduction: str) -> Any:
    share = share_of(g, prediction.shape, reduction)
    return (
        lambda: _smooth_sign(share, prediction - target, beta),
        lambda: _smooth_sign(share, target - prediction, beta),
    )


@smooth_l1.composition
def _(prediction: Any, target: Any, *, beta: float, reduction: str) -> Any:
    error = prediction - target
    size = abs_(error)
    if beta:
        size = where(less_equal(size, beta), square(error) / (2 * beta), size - 0.5 * beta)
    return reduced(size, reduction)


smooth_l1.kinks = (NO_ERROR,)
smooth_l1.traits = Traits(reduces="reduction")
smooth_l1.adjoint = {
    "prediction": told("g · (prediction − target) / {beta}, kept between −1 and 1 (of 0 its sign)", 0),
    "target": told("g · (target − prediction) / {beta}, kept between −1 and 1 (of 0 its sign)", 0),
}
