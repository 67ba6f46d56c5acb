"""Losses of pairs and triples: what ranks above, or is nearer than, what else, by a margin."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np

from ..op import Aval, Draw, Sample, ShapeError, op
from ..parameters import Range
from ..signature import Kink, Traits
from .arithmetic import clip, where
from .comparison import greater, greater_equal
from .elementary import sqrt
from .losses import Reduction, check_same_shape, reduce, reduced, result, share_of, told
from .margin_losses import CONTENT, Margin, at_margin, margin_samples, signed, signed_by
from .norms import norm, norm_gradient
from .reductions import sum_
from .shapes import reshape

# Added to the squares of lengths, so that vectors of 0 have a direction. In any dtype it is the float32, as in PyTorch:
# beside zeros alone its ninth digit is seen.
SMALL = float(np.float32(1e-12))


def _of_rows(share: Any, rows: tuple[int, ...]) -> Any:
    """What each row is given, ready to multiply its elements."""
    return reshape(share, shape=(*rows, 1))


@op(
    formula=r"\frac{1}{n} \sum_i \max(0, m - t_i (a_i - b_i))",
    category="loss",
    samples=margin_samples((3, 2), (3, 2), Draw("integers", (3, 2)), margin=0.25),
    promote=("first", "second"),
    floating=True,
)
def margin_ranking(
    xp: Any, first: Any, second: Any, target: Any, *, margin: Margin = 0.0, reduction: Reduction = "mean"
) -> Any:
    """How much is missing until `first` ranks above `second` by `margin`, or below it where `target` is not positive.

    `target` is ±1, or 1 and 0; all have one shape. `reduction` says whether the mean over all elements, the sum, or
    each ("none"). At the margin the gradient is that inside it, as in PyTorch.
    """
    _check_pairs(first, second, target)
    losses = xp.maximum(margin - signed(xp, target, first - second), 0)
    return reduce(xp, losses, reduction)


def _check_pairs(first: Any, second: Any, target: Any) -> None:
    check_same_shape(first, second, "first", "second")
    check_same_shape(first, target, "first")


@margin_ranking.shape
def _(first: Aval, second: Aval, target: Aval, *, margin: float, reduction: str) -> Aval:
    _check_pairs(first, second, target)
    return result(first.shape, first, reduction)


@margin_ranking.vjp
def _(g: Any, y: Any, first: Any, second: Any, target: Any, *, margin: float, reduction: str) -> Any:
    share = share_of(g, first.shape, reduction)
    missing = greater_equal(margin - signed_by(target, first - second), 0)
    return (
        lambda: where(missing, signed_by(target, -share), 0),
        lambda: where(missing, signed_by(target, share), 0),
        None,
    )


@margin_ranking.composition
def _(first: Any, second: Any, target: Any, *, margin: float, reduction: str) -> Any:
    return reduced(clip(margin - signed_by(target, first - second), low=0.0), reduction)


margin_ranking.kinks = (
    at_margin(lambda first, second, target, *, margin, reduction: signed(np, target, first - second) == margin),
)
margin_ranking.traits = Traits(reduces="reduction")
margin_ranking.flat = {"first": CONTENT, "second": CONTENT}
margin_ranking.adjoint = {
    "first": told("−g where target is positive, g elsewhere, and 0 beyond the margin", 0),
    "second": told("g where target is positive, −g elsewhere, and 0 beyond the margin", 0),
}


@op(
    formula=r"\frac{1}{N} \sum_n \begin{cases} 1 - \cos(a_n, b_n) & t_n > 0 \\"
    r" \max(0, \cos(a_n, b_n) - m) & \text{else} \end{cases}",
    category="loss",
    samples=[
        *margin_samples((4, 3), (4, 3), Draw("integers", (4,)), margin=0.25),
        Sample(((2, 2, 3), (2, 2, 3), Draw("integers", (2, 2)))),
    ],
    promote=("first", "second"),
    floating=True,
)
def cosine_embedding(
    xp: Any, first: Any, second: Any, target: Any, *, margin: Margin = 0.0, reduction: Reduction = "mean"
) -> Any:
    """How far vectors are from one direction where `target` is positive, elsewhere how near beyond `margin`.

    `first` and `second` are (N, D) or (…, D), the `target` (N,) or (…): ±1, or 1 and 0. Nearness is the cosine of
    the angle between both, 0 for a vector of zeros. `reduction` says whether the mean over the rows, the sum, or
    each row's ("none"). At the margin the gradient is that inside it, as in PyTorch.
    """
    _check_vectors(first, second, target)
    cosine = _cosine(xp, first, second)
    losses = xp.where(target > 0, 1 - cosine, xp.maximum(cosine - margin, 0))
    return reduce(xp, losses, reduction)


def _cosine(xp: Any, first: Any, second: Any) -> Any:
    lengths = [xp.sqrt(xp.sum(xp.square(x), axis=-1) + SMALL) for x in (first, second)]
    return xp.sum(first * second, axis=-1) / (lengths[0] * lengths[1])


def _check_vectors(first: Any, second: Any, target: Any) -> None:
    check_same_shape(first, second, "first", "second")
    if not first.shape:
        raise ShapeError(f"first {first.shape} has no vectors", port="first", hint="first: (N, D)")
    if target.shape != first.shape[:-1]:
        raise ShapeError(
            f"target {target.shape} must be one for each row of first {first.shape}",
            port="target",
            hint=f"target: {first.shape[:-1]}",
        )


@cosine_embedding.shape
def _(first: Aval, second: Aval, target: Aval, *, margin: float, reduction: str) -> Aval:
    _check_vectors(first, second, target)
    return result(first.shape[:-1], first, reduction)


def _angle(first: Any, second: Any) -> tuple[Any, Any, Any]:
    """The lengths of both vectors of each row, and the cosine of the angle between them."""
    lengths = [sqrt(sum_(x * x, axis=-1, keepdims=True) + SMALL) for x in (first, second)]
    return *lengths, sum_(first * second, axis=-1, keepdims=True) / (lengths[0] * lengths[1])


@cosine_embedding.vjp
def _(g: Any, y: Any, first: Any, second: Any, target: Any, *, margin: float, reduction: str) -> Any:
    rows = first.shape[:-1]
    share = share_of(g, rows, reduction)
    one, other, cosine = _angle(first, second)
    near = greater_equal(reshape(cosine, shape=rows) - margin, 0)
    given = _of_rows(where(greater(target, 0), -share, where(near, share, 0)), rows)
    return (
        lambda: given * ((second / other - cosine * (first / one)) / one),
        lambda: given * ((first / one - cosine * (second / other)) / other),
        None,
    )


@cosine_embedding.composition
def _(first: Any, second: Any, target: Any, *, margin: float, reduction: str) -> Any:
    cosine = reshape(_angle(first, second)[2], shape=first.shape[:-1])
    return reduced(where(greater(target, 0), 1 - cosine, clip(cosine - margin, low=0.0)), reduction)


def _just_apart(first: Any, second: Any, target: Any, *, margin: float, reduction: str) -> Any:
    rows = (_cosine(np, first, second) == margin) & (target <= 0)
    return np.broadcast_to(rows[..., None], first.shape)


cosine_embedding.gradients = {
    one: f"h · ({other} / |{other}| − cos · {one} / |{one}|) / |{one}|, cos that of both; h is −g where target > 0,"
    " else g where cos ≥ margin, else 0 (g / N for the mean)"
    for one, other in (("first", "second"), ("second", "first"))
}
cosine_embedding.kinks = (Kink("the margin", _just_apart, given=1, low=0, high=1, torch=1, of="what is too near"),)
cosine_embedding.traits = Traits(reduces="reduction")
cosine_embedding.flat = {"first": CONTENT, "second": CONTENT}
_TURNED = "∓g · the derivative of the cosine for {}, (the other's direction − cosine · its own) / its length"
cosine_embedding.adjoint = {port: told(_TURNED.format(port)) for port in ("first", "second")}


# Triples.

APART = 1e-6  # added to each difference, as PyTorch does


def _check_triple(anchor: Any, positive: Any, negative: Any) -> None:
    check_same_shape(anchor, positive, "anchor", "positive")
    check_same_shape(anchor, negative, "anchor", "negative")
    if not anchor.shape or not anchor.shape[-1]:
        raise ShapeError(f"anchor {anchor.shape} has no vectors", port="anchor", hint="anchor: (N, D)")


@op(
    formula=r"\frac{1}{N} \sum_n \max(0, \|a_n - p_n\|_p - \|a_n - n_n\|_p + m)",
    category="loss",
    samples=[
        *margin_samples((4, 3), (4, 3), (4, 3), margin=0.5, p=1.0),
        Sample(((2, 2, 3),) * 3, {"p": 3.0}),
    ],
    promote="all",
    floating=True,
)
def triplet_margin(
    xp: Any,
    anchor: Any,
    positive: Any,
    negative: Any,
    *,
    margin: Margin = 1.0,
    p: Annotated[float, Range(low=1, usual=(1.0, 4.0))] = 2.0,
    reduction: Reduction = "mean",
) -> Any:
    """How much is missing until `anchor` is nearer to `positive` than to `negative` by `margin`.

    All three are vectors (N, D) or (…, D); distances are `p`-norms of their differences, to which 1e-6 is added, as
    in PyTorch. `reduction` says whether the mean over the rows, the sum, or each row's ("none"). At the margin the
    gradient is that inside it, and a distance of 0 has none.
    """
    _check_triple(anchor, positive, negative)
    apart = (anchor - x + APART for x in (positive, negative))
    near, far = (norm.forward(xp, x, ord=p, axis=-1) for x in apart)
    return reduce(xp, xp.maximum(margin + near - far, 0), reduction)


@triplet_margin.shape
def _(anchor: Aval, positive: Aval, negative: Aval, *, margin: float, p: float, reduction: str) -> Aval:
    _check_triple(anchor, positive, negative)
    return result(anchor.shape[:-1], anchor, reduction)


@triplet_margin.vjp
def _(g: Any, y: Any, anchor: Any, positive: Any, negative: Any, *, margin: float, p: float, reduction: str) -> Any:
    apart = [anchor - x + APART for x in (positive, negative)]
    near, far = (norm(x, ord=p, axis=-1) for x in apart)
    given = where(greater_equal(margin + near - far, 0), share_of(g, anchor.shape[:-1], reduction), 0)
    to, off = (
        norm_gradient(given, y, x, ord=p, axis=-1, keepdims=False)[0] for y, x in zip((near, far), apart, strict=True)
    )
    return lambda: to - off, lambda: -to, lambda: off


@triplet_margin.composition
def _(anchor: Any, positive: Any, negative: Any, *, margin: float, p: float, reduction: str) -> Any:
    near, far = (norm(anchor - x + APART, ord=p, axis=-1) for x in (positive, negative))
    return reduced(clip(margin + near - far, low=0.0), reduction)


def _just_nearer(anchor: Any, positive: Any, negative: Any, *, margin: float, p: float, reduction: str) -> Any:
    near, far = (norm.forward(np, anchor - x + APART, ord=p, axis=-1) for x in (positive, negative))
    return np.broadcast_to((margin + near - far == 0)[..., None], anchor.shape)


_WHERE = (
    ", h = g where margin + ‖anchor − positive‖ − ‖anchor − negative‖ ≥ 0, else 0 (g / N for the mean), and"
    " d(x) = sign(x) · (|x| / ‖x‖)^(p − 1), 1e-6 being added to each difference"
)
triplet_margin.gradients = {
    "anchor": "h · (d(anchor − positive) − d(anchor − negative))" + _WHERE,
    "positive": "−h · d(anchor − positive)" + _WHERE,
    "negative": "h · d(anchor − negative)" + _WHERE,
}
triplet_margin.kinks = (at_margin(_just_nearer),)
triplet_margin.traits = Traits(reduces="reduction")
triplet_margin.flat = dict.fromkeys(("anchor", "positive", "negative"), CONTENT)
_PARTS = "where less than the margin: "
triplet_margin.adjoint = {
    "anchor": told(_PARTS + "g · (the direction from positive − that from negative), of {p}-norms"),
    "positive": told(_PARTS + "−g · the direction from positive to anchor, of {p}-norms"),
    "negative": told(_PARTS + "g · the direction from negative to anchor, of {p}-norms"),
}
