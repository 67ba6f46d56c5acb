"""Losses of classes: how much probability a prediction gives to its target."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np

from ..op import Aval, Draw, Sample, op
from ..parameters import Range
from ..signature import Flat, Traits
from ._classes import (
    Labels,
    check_classes,
    check_ignored,
    check_weights,
    divisor,
    expected,
    kept_labels,
    kept_rows,
    kept_share,
    of_weights,
    pick,
    picked,
    reduce_weighted,
    reduced_weighted,
    told_rows,
    told_weights,
)
from ._limits import check_integers
from .activation import log_softmax, softmax
from .indexing import gather, one_hot
from .losses import REDUCTIONS, Reduction, reduced, result, samples_of
from .reductions import sum_
from .shapes import cast, reshape

LOGARITHMS = ("log probabilities", "", "positive")  # what nll takes: the target is of labels


@op(
    formula=r"-\frac{1}{N} \sum_n \sum_c t_{nc} \ln \mathrm{softmax}(x_n)_c",
    category="loss",
    samples=[
        *samples_of((4, 3), Draw("integers", (4,), 3)),
        *samples_of((4, 3), (4, 3), domain="probabilities"),
        Sample(((2, 2, 3), Draw("integers", (2, 2), 3))),
        *samples_of((6, 3), Draw("integers", (6,), 3), (3,), domain="positive"),
        *(
            Sample(args, {"label_smoothing": 0.2, "reduction": reduction}, "probabilities")
            for args in (((2, 2, 3), Draw("integers", (2, 2), 3), (3,)), ((4, 3), (4, 3), (3,)))
            for reduction in REDUCTIONS
        ),
        Sample(((4, 3), Draw("integers", (4,), 3)), {"label_smoothing": 1.0}),
        *(Sample(((6, 3), Draw("integers", (6,), 3)), {"ignore_index": 1, "reduction": r}) for r in REDUCTIONS),
        *(
            Sample(
                ((3, 2, 4), Draw("integers", (3, 2), 4), (4,)),
                {"ignore_index": 2, "label_smoothing": 0.1, "reduction": reduction},
                "positive",
            )
            for reduction in REDUCTIONS
        ),
    ],
    promote=("logits", "weights"),
    floating=True,
)
def cross_entropy(
    xp: Any,
    logits: Any,
    target: Labels,
    weights: Any = None,
    *,
    label_smoothing: Annotated[float, Range(0, 1)] = 0.0,
    ignore_index: int | None = None,
    reduction: Reduction = "mean",
) -> Any:
    """The cross-entropy of the softmax of `logits` (N, C) with `target`.

    `reduction` says whether its mean over the rows (of none NaN), the sum, or each row's ("none"). Integer targets
    (N,) are labels from 0 to C − 1, else `DataError`; floating ones (N, C) are probabilities. More axes may stand
    before the last: (…, C) with labels (…). Computed from the logits, so that it and its gradient stay finite at
    extreme ones; the result has their dtype. `label_smoothing` gives that share of each target evenly to all classes,
    and `weights` (C,) multiplies what each class contributes. As in PyTorch the mean of weighted labels is divided by
    the sum of their weights, that of probabilities by the number of rows. Rows whose label is `ignore_index`, which
    need be no class, add nothing and are not counted; without others the mean is NaN.
    """
    check_classes(logits, target, "logits")
    check_ignored(target, ignore_index)
    check_weights(logits, weights)
    target, kept = kept_labels(xp, target, ignore_index)
    centred = logits - xp.max(logits, axis=-1, keepdims=True)
    normaliser = xp.log(xp.sum(xp.exp(centred), axis=-1, keepdims=True))
    labels = target.dtype.kind != "f"
    if labels:
        losses = normaliser[..., 0] - pick(xp, centred, target)
        losses = losses if weights is None else weights[target] * losses
    else:
        wanted = target.astype(logits.dtype, copy=False)
        wanted = wanted if weights is None else weights * wanted
        with np.errstate(invalid="ignore"):  # 0 · ∞ at a class that is masked, in whose place comes 0
            each = xp.where(wanted == 0, wanted, wanted * (normaliser - centred))
        losses = xp.sum(each, axis=-1)
    if label_smoothing:
        evenly = normaliser - centred if weights is None else weights * (normaliser - centred)
        losses = (1 - label_smoothing) * losses + label_smoothing * xp.mean(evenly, axis=-1)
    return reduce_weighted(xp, losses, weights if labels else None, target, kept, reduction)


@cross_entropy.shape
def _(logits: Aval, target: Aval, weights: Aval | None = None, *, reduction: str, **params: Any) -> Aval:
    check_classes(logits, target, "logits")
    check_ignored(target, params["ignore_index"])
    check_weights(logits, weights)
    return result(logits.shape[:-1], logits, reduction)


def _smoothed(wanted: Any, classes: int, label_smoothing: float) -> Any:
    return (1 - label_smoothing) * wanted + label_smoothing / classes if label_smoothing else wanted


@cross_entropy.vjp
def _(
    g: Any,
    y: Any,
    logits: Any,
    target: Any,
    weights: Any = None,
    *,
    label_smoothing: float,
    ignore_index: int | None,
    reduction: str,
) -> Any:
    rows, classes, dtype = logits.shape[:-1], logits.shape[-1], logits.dtype.name
    logits, target, kept = kept_rows(logits, target, ignore_index)
    labels = one_hot(target, classes=classes, dtype=dtype) if target.dtype.kind != "f" else None
    plain = cast(target, dtype=dtype) if labels is None else labels
    wanted = _smoothed(plain, classes, label_smoothing)
    share = kept_share(g, rows, reduction, weights, labels, kept)
    if weights is None and labels is not None and not label_smoothing:
        return share * (softmax(logits) - labels), None
    given = wanted if weights is None else weights * wanted

    def of_target() -> Any:
        found = log_softmax(logits) if weights is None else weights * log_softmax(logits)
        part = (1 - label_smoothing) * share if label_smoothing else share
        return cast(-(part * found), dtype=target.dtype.name)

    # The total is 1 for probabilities, but the gradient is right for any weights.
    entries = (
        lambda: share * (softmax(logits) * sum_(given, axis=-1, keepdims=True) - given),
        of_target if labels is None else None,
    )
    if weights is None:
        return entries
    return *entries, lambda: of_weights(wanted, log_softmax(logits), share, labels, y, reduction)


@cross_entropy.composition
def _(
    logits: Any,
    target: Any,
    weights: Any = None,
    *,
    label_smoothing: float,
    ignore_index: int | None,
    reduction: str,
) -> Any:
    if target.dtype.kind != "f" and not label_smoothing:
        return nll(
            log_softmax(logits),
            target,
            *([] if weights is None else [weights]),
            ignore_index=ignore_index,
            reduction=reduction,
        )
    classes, dtype = logits.shape[-1], logits.dtype.name
    logits, target, kept = kept_rows(logits, target, ignore_index)
    found, chosen = log_softmax(logits), None
    if target.dtype.kind != "f":
        wanted = one_hot(target, classes=classes, dtype=dtype)
        chosen = divisor(weights, wanted, kept)
    else:
        wanted = target if target.dtype == logits.dtype else cast(target, dtype=dtype)
    wanted = _smoothed(wanted, classes, label_smoothing)
    wanted = wanted if kept is None else kept * wanted
    losses = -sum_(expected(wanted if weights is None else weights * wanted, found), axis=-1)
    return reduced_weighted(losses, reduction, chosen)


cross_entropy.traits = Traits(reduces="reduction")
cross_entropy.flat = {
    "logits": Flat("ignores it", "are in rows of the label {ignore_index}", "is in a row of the label {ignore_index}"),
    "weights": Flat("picks another", "are of no label", "is of no label"),
}
cross_entropy.adjoint = {
    "logits": told_rows(
        "softmax and logarithm in one rule: g · (softmax(logits) − target) where target adds to 1",
        "g · (softmax(logits) · the sum of weights · target of the row − weights · target)",
    ),
    "target": told_rows("−g · log_softmax(logits)", "−g · weights · log_softmax(logits)"),
    "weights": told_weights,
}


@op(
    formula=r"-\frac{1}{N} \sum_n x_{n, t_n}",
    category="loss",
    samples=[
        *samples_of((4, 3), Draw("integers", (4,), 3), domain=LOGARITHMS),
        *samples_of((6, 3), Draw("integers", (6,), 3), (3,), domain=LOGARITHMS),
        *(
            Sample(((6, 3), Draw("integers", (6,), 3)), {"ignore_index": 1, "reduction": r}, LOGARITHMS)
            for r in REDUCTIONS
        ),
        Sample(((6, 3), Draw("integers", (6,), 3), (3,)), {"ignore_index": 2}, LOGARITHMS),
    ],
    promote=("log_probabilities", "weights"),
    floating=True,
)
def nll(
    xp: Any,
    log_probabilities: Any,
    target: Labels,
    weights: Any = None,
    *,
    ignore_index: int | None = None,
    reduction: Reduction = "mean",
) -> Any:
    """The negative log-likelihood of labels `target` (N,) under `log_probabilities` (N, C), from log_softmax.

    `reduction` says whether its mean over the rows, the sum, or each row's ("none"). A label outside 0 to
    C − 1 is a `DataError`. `weights` (C,) multiplies the loss of each row by the weight of its label; the mean is
    then divided by the sum of these, as in PyTorch. Rows whose label is `ignore_index`, which need be no class, add
    nothing and are not counted; without others the mean is NaN.
    """
    _check(log_probabilities, target, weights)
    target, kept = kept_labels(xp, target, ignore_index)
    losses = -pick(xp, log_probabilities, target)
    losses = losses if weights is None else weights[target] * losses
    return reduce_weighted(xp, losses, weights, target, kept, reduction)


def _check(log_probabilities: Any, target: Any, weights: Any) -> None:
    check_integers(target, "target")
    check_classes(log_probabilities, target, "log_probabilities")
    check_weights(log_probabilities, weights)


@nll.shape
def _(log_probabilities: Aval, target: Aval, weights: Aval | None = None, *, reduction: str, **params: Any) -> Aval:
    _check(log_probabilities, target, weights)
    return result(log_probabilities.shape[:-1], log_probabilities, reduction)


@nll.vjp
def _(
    g: Any,
    y: Any,
    log_probabilities: Any,
    target: Any,
    weights: Any = None,
    *,
    ignore_index: int | None,
    reduction: str,
) -> Any:
    rows, classes, dtype = log_probabilities.shape[:-1], log_probabilities.shape[-1], log_probabilities.dtype.name
    log_probabilities, target, kept = kept_rows(log_probabilities, target, ignore_index)
    labels = one_hot(target, classes=classes, dtype=dtype)
    share = kept_share(g, rows, reduction, weights, labels, kept)
    if weights is None:
        return -(share * labels), None
    return (
        lambda: -(share * (weights * labels)),
        None,
        lambda: of_weights(labels, log_probabilities, share, labels, y, reduction),
    )


@nll.composition
def _(log_probabilities: Any, target: Any, weights: Any = None, *, ignore_index: int | None, reduction: str) -> Any:
    log_probabilities, target, kept = kept_rows(log_probabilities, target, ignore_index)
    losses = -picked(log_probabilities, target)
    if weights is None and kept is None:
        return reduced(losses, reduction)
    share = None if kept is None else reshape(kept, shape=target.shape)
    chosen = share if weights is None else gather(weights, target)
    if share is not None and weights is not None:
        chosen = share * chosen
    return reduced_weighted(chosen * losses, reduction, chosen)


nll.traits = Traits(reduces="reduction")
nll.flat = {
    "log_probabilities": Flat("picks another", "are not that of the label", "is not that of the label"),
    "weights": Flat("picks another", "are of no label", "is of no label"),
}
nll.adjoint = {
    "log_probabilities": told_rows(
        "−g at the label of each row and 0 elsewhere",
        "−g · the weight at the label of each row and 0 elsewhere",
    ),
    "weights": told_weights,
}
