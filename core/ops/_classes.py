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
from .comparison import equal
from .logic import logical_and
from .losses import reduce, reduced, share_of, told
from .reductions import sum_
from .shapes import reshape


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


def _labels(rows: Any, target: Any, *_: Any, **__: Any) -> Limits | None:
    """What integers in `target` may be that pick an element of each row of `rows` (…, C)."""
    if target.dtype.kind == "f":
        return None
    classes = rows.shape[-1]
    return Limits(0, classes - 1, f"labels of {classes} classes", "mend the labels, or let there be more classes")


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


# Weights of classes.


def check_weights(rows: Any, weights: Any) -> None:
    if weights is not None and weights.shape != rows.shape[-1:]:
        raise ShapeError(
            f"weights {weights.shape} must be one for each of {rows.shape[-1]} classes",
            port="weights",
            hint=f"weights: {rows.shape[-1:]}",
        )


def reduce_weighted(xp: Any, losses: Any, weights: Any, target: Any, reduction: str, like: Any, port: str) -> Any:
    """The reduction of losses of labels that have been multiplied by their weights: a mean is over the weights."""
    if reduction != "mean" or weights is None or not losses.size:
        return reduce(xp, losses, reduction, like, port)
    with np.errstate(invalid="ignore"):  # NaN is meant where all weights are 0
        return xp.sum(losses) / xp.sum(weights[target])


def weighted_share(g: Any, rows: tuple[int, ...], reduction: str, chosen: Any) -> Any:
    """As `row_share`, where a mean is over `chosen`, the weights of the labels (None: over the rows)."""
    return row_share(g, rows, reduction) if chosen is None or reduction != "mean" else g / sum_(chosen)


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

    def adjoint(y: Aval, rows: Aval, target: Aval, weights: Aval | None = None, **params: Any) -> str:
        if weights is None:
            return str(told(plain)(y, rows, **params))
        if params["reduction"] != "mean" or target.floating:
            return str(told(weighted)(y, rows, **params))
        return f"{weighted}, {rows.shape}, divided by the sum of the weights of the labels"

    return adjoint


def told_weights(y: Aval, rows: Aval, target: Aval, weights: Aval, **params: Any) -> str:
    """The adjoint of weights of classes."""
    text = f"g · what each class adds to the losses, summed over the rows to {weights.shape}"
    if params["reduction"] != "mean":
        return text
    if target.floating:
        return f"{text}, divided by {math.prod(rows.shape[:-1])}"
    return f"{text}, less y for each of its labels, divided by the sum of the weights of the labels"
