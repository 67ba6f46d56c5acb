"""Losses: how far a prediction is from its target. Shapes must agree: nothing broadcasts by accident."""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

from ..errors import DataError
from ..op import Aval, Draw, Sample, ShapeError, op
from ..signature import Limits, Within
from .activation import log_softmax, sigmoid, softmax
from .indexing import check_integers, check_limits, one_hot
from .reductions import sum_
from .shapes import cast, reshape

Reduction = Literal["mean", "sum", "none"]
REDUCTIONS: tuple[Reduction, ...] = ("mean", "sum", "none")


def _samples(*args: Any, domain: str = "normal") -> list[Sample]:
    return [Sample(args, {"reduction": reduction}, domain) for reduction in REDUCTIONS]


def _reduce(xp: Any, losses: Any, reduction: str, like: Any, port: str) -> Any:
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


def _share(g: Any, shape: tuple[int, ...], reduction: str) -> Any:
    """The part of a reduction's gradient `g` that reaches each loss of `shape`; it may have to broadcast."""
    return g * (1 / math.prod(shape)) if reduction == "mean" else g


def _told(rule: str, own: int = 1) -> Any:
    """The adjoint of a loss: `rule`, and by what it is divided. The last `own` axes are those of one sample."""

    def adjoint(y: Aval, x: Aval, target: Aval, *, reduction: str) -> str:
        count = math.prod(x.shape[: x.ndim - own])
        mean = f", divided by {count}: y is the mean of so many losses" if reduction == "mean" else ""
        return f"{rule}, {x.shape}{mean}"

    return adjoint


def _result(shape: tuple[int, ...], like: Aval, reduction: str, port: str) -> Aval:
    """The reduction of losses of `shape`. A mean of nothing is refused."""
    if reduction == "mean" and not math.prod(shape):
        raise _nothing(like.shape, port)
    return Aval(shape if reduction == "none" else (), like.dtype)


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
    samples=[*_samples((3, 2), (3, 2)), Sample(((), ()))],
    promote="all",
    floating=True,
)
def mse(xp: Any, prediction: Any, target: Any, *, reduction: Reduction = "mean") -> Any:
    """The squared error of `prediction` and `target`, which have one shape.

    `reduction` says whether its mean over all elements, the sum, or each ("none").
    """
    _check_same_shape(prediction, target, "prediction")
    return _reduce(xp, xp.square(prediction - target), reduction, prediction, "prediction")


@mse.shape
def _(prediction: Aval, target: Aval, *, reduction: str) -> Aval:
    _check_same_shape(prediction, target, "prediction")
    return _result(prediction.shape, prediction, reduction, "prediction")


@mse.vjp
def _(g: Any, y: Any, prediction: Any, target: Any, *, reduction: str) -> Any:
    share = 2 * _share(g, prediction.shape, reduction)
    return lambda: share * (prediction - target), lambda: share * (target - prediction)


mse.adjoint = {
    "prediction": _told("g · 2 · (prediction − target)", 0),
    "target": _told("g · 2 · (target − prediction)", 0),
}


def _check_classes(logits: Any, target: Any, port: str) -> None:
    """Refuse logits without classes, and a target that is neither labels nor probabilities for them."""
    if not logits.shape or not logits.shape[-1]:
        raise ShapeError(f"{port} {logits.shape} has no classes", port=port, hint=f"{port}: (N, C)")
    rows = logits.shape[:-1]
    labels = target.dtype.kind in "iu"
    if target.dtype.kind == "b":
        raise ShapeError(
            "target must be integer labels or probabilities, got bool",
            port="target",
            hint="cast target to int64 or to a float",
        )
    if target.shape == (rows if labels else logits.shape):
        return
    wanted = rows if labels else logits.shape
    if labels and target.shape == logits.shape:
        hint = "one-hot targets must be floats"
    elif not labels and target.shape == rows:
        hint = "cast labels to int64"
    else:
        hint = _fits(target.shape, wanted)
    raise ShapeError(
        f"target {target.shape} {target.dtype} does not fit {port} {logits.shape}: "
        f"{'labels' if labels else 'probabilities'} must be {wanted}",
        port="target",
        hint=hint,
    )


def _fits(found: tuple[int, ...], wanted: tuple[int, ...]) -> str:
    return f"{'reshape target to' if math.prod(found) == math.prod(wanted) else 'target:'} {wanted}"


def _labels(rows: Any, target: Any, **_: Any) -> Limits | None:
    """What integers in `target` may be that pick an element of each row of `rows` (…, C)."""
    if target.dtype.kind == "f":
        return None
    classes = rows.shape[-1]
    return Limits(0, classes - 1, f"labels of {classes} classes", "mend the labels, or let there be more classes")


Labels = Annotated[Any, Within(_labels)]


def _pick(xp: Any, rows: Any, target: Any) -> Any:
    """The element of each row of `rows` (…, C) at its label in `target` (…)."""
    if (limits := _labels(rows, target)) is not None:
        check_limits(target, limits, "target")
    flat = rows.reshape(-1, rows.shape[-1])[xp.arange(math.prod(target.shape)), target.reshape(-1)]
    return flat.reshape(target.shape)


def _row_share(g: Any, rows: tuple[int, ...], reduction: str) -> Any:
    """The share of the gradient of each row, ready to multiply its classes."""
    share = _share(g, rows, reduction)
    return reshape(share, shape=(*rows, 1)) if reduction == "none" else share


@op(
    formula=r"-\frac{1}{N} \sum_n \sum_c t_{nc} \ln \mathrm{softmax}(x_n)_c",
    category="loss",
    samples=[
        *_samples((4, 3), Draw("integers", (4,), 3)),
        *_samples((4, 3), (4, 3), domain="probabilities"),
        Sample(((2, 2, 3), Draw("integers", (2, 2), 3))),
    ],
    promote=("logits",),
    floating=True,
)
def cross_entropy(xp: Any, logits: Any, target: Labels, *, reduction: Reduction = "mean") -> Any:
    """The cross-entropy of the softmax of `logits` (N, C) with `target`.

    `reduction` says whether its mean over the rows, the sum, or each row's ("none"). Integer targets (N,) are
    labels from 0 to C − 1, else `DataError`; floating ones (N, C) are probabilities. More axes may stand
    before the last: (…, C) with labels (…). Computed from the logits, so that it and its gradient stay finite
    at extreme ones; the result has their dtype.
    """
    _check_classes(logits, target, "logits")
    centred = logits - xp.max(logits, axis=-1, keepdims=True)
    normaliser = xp.log(xp.sum(xp.exp(centred), axis=-1, keepdims=True))
    if target.dtype.kind == "f":
        weights = target.astype(logits.dtype, copy=False)
        losses = xp.sum(weights * (normaliser - centred), axis=-1)
    else:
        losses = normaliser[..., 0] - _pick(xp, centred, target)
    return _reduce(xp, losses, reduction, logits, "logits")


@cross_entropy.shape
def _(logits: Aval, target: Aval, *, reduction: str) -> Aval:
    _check_classes(logits, target, "logits")
    return _result(logits.shape[:-1], logits, reduction, "logits")


@cross_entropy.vjp
def _(g: Any, y: Any, logits: Any, target: Any, *, reduction: str) -> Any:
    share = _row_share(g, logits.shape[:-1], reduction)
    if target.dtype.kind != "f":
        labels = one_hot(target, classes=logits.shape[-1], dtype=logits.dtype.name)
        return share * (softmax(logits) - labels), None
    weights = cast(target, dtype=logits.dtype.name)
    return (
        # The total is 1 for probabilities, but the gradient is right for any weights.
        lambda: share * (softmax(logits) * sum_(weights, axis=-1, keepdims=True) - weights),
        lambda: cast(-(share * log_softmax(logits)), dtype=target.dtype.name),
    )


cross_entropy.adjoint = {
    "logits": _told("softmax and logarithm in one rule: g · (softmax(logits) − target) where target adds to 1"),
    "target": _told("−g · log_softmax(logits)"),
}


@op(
    formula=r"-\frac{1}{N} \sum_n x_{n, t_n}",
    category="loss",
    samples=_samples((4, 3), Draw("integers", (4,), 3)),
    promote=("log_probabilities",),
    floating=True,
)
def nll(xp: Any, log_probabilities: Any, target: Labels, *, reduction: Reduction = "mean") -> Any:
    """The negative log-likelihood of labels `target` (N,) under `log_probabilities` (N, C), from log_softmax.

    `reduction` says whether its mean over the rows, the sum, or each row's ("none"). A label outside 0 to
    C − 1 is a `DataError`.
    """
    _check_labels(log_probabilities, target)
    return _reduce(xp, -_pick(xp, log_probabilities, target), reduction, log_probabilities, "log_probabilities")


def _check_labels(log_probabilities: Any, target: Any) -> None:
    check_integers(target, "target")
    _check_classes(log_probabilities, target, "log_probabilities")


@nll.shape
def _(log_probabilities: Aval, target: Aval, *, reduction: str) -> Aval:
    _check_labels(log_probabilities, target)
    return _result(log_probabilities.shape[:-1], log_probabilities, reduction, "log_probabilities")


@nll.vjp
def _(g: Any, y: Any, log_probabilities: Any, target: Any, *, reduction: str) -> Any:
    share = _row_share(g, log_probabilities.shape[:-1], reduction)
    classes = log_probabilities.shape[-1]
    return -(share * one_hot(target, classes=classes, dtype=log_probabilities.dtype.name)), None


nll.adjoint = {"log_probabilities": _told("−g at the label of each row and 0 elsewhere")}


def _probabilities(logits: Any, target: Any, **_: Any) -> Limits:
    return Limits(0, 1, "probabilities", "give probabilities, or labels 0 and 1")


@op(
    formula=r"-\frac{1}{n} \sum_i t_i \ln \sigma(x_i) + (1 - t_i) \ln(1 - \sigma(x_i))",
    category="loss",
    samples=_samples((4,), (4,), domain="probabilities"),
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
    return _reduce(xp, losses, reduction, logits, "logits")


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
    return _result(logits.shape, logits, reduction, "logits")


@binary_cross_entropy.vjp
def _(g: Any, y: Any, logits: Any, target: Any, *, reduction: str) -> Any:
    share = _share(g, logits.shape, reduction)
    return lambda: share * (sigmoid(logits) - target), lambda: -(share * logits)


binary_cross_entropy.adjoint = {
    "logits": _told("sigmoid and logarithm in one rule: g · (sigmoid(logits) − target)", 0),
    "target": _told("−g · logits", 0),
}
