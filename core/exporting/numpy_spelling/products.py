"""How products, triangles and diagonals are written with NumPy."""

from __future__ import annotations

from collections.abc import Mapping

from .. import literals
from ..calls import Call, Spelling, function


def _of_axes(name: str) -> Spelling:
    def spell(call: Call) -> str:
        given = [call.params[each] for each in ("offset", "axis1", "axis2")]
        more = ", dtype=np.int64" * (name == "trace" and not call.ins[0].floating)
        return f"np.{name}({call.x}{'' if given == [0, 0, 1] else ''.join(f', {each}' for each in given)}{more})"

    return spell


def _of_k(name: str) -> Spelling:
    def spell(call: Call) -> str:
        k = call.params["k"]
        return f"np.{name}({call.x}{f', {k}' if k else ''})"

    return spell


def _einsum(call: Call) -> str:
    more = ", optimize=True" * (len(call.args) > 1)
    return f"np.einsum({literals.text(call.params['equation'])}, {', '.join(call.args)}{more})"


def _attention(call: Call) -> str:
    q, k, v, mask = (*call.args, "None")[:4]
    causal, scale = call.params["causal"], call.params["scale"]
    scale = max(call.ins[0].shape[-1], 1) ** -0.5 if scale is None else scale
    return f"attention({q}, {k}, {v}, {mask}, {causal}, {literals.number(scale)})"


SPELLINGS: Mapping[str, Spelling] = {
    **{name: function(f"np.{name}") for name in ("dot", "outer", "kron")},
    **{name: function(f"np.linalg.{name}") for name in ("det", "inv", "solve")},
    **{name: _of_k(name) for name in ("tril", "triu", "diag")},
    **{name: _of_axes(name) for name in ("diagonal", "trace")},
    "einsum": _einsum,
    "cofactors": lambda call: f"cofactors({call.x})",
    "cofactors_along": lambda call: f"cofactors_along({', '.join(call.args)})",
    "scaled_dot_product_attention": _attention,
}

HELPERS: Mapping[str, str] = {
    "cofactors": '''def cofactors(x):
    """Of each element ± the determinant of what is left without its row and column."""
    finite = np.isfinite(x).all(axis=(-2, -1), keepdims=True)
    u, s, vh = np.linalg.svd(np.where(finite, x, 0))
    others = np.where(np.eye(x.shape[-1], dtype=bool), 1, s[..., None, :]).prod(axis=-1)
    sign = np.sign(np.linalg.det(u) * np.linalg.det(vh))[..., None, None]
    return np.where(finite, (u * (sign * others[..., None, :])) @ vh, np.nan).astype(x.dtype)''',
    "cofactors_along": '''def cofactors_along(x, d):
    """How the cofactors of x change along d: in the axes of its singular values, by the products of all but two."""
    finite = (np.isfinite(x) & np.isfinite(d)).all(axis=(-2, -1), keepdims=True)
    u, s, vh = np.linalg.svd(np.where(finite, x, 0))
    same = np.eye(x.shape[-1], dtype=bool)
    kept = np.where(same[:, None] | same[None], 1, s[..., None, None, :]).prod(axis=-1) * ~same
    turned = u.swapaxes(-1, -2) @ np.where(finite, d, 0) @ vh.swapaxes(-1, -2)
    straight = kept @ np.diagonal(turned, axis1=-2, axis2=-1)[..., None]
    sign = np.sign(np.linalg.det(u) * np.linalg.det(vh))[..., None, None]
    made = sign * (u @ (same * straight - kept * turned.swapaxes(-1, -2)) @ vh)
    return np.where(finite, made, np.nan).astype(x.dtype)''',
    "attention": '''def attention(q, k, v, mask, causal, scale):
    """For each query the mean of the values, weighted by how well their keys match; 0 where it may look nowhere."""
    scores = q @ k.swapaxes(-1, -2) * scale
    hidden = scores.dtype.type(-np.inf)
    if causal:
        scores = np.where(np.tri(*scores.shape[-2:], dtype=bool), scores, hidden)
    if mask is not None:
        scores = np.where(mask, scores, hidden) if mask.dtype == bool else scores + mask.astype(scores.dtype)
    greatest = scores.max(-1, keepdims=True)
    e = np.exp(scores - np.where(greatest == hidden, 0, greatest).astype(scores.dtype))
    total = e.sum(-1, keepdims=True)
    return e / np.where(total == 0, 1, total).astype(scores.dtype) @ v''',
}
