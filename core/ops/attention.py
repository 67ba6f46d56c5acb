"""Attention: for each query a mean of values, weighted by how well their keys match it."""

from __future__ import annotations

import math
from functools import cache
from typing import Annotated, Any

import numpy as np

from ..op import Aval, Output, Sample, ShapeError, op
from ..parameters import Range
from ..signature import Filled, Flat
from ._rules import BOOL, broadcast_shapes
from .activation import softmax
from .arithmetic import where
from .normalisation import added
from .reductions import sum_
from .shapes import cast, sum_to, transpose

Shape = tuple[int, ...]


@op(
    formula=r"\mathrm{softmax}\!\left(s\, q\, k^\top + m\right) v",
    category="linear",
    samples=[
        ((3, 4), (5, 4), (5, 2)),
        Sample(((2, 3, 4), (2, 3, 4), (2, 3, 4)), {"causal": True}),
        Sample(((2, 2, 3, 4), (2, 2, 5, 4), (2, 2, 5, 3), (3, 5)), {"scale": 0.3}),
        Sample(((2, 2, 4), (2, 3, 4), (2, 3, 4), np.array([[True, True, False], [False, True, True]]))),
        Sample(((2, 3, 4), (2, 4, 4), (2, 4, 2), (2, 3, 4)), {"causal": True}),
        Sample(((3, 2), (3, 2), (3, 2), np.array([[True, False, True]] * 3)), {"causal": True}),
    ],
    outputs=("y", Output("weights", hidden=True)),
    promote=("q", "k", "v"),
    floating=True,
)
def scaled_dot_product_attention(
    xp: Any,
    q: Any,
    k: Any,
    v: Any,
    mask: Any = None,
    *,
    causal: bool = False,
    scale: Annotated[float | None, Range(usual=(0, 1))] = None,
) -> Any:
    """For each query `q` (…, L, E) the mean of the values `v` (…, S, D), weighted by how its keys `k` (…, S, E) match.

    The weights are the softmax over keys of q · kᵀ times `scale` (null: 1 / √E), where they may look: `mask` (…, L, S)
    is true there, or is a float that is added, −infinity where they may not. With `causal` query i looks at the keys 0
    to i only. A query that may look nowhere gets 0, as in PyTorch. Axes in front, of batches and heads, broadcast. The
    hidden output `weights` (…, L, S) is what of each value goes to each query (Vaswani et al., 2017).
    """
    allowed = _check(q, k, v, mask)
    scores = xp.matmul(q * q.dtype.type(_factor(q, scale)), k.swapaxes(-1, -2))
    if causal:
        queries, keys = (xp.arange(length) for length in scores.shape[-2:])
        scores = xp.where(keys <= queries[:, None], scores, scores.dtype.type(-math.inf))
    if mask is not None:
        hidden = scores.dtype.type(-math.inf)
        scores = xp.where(mask, scores, hidden) if mask.dtype == BOOL else scores + mask.astype(scores.dtype)
    greatest = xp.max(scores, axis=-1, keepdims=True)
    weights = xp.exp(scores - xp.where(greatest == -math.inf, scores.dtype.type(0), greatest))
    total = xp.sum(weights, axis=-1, keepdims=True)
    weights = weights / xp.where(total == 0, scores.dtype.type(1), total)  # 0 where a query may look nowhere
    assert weights.shape == allowed
    return xp.matmul(weights, v), weights


def _factor(q: Any, scale: float | None) -> float:
    return 1 / math.sqrt(max(q.shape[-1], 1)) if scale is None else scale


def _check(q: Any, k: Any, v: Any, mask: Any) -> Shape:
    """The shape (…, L, S) of the weights. Raises `ShapeError`."""
    for port, value, fits in (("q", q, "(…, L, E)"), ("k", k, "(…, S, E)"), ("v", v, "(…, S, D)")):
        if value.ndim < 2:
            raise ShapeError(f"{port} must be rows {fits}, got {value.shape}", port=port, hint=f"{port}: {fits}")
    if k.shape[-1] != q.shape[-1]:
        fits = f"(…, {k.shape[-2]}, {q.shape[-1]})"
        raise ShapeError(f"keys have {k.shape[-1]} numbers but queries {q.shape[-1]}", port="k", hint=f"k: {fits}")
    if v.shape[-2] != k.shape[-2]:
        fits = f"(…, {k.shape[-2]}, {v.shape[-1]})"
        raise ShapeError(f"there are {v.shape[-2]} values but {k.shape[-2]} keys", port="v", hint=f"v: {fits}")
    if not k.shape[-2]:
        raise ShapeError(f"k {k.shape} has no key to look at", port="k", hint="lengths of 1 or more")
    weights = (*broadcast_shapes(q.shape[:-2], k.shape[:-2]), q.shape[-2], k.shape[-2])
    broadcast_shapes(weights[:-2], v.shape[:-2])
    if mask is not None:
        _check_mask(mask, weights)
    return weights


def _check_mask(mask: Any, weights: Shape) -> None:
    if mask.dtype.kind not in "bf":
        message = f"mask must be true where a query may look, or floats that are added, got {mask.dtype.name}"
        raise ShapeError(message, port="mask", hint="cast it to bool")
    front = (1,) * (len(weights) - mask.ndim) + mask.shape
    if len(front) != len(weights) or any(a not in (1, b) for a, b in zip(front, weights, strict=True)):
        message = f"mask {mask.shape} does not broadcast to the weights {weights}, queries by keys"
        raise ShapeError(message, port="mask", hint=f"mask: {weights[-2:]}")


@scaled_dot_product_attention.shape
def _(q: Aval, k: Aval, v: Aval, mask: Aval | None = None, *, causal: bool, scale: float | None) -> tuple[Aval, Aval]:
    weights = _check(q, k, v, mask)
    front = broadcast_shapes(weights[:-2], v.shape[:-2])
    return Aval((*front, weights[-2], v.shape[-1]), q.dtype), Aval(weights, q.dtype)


@scaled_dot_product_attention.vjp
def _(g: Any, y: Any, q: Any, k: Any, v: Any, mask: Any = None, *, causal: bool, scale: float | None) -> Any:
    weights, factor = y[1], _factor(q, scale)

    @cache
    def of_scores() -> Any:
        """The gradient of what the softmax took, which queries, keys and mask share."""
        found = sum_to(g[0] @ transpose(v), weights.shape)
        found = found if g[1] is None else found + g[1]
        return weights * (found - sum_(found * weights, axis=-1, keepdims=True))

    return (
        lambda: sum_to((of_scores() @ k) * factor, q.shape),
        lambda: sum_to((transpose(of_scores()) @ q) * factor, k.shape),
        lambda: sum_to(transpose(weights) @ g[0], v.shape),
        None if mask is None or mask.dtype == BOOL else lambda: _of_mask(of_scores(), mask),
    )


def _of_mask(of_scores: Any, mask: Any) -> Any:
    found = sum_to(of_scores, mask.shape)
    return found if found.dtype == mask.dtype else cast(found, dtype=mask.dtype.name)


@scaled_dot_product_attention.jvp
def _(t: Any, y: Any, q: Any, k: Any, v: Any, mask: Any = None, *, causal: bool, scale: float | None) -> Any:
    of_q, of_k, of_v, of_mask = (*t, None)[:4]
    weights, factor = y[1], _factor(q, scale)
    of_scores = added(
        None if of_q is None else (of_q @ transpose(k)) * factor,
        None if of_k is None else (q @ transpose(of_k)) * factor,
        None if of_mask is None else _as(of_mask, weights),
    )
    through = None if of_v is None else weights @ of_v
    if of_scores is None:
        return through, None
    moved = weights * (of_scores - sum_(weights * of_scores, axis=-1, keepdims=True))
    return added(moved @ v, through), moved


@scaled_dot_product_attention.composition
def _(q: Any, k: Any, v: Any, mask: Any = None, *, causal: bool, scale: float | None) -> Any:
    scores = (q @ transpose(k)) * _factor(q, scale)
    if causal:
        scores = where(np.tri(q.shape[-2], k.shape[-2], dtype=bool), scores, -math.inf)
    if mask is not None:
        scores = where(mask, scores, -math.inf) if mask.dtype == BOOL else scores + _as(mask, scores)
    return softmax(scores, axis=-1) @ v


def _as(mask: Any, scores: Any) -> Any:
    return mask if mask.dtype == scores.dtype else cast(mask, dtype=scores.dtype.name)


_LISTED = "₀₁₂₃₄₅"  # the keys whose values are told one by one


def _element_of_attention(index: Any, made: Any, q: Any, k: Any, v: Any, *_: Any, **__: Any) -> Filled:
    *front, query, column = index
    weights, values = (np.broadcast_to(each, (*made[0].shape[:-2], *each.shape[-2:])) for each in (made[1], v))
    shares, own = weights[(*front, query)], values[(*front, slice(None), column)]
    listed = list(zip(_LISTED, shares, own, strict=False))
    rest = float(shares[len(listed) :] @ own[len(listed) :])
    numbers = {f"{name}{i}": float(n) for i, *pair in listed for name, n in zip("wv", pair, strict=True)}
    formula = " + ".join(f"{{w{i}}} · {{v{i}}}" for i, *_ in listed)
    says = f"w are the weights of query {query} for {len(shares)} keys, the softmax of how well they match"
    if len(shares) > len(listed):
        formula, numbers["rest"] = f"{formula} + {{rest}}", rest
        says += f"; the rest is of keys {len(listed)} to {len(shares) - 1}"
    return Filled(formula, numbers, says)


scaled_dot_product_attention.element = _element_of_attention


@scaled_dot_product_attention.flops
def _(q: Aval, k: Aval, v: Aval, mask: Aval | None = None, **params: Any) -> int:
    y, weights = scaled_dot_product_attention.infer((q, k, v, mask), {"causal": False, "scale": None})
    return 2 * weights.size * q.shape[-1] + 5 * weights.size + 2 * y.size * k.shape[-2]


_SCORES = "where ds = w · (dw − the sum of dw · w over keys) and dw = g · vᵀ"
scaled_dot_product_attention.flat = {
    "q": Flat("looks at one key", "are of queries that look at one key alone", "is of a query that looks at one key"),
    "k": Flat("looks away", "are of keys that no query weighs against others", "is of a key that none weighs"),
    "v": Flat("looks away", "are of values that no query looks at", "is of a value that no query looks at"),
    "mask": Flat("looks away", "are where no query looks", "is where no query looks"),
}
scaled_dot_product_attention.adjoint = {
    "q": f"dq = ds · k times the scale, {{q}}, {_SCORES}: {{y}} is moved by each query through its weights alone",
    "k": f"dk = dsᵀ · q times the scale, {{k}}, {_SCORES}: {{y}} is moved by each key through the weights alone",
    "v": "each of v {v} went to every query with its weight w, so dv = wᵀ · g of {y}: the sum of g times these weights",
    "mask": f"the mask was added to the scores, so its gradient is ds, summed to {{mask}}, {_SCORES}",
}
