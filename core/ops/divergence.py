"""The divergence of one distribution from another, as a loss."""

from __future__ import annotations

import math
from typing import Any, Literal

import numpy as np

from ..errors import DataError
from ..looking import look
from ..op import Aval, Sample, op
from ..signature import Traits
from .arithmetic import where
from .binary_losses import Probabilities, check_probabilities
from .comparison import equal
from .elementary import exp, log
from .losses import REDUCTIONS, check_same_shape, reduce, reduced, result, share_of, told
from .reductions import sum_

Batch = Literal["mean", "sum", "none", "batchmean"]
_EXACT = 1e-3  # how far from 1 the sum of a row of float32 or less may be
BATCH: tuple[Batch, ...] = (*REDUCTIONS, "batchmean")


def _rows(shape: tuple[int, ...]) -> int:
    """By how much the reduction "batchmean" divides."""
    return shape[0] if shape else 1


def _kind(shape: tuple[int, ...], reduction: str) -> str:
    """The reduction that "batchmean" is but for what it divides by; that of no rows is a mean of nothing."""
    return reduction if reduction != "batchmean" else "sum" if _rows(shape) else "mean"


def _are_probabilities(x: Any) -> Any:
    """Whether all rows lie between 0 and 1 and add up to 1: no row of logarithms of probabilities does."""
    return (x >= 0).all() & (abs(x.sum(axis=-1) - 1) < _EXACT).all()


def _check_logarithms(x: Any, port: str, fits: str) -> None:
    """Refuse probabilities where their logarithms belong: the divergence would be a number that means nothing."""

    def refuse(x: Any) -> None:
        if _are_probabilities(x):
            message = (
                f"{port} must be logarithms of probabilities, got probabilities: rows from 0 to 1 that add up to 1"
            )
            raise DataError(message, hint=fits, port=port)

    if x.ndim and x.size and x.dtype.kind == "f":
        look(x, _are_probabilities, refuse)


def _kl_samples() -> list[Sample]:
    plain, logarithms = ("log probabilities", "probabilities"), "log probabilities"
    return [
        *(Sample(((4, 3), (4, 3)), {"reduction": r}, plain) for r in BATCH),
        *(Sample(((2, 2, 3), (2, 2, 3)), {"log_target": True, "reduction": r}, logarithms) for r in BATCH),
        Sample(((), ()), {"reduction": "batchmean"}, plain),
    ]


@op(
    formula=r"\frac{1}{n} \sum_i t_i (\ln t_i - x_i)",
    category="loss",
    samples=_kl_samples(),
    promote="all",
    floating=True,
)
def kl_divergence(
    xp: Any, log_probabilities: Any, target: Probabilities, *, log_target: bool = False, reduction: Batch = "mean"
) -> Any:
    """The Kullback-Leibler divergence of `log_probabilities` (from log_softmax) from the probabilities `target`.

    Both have one shape; with `log_target` the target is of logarithms too. `reduction` says whether the mean over
    all elements, the sum, each ("none"), or the sum divided by the length of the first axis ("batchmean"), which
    is the divergence itself for rows of probabilities. A probability of 0 adds 0, and ln 0 is left out of its
    gradient. A target outside 0 to 1 is a `DataError`.
    """
    check_same_shape(log_probabilities, target, "log_probabilities")
    _check_logarithms(log_probabilities, "log_probabilities", "log_softmax of logits, or log of these")
    if log_target:
        _check_logarithms(target, "target", "log_target=false takes probabilities")
        weights, logs = xp.exp(target), target
    else:
        check_probabilities(target, "probabilities, as softmax gives them; log_target=true takes their logarithms")
        weights, logs = target, xp.log(xp.where(target == 0, target.dtype.type(1), target))
    with np.errstate(invalid="ignore"):  # 0 · ∞, in whose place comes 0
        losses = xp.where(weights == 0, weights, weights * (logs - log_probabilities))
    kind = _kind(log_probabilities.shape, reduction)
    total = reduce(xp, losses, kind)
    return total / _rows(log_probabilities.shape) if reduction == "batchmean" else total


@kl_divergence.shape
def _(log_probabilities: Aval, target: Aval, *, log_target: bool, reduction: str) -> Aval:
    check_same_shape(log_probabilities, target, "log_probabilities")
    shape = log_probabilities.shape
    return result(shape, log_probabilities, _kind(shape, reduction))


@kl_divergence.vjp
def _(g: Any, y: Any, log_probabilities: Any, target: Any, *, log_target: bool, reduction: str) -> Any:
    shape = log_probabilities.shape
    share = g * (1 / max(_rows(shape), 1)) if reduction == "batchmean" else share_of(g, shape, reduction)
    if not log_target:
        return (
            lambda: -(share * target),
            lambda: share * (log(where(equal(target, 0), 1, target)) + 1 - log_probabilities),
        )
    # The inner `where` keeps 0 · ∞ out, of a target that is the logarithm of 0.
    return (
        lambda: -(share * exp(target)),
        lambda: share * (exp(target) * (where(equal(target, -math.inf), 0, target) + 1 - log_probabilities)),
    )


@kl_divergence.composition
def _(log_probabilities: Any, target: Any, *, log_target: bool, reduction: str) -> Any:
    weights, logs = (exp(target), target) if log_target else (target, log(where(equal(target, 0), 1, target)))
    losses = weights * (logs - log_probabilities)
    return sum_(losses) / _rows(losses.shape) if reduction == "batchmean" else reduced(losses, reduction)


def _told_divergence(plain: str, logarithms: str) -> Any:
    def adjoint(y: Aval, x: Aval, target: Aval, *, log_target: bool, reduction: str) -> str:
        text = str(told(logarithms if log_target else plain, 0)(y, x, target, reduction=reduction))
        divided = f", divided by {_rows(x.shape)}, the length of the first axis"
        return text + divided * (reduction == "batchmean")

    return adjoint


kl_divergence.traits = Traits(reduces="reduction")
kl_divergence.adjoint = {
    "log_probabilities": _told_divergence("−g · target", "−g · exp(target)"),
    "target": _told_divergence(
        "g · (ln target + 1 − log_probabilities)", "g · exp(target) · (target + 1 − log_probabilities)"
    ),
}
