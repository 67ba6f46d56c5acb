"""Group normalisation: each sample by itself, over groups of its channels; with one channel each, instance norm."""

from __future__ import annotations

import math
from typing import Annotated, Any

import numpy as np

from ..op import Aval, Output, Sample, ShapeError, op
from ..parameters import Range, Start
from ..signature import Corrections, Filled
from ._channels import by_channel, check_by_channel, other_axes, summed_by_channel
from ._windows import check_groups
from .arithmetic import square
from .elementary import sqrt
from .normalisation import centred, corrections, normalised, own_gradient, own_tangent, scaled_tangent
from .reductions import mean, sum_
from .shapes import reshape

Shape = tuple[int, ...]


@op(
    formula=r"y = \gamma\, \frac{x - \mu_g}{\sqrt{\sigma_g^2 + \varepsilon}} + \beta",
    category="normalisation",
    samples=[
        Sample(((2, 4, 3), (4,), (4,)), {"groups": 2}),
        Sample(((2, 3, 2, 2), (3,)), {"groups": 3, "eps": 1e-3}),
        Sample(((2, 2, 3), (2,), (2,)), {"groups": 1}),
        Sample(((3, 6),), {"groups": 2}),
    ],
    outputs=("y", Output("mean", hidden=True), Output("scale", hidden=True)),
    promote="all",
    floating=True,
)
def group_norm(
    xp: Any,
    x: Any,
    gamma: Any = None,
    beta: Any = None,
    *,
    groups: Annotated[int, Range(low=1), Start(1)],
    eps: Annotated[float, Range(low=0)] = 1e-5,
) -> Any:
    """Groups of the channels of each sample of `x` (N, C, …) at mean 0 and variance 1, times `gamma` plus `beta` (C,).

    There are `groups`, each C / `groups` channels that follow each other, with all their elements (Wu and He, 2018).
    With as many groups as channels this is instance normalisation, with one group that of whole samples. `eps` is
    added to the variance, which is the biased one. In training and evaluation alike. The hidden outputs are mean and
    1 / deviation (N, `groups`, 1).
    """
    wide, kept = _groups(x, gamma, beta, groups), by_channel(x)
    apart = x.reshape(wide)
    average = xp.mean(apart, axis=2, keepdims=True)
    apart = apart - average
    scale = 1 / xp.sqrt(xp.mean(xp.square(apart), axis=2, keepdims=True) + x.dtype.type(eps))
    y = (apart * scale).reshape(x.shape)
    if gamma is not None:
        y *= gamma.reshape(kept)
    if beta is not None:
        y += beta.reshape(kept)
    return y, average, scale


def _groups(x: Any, gamma: Any, beta: Any, groups: int) -> Shape:
    """The shape (N, groups, elements) in which a group is one axis. Raises `ShapeError`."""
    if x.ndim < 2:
        raise ShapeError(f"x must be samples of channels (N, C, …), got {x.shape}", port="x", hint="x: (N, C)")
    channels = check_by_channel(x, {"gamma": gamma, "beta": beta})
    check_groups(channels, groups, "x")
    if 0 in x.shape[1:]:
        raise ShapeError(f"x {x.shape} has no elements to normalise", port="x", hint="lengths of 1 or more")
    return _wide(x, groups)


def _wide(x: Any, groups: int) -> Shape:
    return (x.shape[0], groups, math.prod(x.shape[1:]) // groups)


@group_norm.shape
def _(x: Aval, gamma: Aval | None = None, beta: Aval | None = None, *, groups: int, eps: float) -> tuple[Aval, ...]:
    statistics = Aval((*_groups(x, gamma, beta, groups)[:2], 1), x.dtype)
    return x, statistics, statistics


def _normal(x: Any, y: Any, groups: int) -> Any:
    """`x` before gamma and beta, from hidden outputs."""
    return reshape(centred(reshape(x, shape=_wide(x, groups)), y[1], y[2], y[1].shape), shape=x.shape)


@group_norm.vjp
def _(g: Any, y: Any, x: Any, gamma: Any = None, beta: Any = None, *, groups: int, eps: float) -> Any:
    wide, axes = _wide(x, groups), other_axes(len(x.shape))

    def of_x() -> Any:
        scaled = g[0] if gamma is None else g[0] * reshape(gamma, shape=by_channel(x))
        given = (reshape(scaled, shape=wide), g[1], g[2])
        return reshape(own_gradient(given, y, reshape(x, shape=wide), None, (2,), y[1].shape), shape=x.shape)

    return (
        of_x,
        None if gamma is None else lambda: sum_(g[0] * _normal(x, y, groups), axis=axes),
        None if beta is None else lambda: sum_(g[0], axis=axes),
    )


@group_norm.jvp
def _(t: Any, y: Any, x: Any, gamma: Any = None, beta: Any = None, *, groups: int, eps: float) -> Any:
    of_x, *others = (*t, None, None)[:3]
    wide, kept, normal = _wide(x, groups), by_channel(x), _normal(x, y, groups)
    pushed = None if of_x is None else reshape(of_x, shape=wide)
    moved, of_mean, of_scale = own_tangent(pushed, y, reshape(normal, shape=wide), (2,), y[1].shape)
    moved = None if moved is None else reshape(moved, shape=x.shape)
    each = [None if v is None else reshape(v, shape=kept) for v in (gamma, *others)]
    return scaled_tangent(moved, normal, *each), of_mean, of_scale


@group_norm.composition
def _(x: Any, gamma: Any = None, beta: Any = None, *, groups: int, eps: float) -> Any:
    kept = by_channel(x)
    rows = reshape(x, shape=_wide(x, groups))
    apart = rows - mean(rows, axis=2, keepdims=True)
    y = reshape(apart / sqrt(mean(square(apart), axis=2, keepdims=True) + eps), shape=x.shape)
    y = y if gamma is None else y * reshape(gamma, shape=kept)
    return y if beta is None else y + reshape(beta, shape=kept)


def _element_of_group_norm(
    index: Any, made: Any, x: Any, gamma: Any = None, beta: Any = None, *, groups: int, eps: float
) -> Filled:
    n, c = index[:2]
    each = x.shape[1] // groups
    group = c // each
    own, average = x[n, group * each : (group + 1) * each], float(made[1][n, group, 0])
    moved = {"γ": None if gamma is None else gamma[c], "β": None if beta is None else beta[c]}
    channels = f"channel {c}" if each == 1 else f"channels {group * each} to {(group + 1) * each - 1}"
    says = f"μ and σ² are those of {channels} of sample {n}, {own.size:,} elements"
    return normalised(float(x[index]), average, float(np.mean(np.square(own - average))), eps, moved, says)


group_norm.element = _element_of_group_norm


def _corrections_of_group_norm(
    g: Any, y: Any, x: Any, gamma: Any = None, *_: Any, groups: int, **__: Any
) -> Corrections:
    wide = _wide(x, groups)
    scaled = g if gamma is None else g * gamma.reshape(by_channel(x))
    found = corrections(scaled.reshape(wide), y, x.reshape(wide), None, (2,), y[1].shape)
    name = "g" if gamma is None else "g·γ"
    whole = ((sign, text.replace("g", name), np.broadcast_to(array, wide)) for sign, text, array in found.terms)
    return Corrections(_shared(x, groups), tuple((sign, text, array.reshape(x.shape)) for sign, text, array in whole))


def _shared(x: Any, groups: int) -> Shape:
    """The axes of which all elements share mean and variance: within a group of several channels those of each."""
    return tuple(range(1 if groups == 1 else 2, x.ndim))


group_norm.corrections = _corrections_of_group_norm


def _centres_of_group_norm(x: Aval, *_: Any, groups: int, **__: Any) -> Shape:
    # What all elements of a group have in common is taken away: of a bias that is one for each channel only where a
    # channel is a group, and else of one that is the same for all channels.
    return tuple(range(2 if groups == x.shape[1] else 1, x.ndim))


group_norm.centres = _centres_of_group_norm


def _told(y: Aval, x: Aval, *_: Any, groups: int, **__: Any) -> str:
    count = math.prod(x.shape[1:]) // groups
    return (
        f"each of x {x.shape} moved the mean and variance of its group too, so what the gradients of its {count} "
        "elements have in common, and what goes along with the normalised x, is taken away: "
        "1 / √(σ² + ε) · (g·γ − mean(g·γ) − x̂ · mean(g·γ · x̂))"
    )


_PARTS = "x̂ = (x − mean) · scale of each group of a sample"
group_norm.gradients = {
    "x": f"scale · (h − mean(h) − x̂ · mean(h · x̂)), where h = g · gamma, means are of each group and {_PARTS}",
    "gamma": f"Σ g · x̂ over all elements of each channel, where {_PARTS}",
    "beta": "Σ g over all elements of each channel",
}
group_norm.adjoint = {
    "x": _told,
    "gamma": summed_by_channel("gamma", " of g times the normalised x"),
    "beta": summed_by_channel("beta", ""),
}
