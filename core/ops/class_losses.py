"""Losses of classes: how much probability a prediction gives to its target."""

from __future__ import annotations

import math
from typing import Annotated, Any

from ..op import Aval, Draw, Sample, ShapeError, op
from ..signature import Flat, Limits, Traits, Within
from .activation import log_softmax, softmax
from .indexing import check_integers, check_limits, one_hot
from .losses import Reduction, reduce, reduced, result, samples_of, share_of, told
from .reductions import sum_
from .shapes import cast, reshape


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
    share = share_of(g, rows, reduction)
    return reshape(share, shape=(*rows, 1)) if reduction == "none" else share


@op(
    formula=r"-\frac{1}{N} \sum_n \sum_c t_{nc} \ln \mathrm{softmax}(x_n)_c",
    category="loss",
    samples=[
        *samples_of((4, 3), Draw("integers", (4,), 3)),
        *samples_of((4, 3), (4, 3), domain="probabilities"),
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
    return reduce(xp, losses, reduction, logits, "logits")


@cross_entropy.shape
def _(logits: Aval, target: Aval, *, reduction: str) -> Aval:
    _check_classes(logits, target, "logits")
    return result(logits.shape[:-1], logits, reduction, "logits")


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


@cross_entropy.composition
def _(logits: Any, target: Any, *, reduction: str) -> Any:
    found = log_softmax(logits)
    if target.dtype.kind != "f":
        return nll(found, target, reduction=reduction)
    weights = target if target.dtype == logits.dtype else cast(target, dtype=logits.dtype.name)
    return reduced(-sum_(weights * found, axis=-1), reduction)


cross_entropy.traits = Traits(reduces="reduction")
cross_entropy.adjoint = {
    "logits": told("softmax and logarithm in one rule: g · (softmax(logits) − target) where target adds to 1"),
    "target": told("−g · log_softmax(logits)"),
}


@op(
    formula=r"-\frac{1}{N} \sum_n x_{n, t_n}",
    category="loss",
    samples=samples_of((4, 3), Draw("integers", (4,), 3)),
    promote=("log_probabilities",),
    floating=True,
)
def nll(xp: Any, log_probabilities: Any, target: Labels, *, reduction: Reduction = "mean") -> Any:
    """The negative log-likelihood of labels `target` (N,) under `log_probabilities` (N, C), from log_softmax.

    `reduction` says whether its mean over the rows, the sum, or each row's ("none"). A label outside 0 to
    C − 1 is a `DataError`.
    """
    _check_labels(log_probabilities, target)
    return reduce(xp, -_pick(xp, log_probabilities, target), reduction, log_probabilities, "log_probabilities")


def _check_labels(log_probabilities: Any, target: Any) -> None:
    check_integers(target, "target")
    _check_classes(log_probabilities, target, "log_probabilities")


@nll.shape
def _(log_probabilities: Aval, target: Aval, *, reduction: str) -> Aval:
    _check_labels(log_probabilities, target)
    return result(log_probabilities.shape[:-1], log_probabilities, reduction, "log_probabilities")


@nll.vjp
def _(g: Any, y: Any, log_probabilities: Any, target: Any, *, reduction: str) -> Any:
    share = _row_share(g, log_probabilities.shape[:-1], reduction)
    classes = log_probabilities.shape[-1]
    return -(share * one_hot(target, classes=classes, dtype=log_probabilities.dtype.name)), None


@nll.composition
def _(log_probabilities: Any, target: Any, *, reduction: str) -> Any:
    classes = log_probabilities.shape[-1]
    picked = one_hot(target, classes=classes, dtype=log_probabilities.dtype.name) * log_probabilities
    return reduced(-sum_(picked, axis=-1), reduction)


nll.traits = Traits(reduces="reduction")
nll.flat = {"log_probabilities": Flat("picks another", "are not that of the label", "is not that of the label")}
nll.adjoint = {"log_probabilities": told("−g at the label of each row and 0 elsewhere")}
