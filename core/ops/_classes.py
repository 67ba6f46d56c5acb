"""What losses of classes share: targets that are labels or probabilities, and weights of classes."""

from __future__ import annotations

import math
from typing import Annotated, Any

import numpy as np

from ..op import Aval, ShapeError
from ..signature import Limits, Within
from ._limits import check_limits
from .along import take_along_axis
from .arithmetic import where
from .comparison import equal, not_equal
from .logic import logical_and
from .losses import reduce, reduced, share_of, told
from .reductions import sum_
from .shapes import cast, reshape


def check_classes(logits: Any, target: Any, port: str) -> None:
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
    elif labels and len(logits.shape) > 2 and target.shape == (logits.shape[0], *logits.shape[2:]):
        hint = f"classes are the last axis here, not the second: moveaxis of 1 to -1 before {port}"
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


def _labels(rows: Any, target: Any, *_: Any, ignore_index: int | None = None, **__: Any) -> Limits | None:
    """What integers in `target` may be that pick an element of each row of `rows` (…, C), or none of it."""
    if target.dtype.kind == "f":
        return None
    low, high, why = 0, rows.shape[-1] - 1, f"labels of {rows.shape[-1]} classes"
    if ignore_index is not None and not low <= ignore_index <= high:
        low, high, why = min(low, ignore_index), max(high, ignore_index), f"{why}, or {ignore_index} to be ignored"
    return Limits(low, high, why, "mend the labels, or let there be more classes")


Labels = Annotated[Any, Within(_labels)]


def pick(xp: Any, rows: Any, target: Any) -> Any:
    """The element of each row of `rows` (…, C) at its label in `target` (…)."""
    if (limits := _labels(rows, target)) is not None:
        check_limits(target, limits, "target")
    flat = rows.reshape(-1, rows.shape[-1])[xp.arange(math.prod(target.shape)), target.reshape(-1)]
    return flat.reshape(target.shape)


def picked(rows: Any, target: Any) -> Any:
    """As `pick`, written with ops. (The product with one-hot rows would make NaN of a class masked with −∞.)"""
    chosen = take_along_axis(rows, reshape(target, shape=(*target.shape, 1)), axis=-1)
    return reshape(chosen, shape=target.shape)


def row_share(g: Any, rows: tuple[int, ...], reduction: str) -> Any:
    """The share of the gradient of each row, ready to multiply its classes."""
    share = share_of(g, rows, reduction)
    return reshape(share, shape=(*rows, 1)) if reduction == "none" else share


# Labels that are ignored.


def check_ignored(target: Any, ignore_index: int | None) -> None:
    """Refuse a label to be ignored where the target holds none."""
    if ignore_index is not None and target.dtype.kind == "f":
        raise ShapeError(
            "ignore_index is one of the labels, and target holds probabilities",
            port="target",
            hint="ignore_index: null, or labels as the target",
        )


def kept_labels(xp: Any, target: Any, ignore_index: int | None) -> tuple[Any, Any]:
    """The target with a label that can be picked in the place of those ignored, and where it is not (None: all)."""
    if ignore_index is None:
        return target, None
    kept = target != ignore_index
    return xp.where(kept, target, target.dtype.type(0)), kept


def kept_rows(rows: Any, target: Any, ignore_index: int | None) -> tuple[Any, Any, Any]:
    """As `kept_labels`, written with ops: `rows` (…, C), with 0 in those that are ignored (what they hold, −∞ perhaps,
    times their share of 0 would be NaN), the target, and 1 for each row that is kept and 0 for others, (…, 1).
    """
    if ignore_index is None:
        return rows, target, None
    kept = not_equal(target, ignore_index)
    mask = reshape(kept, shape=(*target.shape, 1))
    return where(mask, rows, 0), where(kept, target, 0), cast(mask, dtype=rows.dtype.name)


# Weights of classes.


def check_weights(rows: Any, weights: Any) -> None:
    if weights is not None and weights.shape != rows.shape[-1:]:
        raise ShapeError(
            f"weights {weights.shape} must be one for each of {rows.shape[-1]} classes",
            port="weights",
            hint=f"weights: {rows.shape[-1:]}",
        )


def reduce_weighted(xp: Any, losses: Any, weights: Any, target: Any, kept: Any, reduction: str) -> Any:
    """The reduction of losses of labels that have been multiplied by their weights: a mean is over the weights, of
    those that are `kept` (None: all).
    """
    if kept is not None:
        losses = xp.where(kept, losses, losses.dtype.type(0))
    if reduction != "mean" or (weights is None and kept is None) or not losses.size:
        return reduce(xp, losses, reduction)
    share = kept.astype(losses.dtype) if weights is None else weights[target]
    if kept is not None and weights is not None:
        share = xp.where(kept, share, share.dtype.type(0))
    with np.errstate(invalid="ignore"):  # NaN is meant where all weights are 0, or all labels ignored
        return xp.sum(losses) / xp.sum(share)


def divisor(weights: Any, labels: Any, kept: Any) -> Any:
    """What a mean is divided by the sum of: the weights of the `labels` (…, C) that are `kept` (…, 1), where there are
    any, else 1 for each that is kept; None where that is the number of rows. Of probabilities `labels` is None.
    """
    if labels is None or (weights is None and kept is None):
        return None
    chosen = kept if weights is None else weights * labels
    return chosen if weights is None or kept is None else kept * chosen


def kept_share(g: Any, rows: tuple[int, ...], reduction: str, weights: Any, labels: Any, kept: Any) -> Any:
    """As `row_share`, where a mean is over the `divisor`; 0 for rows that are not kept."""
    chosen = divisor(weights, labels, kept)
    if chosen is None or reduction != "mean":
        share = row_share(g, rows, reduction)
    else:  # where all rows are ignored their gradient is 0, though the mean is NaN
        total = sum_(chosen)
        share = g / (total if kept is None else where(equal(sum_(kept), 0), 1, total))
    return share if kept is None else share * kept


def reduced_weighted(losses: Any, reduction: str, chosen: Any) -> Any:
    """As `reduce_weighted`, written with ops."""
    return reduced(losses, reduction) if chosen is None or reduction != "mean" else sum_(losses) / sum_(chosen)


def expected(wanted: Any, logarithms: Any) -> Any:
    """`wanted` · `logarithms`, 0 at a class masked with −∞ that nobody wants, written with ops."""
    masked = logical_and(equal(wanted, 0), equal(logarithms, -math.inf))
    return wanted * where(masked, 0, logarithms)


def of_weights(wanted: Any, found: Any, share: Any, labels: Any, y: Any, reduction: str) -> Any:
    """The gradient of the weights: of each class what it adds to the losses, less what it adds to their divisor."""
    each = -expected(wanted, found)
    if labels is not None and reduction == "mean":
        each = each - y * labels
    return sum_(share * each, axis=tuple(range(each.ndim - 1)))


def told_rows(plain: str, weighted: str) -> Any:
    """The adjoint of a loss of classes; with weights of labels a mean is divided by their sum."""

    def adjoint(
        y: Aval,
        rows: Aval,
        target: Aval,
        weights: Aval | None = None,
        *,
        ignore_index: int | None = None,
        **params: Any,
    ) -> str:
        rule = plain if weights is None else weighted
        other = "" if ignore_index is None else f", 0 in rows of the label {ignore_index}"
        if params["reduction"] == "mean" and not target.floating and (weights is not None or other):
            count = "the number of other labels" if weights is None else "the sum of the weights of the labels"
            return f"{rule}, {rows.shape}{other}, divided by {count}"
        return str(told(rule)(y, rows, **params)) + other

    return adjoint


def told_weights(y: Aval, rows: Aval, target: Aval, weights: Aval, **params: Any) -> str:
    """The adjoint of weights of classes."""
    text = f"g · what each class adds to the losses, summed over the rows to {weights.shape}"
    if params["reduction"] != "mean":
        return text
    if target.floating:
        return f"{text}, divided by {math.prod(rows.shape[:-1])}"
    return f"{text}, less y for each of its labels, divided by the sum of the weights of the labels"
