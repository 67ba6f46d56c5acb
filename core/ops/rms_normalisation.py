"""Normalisation by the root mean square alone: scaled like layer_norm, but not moved."""

from __future__ import annotations

import math
from typing import Annotated, Any

import numpy as np

from ..op import Aval, Output, Sample, op
from ..parameters import Range
from ..signature import Corrections, Filled
from ._rules import positive_axes
from .arithmetic import square
from .elementary import sqrt
from .normalisation import last_axes, scaled_tangent, summed_over_samples
from .reductions import mean
from .shapes import sum_to

Shape = tuple[int, ...]


@op(
    formula=r"y = \gamma\, \frac{x}{\sqrt{\frac{1}{n} \sum_i x_i^2 + \varepsilon}}",
    category="normalisation",
    samples=[
        ((3, 4), (4,)),
        Sample(((2, 3, 4), (3, 4)), {"axis": (-2, -1), "eps": 1e-3}),
        ((2, 4),),
    ],
    outputs=("y", Output("scale", hidden=True)),
    promote="all",
    floating=True,
)
def rms_norm(
    xp: Any,
    x: Any,
    gamma: Any = None,
    *,
    axis: int | tuple[int, ...] = -1,
    eps: Annotated[float, Range(low=0)] = 1e-5,
) -> Any:
    """Each sample of `x` divided by its root mean square over its last axes, times `gamma`.

    `axis` names the axes, which must be the last ones of `x`; `gamma` has their lengths (Zhang and Sennrich, 2019).
    `eps` is added to the mean square; PyTorch's own default is the dtype's step at 1. No mean is taken away, unlike in
    layer_norm. In training and evaluation alike. The hidden output is 1 / root mean square.
    """
    axes = last_axes("rms_norm", x, axis, gamma=gamma)
    scale = 1 / xp.sqrt(xp.mean(xp.square(x), axis=axes, keepdims=True) + x.dtype.type(eps))
    y = x * scale
    if gamma is not None:
        y *= gamma
    return y, scale


@rms_norm.shape
def _(x: Aval, gamma: Aval | None = None, *, axis: int | Shape, eps: float) -> tuple[Aval, ...]:
    axes = last_axes("rms_norm", x, axis, gamma=gamma)
    return x, Aval((*x.shape[: axes[0]], *[1] * len(axes)), x.dtype)


@rms_norm.vjp
def _(g: Any, y: Any, x: Any, gamma: Any = None, *, axis: int | Shape, eps: float) -> Any:
    axes, scale = positive_axes(axis, len(x.shape)), y[1]

    def of_x() -> Any:
        normal = x * scale
        scaled = g[0] if gamma is None else g[0] * gamma
        found = (scaled - normal * mean(scaled * normal, axis=axes, keepdims=True)) * scale
        if g[1] is None:
            return found
        count = math.prod(x.shape[a] for a in axes)
        return found + normal * (g[1] * (scale * scale) * (-1 / count))  # of a gradient of a gradient

    return of_x, None if gamma is None else lambda: sum_to(g[0] * (x * scale), gamma.shape)


@rms_norm.jvp
def _(t: Any, y: Any, x: Any, gamma: Any = None, *, axis: int | Shape, eps: float) -> Any:
    of_x, of_gamma = (*t, None)[:2]
    axes, scale = positive_axes(axis, len(x.shape)), y[1]
    normal = x * scale
    if of_x is None:
        return scaled_tangent(None, normal, gamma, of_gamma, None), None
    along = mean(of_x * normal, axis=axes, keepdims=True)
    return scaled_tangent((of_x - normal * along) * scale, normal, gamma, of_gamma, None), -(along * scale * scale)


@rms_norm.composition
def _(x: Any, gamma: Any = None, *, axis: int | Shape, eps: float) -> Any:
    y = x / sqrt(mean(square(x), axis=axis, keepdims=True) + eps)
    return y if gamma is None else y * gamma


def _element_of_rms_norm(index: Any, made: Any, x: Any, gamma: Any = None, *, axis: int | Shape, eps: float) -> Filled:
    first = positive_axes(axis, x.ndim)[0]
    own = x[index[:first]]
    listed = f"[{', '.join([*map(str, index[:first]), *[':'] * (x.ndim - first)])}]"
    moved = {} if gamma is None else {"γ": float(gamma[index[first:]])}
    return Filled(
        "{x} / √({mean(x²)} + {ε})" + " · {γ}" * bool(moved),
        {"x": float(x[index]), "mean(x²)": float(np.mean(np.square(own))), "ε": eps, **moved},
        f"mean(x²) is that of x{listed}, {own.size:,} elements",
    )


rms_norm.element = _element_of_rms_norm


def _corrections_of_rms_norm(g: Any, y: Any, x: Any, gamma: Any = None, *, axis: int | Shape, **_: Any) -> Corrections:
    axes = positive_axes(axis, x.ndim)
    normal = x * y[1]
    name, scaled = ("g", g) if gamma is None else ("g·γ", g * gamma)
    along = normal * np.mean(scaled * normal, axis=axes, keepdims=True)
    terms = (("(", name, scaled), ("−", f"x̂·mean({name}·x̂)", along), (") ·", "1/√(mean(x²)+ε)", y[1]))
    return Corrections(axes, terms)


rms_norm.corrections = _corrections_of_rms_norm


def _told(y: Aval, x: Aval, *_: Any, axis: int | Shape, **__: Any) -> str:
    count = math.prod(x.shape[a] for a in positive_axes(axis, x.ndim))
    return (
        f"each of x {x.shape} moved the mean square of its sample too, so of the gradients of its {count} elements "
        "what goes along with the normalised x is taken away: 1 / √(mean(x²) + ε) · (g·γ − x̂ · mean(g·γ · x̂))"
    )


rms_norm.adjoint = {"x": _told, "gamma": summed_over_samples("gamma", " of g times the normalised x")}
