"""Losses that ask for a margin, and are content beyond it."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np

from ..op import Aval, Draw, Sample, op
from ..parameters import Range
from ..signature import Flat, Kink, Traits
from ._classes import Labels, check_classes, check_weights, pick, picked, row_share
from ._limits import check_integers
from .activation import relu
from .arithmetic import clip, where
from .comparison import greater, greater_equal, less_equal
from .indexing import gather, one_hot
from .losses import REDUCTIONS, Reduction, check_same_shape, reduce, reduced, result, share_of, told
from .reductions import sum_
from .shapes import reshape, sum_to

Margin = Annotated[float, Range(usual=(0.0, 2.0))]
CONTENT = Flat("is content", "are beyond the margin", "is beyond the margin")


def margin_samples(*args: Any, domain: str = "normal", **params: Any) -> list[Sample]:
    """Samples with each reduction, first with the defaults and then with `params`."""
    each = [{"reduction": reduction} for reduction in REDUCTIONS]
    return [Sample(args, {**more, **one}, domain) for more in ({}, params) for one in each]


def signed(xp: Any, target: Any, value: Any) -> Any:
    """`value` where the target is positive, and its opposite elsewhere."""
    return xp.where(target > 0, value, -value)


def signed_by(target: Any, value: Any) -> Any:
    """As `signed`, written with ops."""
    return where(greater(target, 0), value, -value)


def at_margin(where: Any, given: float = 1) -> Kink:
    """The kink of a loss of what is missing, where just nothing is."""
    return Kink("the margin", where, given=given, low=0, high=1, torch=given, of="what is missing")


# Yes and no.


@op(
    formula=r"\frac{1}{n} \sum_i \max(0, 1 - t_i x_i)",
    category="loss",
    samples=[Sample(((3, 2), Draw("integers", (3, 2))), {"reduction": r}, "distinct") for r in REDUCTIONS],
    promote=("prediction",),
    floating=True,
)
def hinge(xp: Any, prediction: Any, target: Any, *, reduction: Reduction = "mean") -> Any:
    """How much is missing until `prediction` has the sign of `target` and is 1 away from 0: the loss of an SVM.

    `target` says yes where it is positive, and no elsewhere: ±1, or 1 and 0, of the same shape. `reduction` says
    whether the mean over all elements, the sum, or each ("none"). At the margin the gradient is that inside it.
    """
    check_same_shape(prediction, target, "prediction")
    losses = xp.maximum(1 - signed(xp, target, prediction), 0)
    return reduce(xp, losses, reduction)


@hinge.shape
def _(prediction: Aval, target: Aval, *, reduction: str) -> Aval:
    check_same_shape(prediction, target, "prediction")
    return result(prediction.shape, prediction, reduction)


@hinge.vjp
def _(g: Any, y: Any, prediction: Any, target: Any, *, reduction: str) -> Any:
    share = share_of(g, prediction.shape, reduction)
    missing = greater_equal(1 - signed_by(target, prediction), 0)
    return where(missing, signed_by(target, -share), 0), None


@hinge.composition
def _(prediction: Any, target: Any, *, reduction: str) -> Any:
    return reduced(clip(1 - signed_by(target, prediction), low=0.0), reduction)


hinge.kinks = (at_margin(lambda prediction, target, *, reduction: signed(np, target, prediction) == 1),)
hinge.traits = Traits(reduces="reduction")
hinge.flat = {"prediction": CONTENT}
hinge.adjoint = {"prediction": told("−g where target is positive, g elsewhere, and 0 beyond the margin", 0)}


@op(
    formula=r"\frac{1}{N} \sum_n \frac{1}{C} \sum_{c \ne t_n} \max(0, m - x_{n t_n} + x_{nc})^p",
    category="loss",
    samples=[
        *margin_samples((4, 3), Draw("integers", (4,), 3), (3,), domain="positive", p=2, margin=0.75),
        *margin_samples((2, 2, 3), Draw("integers", (2, 2), 3)),
    ],
    promote=("scores", "weights"),
    floating=True,
)
def multi_margin(
    xp: Any,
    scores: Any,
    target: Labels,
    weights: Any = None,
    *,
    p: Annotated[int, Range(1, 2)] = 1,
    margin: Margin = 1.0,
    reduction: Reduction = "mean",
) -> Any:
    """How much the score of the label lacks until it is `margin` above each other: the hinge loss of C classes.

    `scores` are (N, C) or (…, C), the labels `target` (N,) or (…). What is missing counts to the power of `p` (1 or
    2), is added up over the classes and divided by their number, and multiplied by the label's of the `weights`
    (C,) where there are such. `reduction` says whether the mean over the rows, the sum, or each row's ("none"). At
    the margin the gradient is 0, as in PyTorch. A class whose score is −∞ is out of it: it lacks nothing.
    """
    _check_scores(scores, target, weights)
    missing = xp.maximum(margin - pick(xp, scores, target)[..., None] + scores, 0)
    missing = xp.where(xp.arange(scores.shape[-1]) == target[..., None], scores.dtype.type(0), missing)
    losses = xp.mean(missing if p == 1 else xp.square(missing), axis=-1)
    return reduce(xp, losses if weights is None else weights[target] * losses, reduction)


def _check_scores(scores: Any, target: Any, weights: Any) -> None:
    check_integers(target, "target")
    check_classes(scores, target, "scores")
    check_weights(scores, weights)


@multi_margin.shape
def _(scores: Aval, target: Aval, weights: Aval | None = None, *, p: int, margin: float, reduction: str) -> Aval:
    _check_scores(scores, target, weights)
    return result(scores.shape[:-1], scores, reduction)


def _missing(scores: Any, target: Any, margin: float) -> Any:
    """What each class but the label's lacks, below 0 beyond the margin."""
    own = reshape(picked(scores, target), shape=(*target.shape, 1))
    return where(one_hot(target, classes=scores.shape[-1], dtype="bool"), 0, margin - own + scores)


@multi_margin.vjp
def _(g: Any, y: Any, scores: Any, target: Any, weights: Any = None, *, p: int, margin: float, reduction: str) -> Any:
    classes = scores.shape[-1]
    labels = one_hot(target, classes=classes, dtype=scores.dtype.name)
    missing = _missing(scores, target, margin)
    content = less_equal(missing, 0)
    lacking = where(content, 0, missing)  # without the −∞ of a class that is masked
    share = row_share(g, scores.shape[:-1], reduction) * (1 / classes)
    given = share if weights is None else share * reshape(gather(weights, target), shape=(*target.shape, 1))

    def of_scores() -> Any:
        pushed = where(content, 0, given if p == 1 else given * (2 * lacking))
        return pushed - labels * sum_(pushed, axis=-1, keepdims=True)

    def of_weights() -> Any:
        total = sum_(lacking if p == 1 else lacking * lacking, axis=-1, keepdims=True)
        return sum_to(share * (labels * total), weights.shape)

    return (of_scores, None) if weights is None else (of_scores, None, of_weights)


@multi_margin.composition
def _(scores: Any, target: Any, weights: Any = None, *, p: int, margin: float, reduction: str) -> Any:
    missing = relu(_missing(scores, target, margin))
    losses = sum_(missing if p == 1 else missing * missing, axis=-1) / scores.shape[-1]
    return reduced(losses if weights is None else gather(weights, target) * losses, reduction)


def _at_margin(scores: Any, target: Any, weights: Any = None, *, p: int, margin: float, reduction: str) -> Any:
    """Which scores just reach the margin, and that of the label if there are such."""
    label = np.arange(scores.shape[-1]) == target[..., None]
    own = np.take_along_axis(scores, target[..., None], axis=-1)
    reached = (margin - own + scores == 0) & ~label & (p == 1)
    return reached | (label & reached.any(axis=-1, keepdims=True))


multi_margin.gradients = {
    "scores": "h at each class but the target t and −Σ h at t, h = g · w · p · max(0, margin − xₜ + x)^(p − 1) / C and"
    " 0 where nothing is missing, w the weight of t (g / N for the mean)",
    "weights": "Σ g · Σ max(0, margin − xₜ + x)^p / C over the rows whose target it is of, x its scores at the others",
}
multi_margin.kinks = (at_margin(_at_margin, 0),)
multi_margin.traits = Traits(reduces="reduction")
multi_margin.flat = {
    "scores": CONTENT,
    "weights": Flat("picks another", "are of no label", "is of no label"),
}
multi_margin.adjoint = {
    "scores": lambda y, scores, target, weights=None, *, p, margin, reduction: told(
        f"g / {scores.shape[-1]}{' · the weight of the label' * (weights is not None)}"
        f"{' · twice what is missing' * (p == 2)} at each class within the margin, and less their sum at the label"
    )(y, scores, reduction=reduction),
    "weights": lambda y, scores, target, weights, *, reduction, **_: told(
        f"g · the losses without weights of the rows of each label, summed to {weights.shape}"
    )(y, scores, reduction=reduction),
}
