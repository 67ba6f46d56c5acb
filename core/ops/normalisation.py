"""Normalisation: values brought to mean 0 and variance 1, and how gradients come back from there."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, Any

import numpy as np

from ..op import Aval, Output, Sample, ShapeError, op
from ..parameters import Range
from ..signature import Corrections, Filled
from ._rules import positive_axes
from .arithmetic import square
from .elementary import sqrt
from .reductions import mean
from .shapes import broadcast_to, reshape, sum_to

Shape = tuple[int, ...]


def centred(x: Any, average: Any, scale: Any, kept: Shape) -> Any:
    """`x` brought to mean 0 and variance 1, from hidden outputs."""
    return (x - reshape(average, shape=kept)) * reshape(scale, shape=kept)


def _statistics_gradient(g: Any, scale: Any, normal: Any, kept: Shape, count: int) -> Any:
    """What reaches `x` through the hidden outputs mean and scale: only a gradient of a gradient takes that way."""
    found: Any = None
    if g[1] is not None:
        found = reshape(g[1] * (1 / count), shape=kept)
    if g[2] is not None:
        through = reshape(g[2] * (scale * scale) * (-1 / count), shape=kept) * normal
        found = through if found is None else found + through
    return found


def own_gradient(g: Any, y: Any, x: Any, gamma: Any, axes: Shape, kept: Shape) -> Any:
    """The gradient of values that were normalised by their own mean and variance over `axes`."""
    normal = centred(x, y[1], y[2], kept)
    scaled = g[0] if gamma is None else g[0] * gamma
    steady = mean(scaled, axis=axes, keepdims=True) + normal * mean(scaled * normal, axis=axes, keepdims=True)
    found = (scaled - steady) * reshape(y[2], shape=kept)
    hidden = _statistics_gradient(g, y[2], normal, kept, math.prod(x.shape[a] for a in axes))
    return found if hidden is None else found + hidden


def corrections(g: Any, y: Any, x: Any, gamma: Any, axes: Shape, kept: Shape) -> Corrections:
    """What `own_gradient` is made of, as arrays: (g γ, less its mean and what goes along with x̂) by the deviation."""
    scale = np.reshape(y[2], kept)
    normal = (x - np.reshape(y[1], kept)) * scale
    scaled = g if gamma is None else g * gamma
    name = "g" if gamma is None else "g·γ"
    average, along = (np.mean(each, axis=axes, keepdims=True) for each in (scaled, scaled * normal))
    terms = (("(", name, scaled), ("−", f"mean({name})", average), ("−", f"x̂·mean({name}·x̂)", normal * along))
    return Corrections(axes, (*terms, (") ·", "1/√(σ²+ε)", scale)))


def added(*terms: Any) -> Any:
    """The sum of the terms that there are, None where there is none."""
    given = [term for term in terms if term is not None]
    return sum(given[1:], start=given[0]) if given else None


def own_tangent(t: Any, y: Any, normal: Any, axes: Shape, kept: Shape) -> tuple[Any, Any, Any]:
    """The tangents of values that are normalised by their own mean and variance, of the mean, and of the scale."""
    if t is None:
        return None, None, None
    scale = reshape(y[2], shape=kept)
    average, along = mean(t, axis=axes, keepdims=True), mean(t * normal, axis=axes, keepdims=True)
    of_scale = reshape(along * scale * -scale, shape=y[2].shape)
    return (t - average - normal * along) * scale, reshape(average, shape=y[1].shape), of_scale


def scaled_tangent(moved: Any, normal: Any, gamma: Any, of_gamma: Any, of_beta: Any) -> Any:
    """The tangent of `normal` · gamma + beta, where `normal` moves by `moved`."""
    return added(
        moved if moved is None or gamma is None else moved * gamma,
        None if of_gamma is None else normal * of_gamma,
        None if of_beta is None else broadcast_to(of_beta, shape=normal.shape),
    )


def normalised(x: float, mean: float, variance: float, eps: float, moved: Mapping[str, Any], says: str) -> Filled:
    """How one element is brought to mean 0 and variance 1, and then by γ and β, those of them that there are."""
    formula = "({x} − {μ}) / √({σ²} + {ε})"
    given = {name: float(value) for name, value in moved.items() if value is not None}
    formula += " · {γ}" * ("γ" in given) + " + {β}" * ("β" in given)
    return Filled(formula, {"x": x, "μ": mean, "σ²": variance, "ε": eps, **given}, says)


@op(
    formula=r"y = \gamma\, \frac{x - \mu}{\sqrt{\sigma^2 + \varepsilon}} + \beta",
    category="normalisation",
    samples=[
        ((3, 4), (4,), (4,)),
        Sample(((2, 3, 4), (3, 4), (3, 4)), {"axis": (-2, -1), "eps": 1e-3}),
        Sample(((2, 3, 4), (3, 4)), {"axis": (1, 2)}),
        ((2, 4),),
    ],
    outputs=("y", Output("mean", hidden=True), Output("scale", hidden=True)),
    promote="all",
    floating=True,
)
def layer_norm(
    xp: Any,
    x: Any,
    gamma: Any = None,
    beta: Any = None,
    *,
    axis: int | tuple[int, ...] = -1,
    eps: Annotated[float, Range(low=0)] = 1e-5,
) -> Any:
    """Each sample of `x` brought to mean 0 and variance 1 over its last axes, times `gamma` plus `beta`.

    `axis` names the axes, which must be the last ones of `x`; `gamma` and `beta` have their lengths (Ba, Kiros and
    Hinton, 2016). `eps` is added to the variance, which is the biased one. In training and evaluation alike. The hidden
    outputs are mean and 1 / deviation.
    """
    axes = last_axes("layer_norm", x, axis, gamma=gamma, beta=beta)
    average = xp.mean(x, axis=axes, keepdims=True)
    y = x - average
    scale = 1 / xp.sqrt(xp.mean(xp.square(y), axis=axes, keepdims=True) + x.dtype.type(eps))
    y *= scale
    if gamma is not None:
        y *= gamma
    if beta is not None:
        y += beta
    return y, average, scale


@layer_norm.shape
def _(
    x: Aval, gamma: Aval | None = None, beta: Aval | None = None, *, axis: int | Shape, eps: float
) -> tuple[Aval, ...]:
    axes = last_axes("layer_norm", x, axis, gamma=gamma, beta=beta)
    statistics = Aval((*x.shape[: axes[0]], *[1] * len(axes)), x.dtype)
    return x, statistics, statistics


def last_axes(name: str, x: Any, axis: int | Shape, **moved: Any) -> Shape:
    """The axes over which the op `name` normalises `x`; `moved` are gamma and beta. Raises `ShapeError`."""
    axes = positive_axes(axis, x.ndim)
    if not axes or axes != tuple(range(axes[0], x.ndim)):
        raise ShapeError(f"{name} goes over the last axes of x {x.shape}, got axis {axis}", hint="axis: -1")
    own = x.shape[axes[0] :]
    for port, aval in moved.items():
        if aval is not None and aval.shape != own:
            message = f"{port} {aval.shape} must have the lengths {own} of the axes that are normalised"
            raise ShapeError(message, port=port, hint=f"{port}: {own}")
    if 0 in own:
        raise ShapeError(f"x {x.shape} has no elements to normalise", port="x", hint="lengths of 1 or more")
    return axes


@layer_norm.vjp
def _(g: Any, y: Any, x: Any, gamma: Any = None, beta: Any = None, *, axis: int | Shape, eps: float) -> Any:
    axes, kept = positive_axes(axis, len(x.shape)), y[1].shape
    return (
        lambda: own_gradient(g, y, x, gamma, axes, kept),
        None if gamma is None else lambda: sum_to(g[0] * centred(x, y[1], y[2], kept), gamma.shape),
        None if beta is None else lambda: sum_to(g[0], beta.shape),
    )


@layer_norm.jvp
def _(t: Any, y: Any, x: Any, gamma: Any = None, beta: Any = None, *, axis: int | Shape, eps: float) -> Any:
    t = (*t, *[None] * (3 - len(t)))
    axes, kept = positive_axes(axis, len(x.shape)), y[1].shape
    normal = centred(x, y[1], y[2], kept)
    moved, of_mean, of_scale = own_tangent(t[0], y, normal, axes, kept)
    return scaled_tangent(moved, normal, gamma, t[1], t[2]), of_mean, of_scale


def _element_of_layer_norm(
    index: Any, made: Any, x: Any, gamma: Any = None, beta: Any = None, *, axis: int | Shape, eps: float
) -> Filled:
    first = positive_axes(axis, x.ndim)[0]
    own, at = x[index[:first]], index[first:]
    listed = f"[{', '.join([*map(str, index[:first]), *[':'] * (x.ndim - first)])}]"
    moved = {"γ": None if gamma is None else gamma[at], "β": None if beta is None else beta[at]}
    says = f"μ and σ² are those of x{listed}, {own.size:,} elements"
    average = float(made[1][(*index[:first], *[0] * len(at))])
    return normalised(float(x[index]), average, float(np.mean(np.square(own - average))), eps, moved, says)


layer_norm.element = _element_of_layer_norm


def _corrections_of_layer_norm(
    g: Any, y: Any, x: Any, gamma: Any = None, *_: Any, axis: int | Shape, **__: Any
) -> Corrections:
    return corrections(g, y, x, gamma, positive_axes(axis, x.ndim), y[1].shape)


layer_norm.corrections = _corrections_of_layer_norm


def _centres_of_layer_norm(x: Aval, *_: Any, axis: int | Shape, **__: Any) -> Shape:
    return positive_axes(axis, x.ndim)


layer_norm.centres = _centres_of_layer_norm


@layer_norm.composition
def _(x: Any, gamma: Any = None, beta: Any = None, *, axis: int | Shape, eps: float) -> Any:
    apart = x - mean(x, axis=axis, keepdims=True)
    y = apart / sqrt(mean(square(apart), axis=axis, keepdims=True) + eps)
    y = y if gamma is None else y * gamma
    return y if beta is None else y + beta


def _layer_told(y: Aval, x: Aval, *_: Any, axis: int | Shape, **__: Any) -> str:
    count = math.prod(x.shape[a] for a in positive_axes(axis, x.ndim))
    return (
        f"each of x {x.shape} moved the mean and variance of its sample too, so what the gradients of its {count} "
        "elements have in common, and what goes along with the normalised x, is taken away: "
        "1 / √(σ² + ε) · (g·γ − mean(g·γ) − x̂ · mean(g·γ · x̂))"
    )


def summed_over_samples(port: str, what: str) -> Any:
    """What is told of a port that goes with each sample; `what` is of what the sum is, after \"the sum over …\"."""

    def adjoint(y: Aval, x: Aval, *_: Any, axis: int | Shape, **__: Any) -> str:
        first = positive_axes(axis, x.ndim)[0]
        own = x.shape[first:]
        if not first:
            return f"{port} {own} goes with one sample {y.shape}, so its gradient is g{what}"
        axes = [str(a) for a in range(first)]
        listed = f"axes {', '.join(axes[:-1])} and {axes[-1]}" if first > 1 else "axis 0"
        return f"{port} {own} was copied along {listed} to {y.shape}, so its gradient is the sum over {listed}{what}"

    return adjoint


layer_norm.adjoint = {
    "x": _layer_told,
    "gamma": summed_over_samples("gamma", " of g times the normalised x"),
    "beta": summed_over_samples("beta", ""),
}
