"""Batch normalisation: over the batch in training, by running statistics in evaluation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import numpy as np

from ..op import Aval, Output, Sample, ShapeError, op
from ..parameters import Mode, Range
from ..signature import Corrections, Filled
from ._channels import by_channel, check_by_channel, other_axes, summed_by_channel
from .arithmetic import maximum, square
from .comparison import equal
from .elementary import sqrt
from .flow import assign
from .modes import by_mode
from .normalisation import added, centred, corrections, normalised, own_gradient, own_tangent, scaled_tangent
from .reductions import mean, sum_
from .shapes import cast, reshape

Shape = tuple[int, ...]


@op(
    formula=r"y = \gamma\, \frac{x - \mu}{\sqrt{\sigma^2 + \varepsilon}} + \beta",
    category="normalisation",
    samples=[
        ((4, 3), (3,), (3,)),
        Sample(((2, 3, 2, 2), (3,), (3,), (3,), (3,)), {"eps": 1e-3, "momentum": 0.3}, "positive"),
        ((4, 3),),
        Sample(((2, 3, 4), (3,), (3,), (3,), (3,)), {"mode": "eval"}, "positive"),
        Sample(((4, 3),), {"mode": "eval"}),
    ],
    outputs=("y", *(Output(name, hidden=True) for name in ("mean", "scale", "next_mean", "next_var"))),
    promote="all",
    floating=True,
)
def batch_norm(
    xp: Any,
    x: Any,
    gamma: Any = None,
    beta: Any = None,
    running_mean: Any = None,
    running_var: Any = None,
    *,
    eps: Annotated[float, Range(low=0)] = 1e-5,
    momentum: Annotated[float, Range(0, 1)] = 0.1,
    mode: Mode = "train",
) -> Any:
    """Each channel of `x` (N, C, …) at mean 0 and variance 1 over all its other axes, times `gamma` plus `beta` (C,).

    In training mean and variance are those of the batch (Ioffe and Szegedy, 2015), and the parameters wired to
    `running_mean` and `running_var` (C,) then hold running · (1 − `momentum`) + batch · `momentum` from the next
    iteration on, of the variance the unbiased one, as in PyTorch. In evaluation the running ones are taken; where none
    are wired, those of the batch. `eps` is added to the variance. The hidden outputs are mean and 1 / deviation as
    they were used, and the next running mean and variance.
    """
    ports = {"gamma": gamma, "beta": beta, "running_mean": running_mean, "running_var": running_var}
    _check(x, ports, mode)
    axes, kept = other_axes(x.ndim), by_channel(x)
    own = mode == "train" or running_mean is None
    count = x.size // max(x.shape[1], 1)
    average = mean.forward(xp, x, axis=axes) if own else running_mean.copy()
    y = x - average.reshape(kept)
    variance = mean.forward(xp, xp.square(y), axis=axes) if own else running_var
    scale = 1 / xp.sqrt(variance + x.dtype.type(eps))
    y *= scale.reshape(kept)
    if gamma is not None:
        y *= gamma.reshape(kept)
    if beta is not None:
        y += beta.reshape(kept)
    if mode == "eval":
        return y, average, scale, average.copy(), variance.copy()
    unbiased = variance * x.dtype.type(count / (count - 1))
    return y, average, scale, *_moved(x, average, unbiased, running_mean, running_var, momentum)


def _moved(x: Any, average: Any, variance: Any, running_mean: Any, running_var: Any, momentum: float) -> Any:
    """The running statistics after this batch; the batch's own where there are none."""
    old, new = x.dtype.type(1 - momentum), x.dtype.type(momentum)
    if running_mean is None:
        return average.copy(), variance
    return running_mean * old + average * new, running_var * old + variance * new


def _check(x: Any, ports: Mapping[str, Any], mode: str) -> None:
    """Refuse what does not go together."""
    if x.ndim < 2:
        raise ShapeError(f"x must be samples of channels (N, C, …), got {x.shape}", port="x", hint="x: (N, C)")
    channels = check_by_channel(x, ports)
    running_mean = ports["running_mean"]
    if (running_mean is None) != (ports["running_var"] is None):
        missing = "running_mean" if running_mean is None else "running_var"
        raise ShapeError("running_mean and running_var go together", port=missing, hint=f"{missing}: ({channels},)")
    count = x.size // max(channels, 1)
    least = 2 if mode == "train" else 1 if running_mean is None else 0
    if count < least and channels:
        numbers = "two numbers" if least == 2 else "one number"
        raise ShapeError(
            f"batch_norm needs at least {numbers} a channel to normalise, and x {x.shape} has {count}",
            port="x",
            hint="a larger batch",
        )


@batch_norm.shape
def _(
    x: Aval,
    gamma: Aval | None = None,
    beta: Aval | None = None,
    running_mean: Aval | None = None,
    running_var: Aval | None = None,
    *,
    eps: float,
    momentum: float,
    mode: str,
) -> tuple[Aval, ...]:
    ports = {"gamma": gamma, "beta": beta, "running_mean": running_mean, "running_var": running_var}
    _check(x, ports, mode)
    return x, *[Aval((x.shape[1],), x.dtype)] * 4


@batch_norm.vjp
def _(
    g: Any,
    y: Any,
    x: Any,
    gamma: Any = None,
    beta: Any = None,
    running_mean: Any = None,
    running_var: Any = None,
    *,
    eps: float,
    momentum: float,
    mode: str,
) -> Any:
    axes, kept = other_axes(len(x.shape)), by_channel(x)
    weights = None if gamma is None else reshape(gamma, shape=kept)
    if mode == "train" or running_mean is None:
        statistics: Any = (None, None)
        images = lambda: own_gradient(g, y, x, weights, axes, kept)  # noqa: E731
    else:
        scaled = g[0] if weights is None else g[0] * weights
        images = lambda: scaled * reshape(y[2], shape=kept)  # noqa: E731
        statistics = _running_gradients(g, y, x, scaled, axes, kept)
    return (
        images,
        None if gamma is None else lambda: sum_(g[0] * centred(x, y[1], y[2], kept), axis=axes),
        None if beta is None else lambda: sum_(g[0], axis=axes),
        *statistics,
    )


def _running_gradients(g: Any, y: Any, x: Any, scaled: Any, axes: Shape, kept: Shape) -> Any:
    """The gradients of the running mean and variance that were taken for those of the batch."""

    def of_mean() -> Any:
        found = -(sum_(scaled, axis=axes) * y[2])
        return found if g[1] is None else found + g[1]

    def of_variance() -> Any:
        found = sum_(scaled * (x - reshape(y[1], shape=kept)), axis=axes)
        found = found if g[2] is None else found + g[2]
        return found * (y[2] * y[2] * y[2]) * -0.5

    return of_mean, of_variance


@batch_norm.jvp
def _(
    t: Any,
    y: Any,
    x: Any,
    gamma: Any = None,
    beta: Any = None,
    running_mean: Any = None,
    running_var: Any = None,
    *,
    eps: float,
    momentum: float,
    mode: str,
) -> Any:
    t = (*t, *[None] * (5 - len(t)))
    axes, kept = other_axes(len(x.shape)), by_channel(x)
    normal = centred(x, y[1], y[2], kept)
    if mode == "train" or running_mean is None:
        moved, of_mean, of_scale = own_tangent(t[0], y, normal, axes, kept)
    else:
        of_mean = t[3]
        of_scale = None if t[4] is None else t[4] * (y[2] * y[2] * y[2]) * -0.5
        moved = added(
            None if t[0] is None else t[0] * reshape(y[2], shape=kept),
            None if of_mean is None else -(reshape(of_mean * y[2], shape=kept)),
            None if of_scale is None else (x - reshape(y[1], shape=kept)) * reshape(of_scale, shape=kept),
        )
    wide = [None if v is None else reshape(v, shape=kept) for v in (gamma, t[1], t[2])]
    return scaled_tangent(moved, normal, *wide), of_mean, of_scale, None, None


@batch_norm.composition
def _(x: Any, gamma: Any = None, beta: Any = None, *running: Any, eps: float, momentum: float, mode: str) -> Any:
    return _composed({}, x, gamma, beta, *running, eps=eps, momentum=momentum, mode=mode)


def _composed(
    writes: Mapping[str, str],
    x: Any,
    gamma: Any = None,
    beta: Any = None,
    *running: Any,
    eps: float,
    momentum: float,
    mode: str,
) -> Any:
    axes, kept = other_axes(len(x.shape)), by_channel(x)
    average = mean(x, axis=axes)
    variance = mean(square(x - reshape(average, shape=kept)), axis=axes)
    if any(each is not None for each in running):
        held = list(running)
        if mean_id := writes.get("next_mean"):
            held[0] = _written(average, running[0], mean_id, momentum, mode)
        if var_id := writes.get("next_var"):
            # Counted, since a batch may have any number of samples; of one, in evaluation, no other is left.
            count = sum_(cast(equal(x, x), dtype=np.dtype(x.dtype).name), axis=axes)
            held[1] = _written(variance * (count / maximum(count - 1, 1)), running[1], var_id, momentum, mode)
        average, variance = (by_mode(*each, mode=mode) for each in zip((average, variance), held, strict=True))
    y = (x - reshape(average, shape=kept)) / sqrt(reshape(variance, shape=kept) + eps)
    y = y if gamma is None else y * reshape(gamma, shape=kept)
    return y if beta is None else y + reshape(beta, shape=kept)


batch_norm.writing = _composed


def _written(new: Any, old: Any, target: str, momentum: float, mode: str) -> Any:
    """The running statistic `old`, which in training moves to that of the batch, for the next iteration to find.

    In evaluation it is what `y` is made of: so what computes `y` writes it.
    """
    return assign(by_mode(old * (1 - momentum) + new * momentum, old, mode=mode), target=target)


def _element_of_batch_norm(
    index: Any, made: Any, x: Any, gamma: Any = None, beta: Any = None, *running: Any, eps: float, mode: str, **_: Any
) -> Filled:
    c = index[1]
    channel, average = x[:, c], float(made[1][c])
    moved = {"γ": None if gamma is None else gamma[c], "β": None if beta is None else beta[c]}
    if mode == "train" or not any(each is not None for each in running):
        variance = float(np.mean(np.square(channel - average)))
        says = f"μ and σ² are those of channel {c} in this batch, {channel.size:,} elements"
    else:
        variance, says = float(running[1][c]), f"μ and σ² are the running ones of channel {c}: this is evaluation"
    return normalised(float(x[index]), average, variance, eps, moved, says)


batch_norm.element = _element_of_batch_norm


def _corrections_of_batch_norm(
    g: Any, y: Any, x: Any, gamma: Any = None, beta: Any = None, running_mean: Any = None, *_: Any, mode: str, **__: Any
) -> Corrections | None:
    if mode != "train" and running_mean is not None:
        return None
    kept = by_channel(x)
    return corrections(g, y, x, None if gamma is None else gamma.reshape(kept), other_axes(x.ndim), kept)


batch_norm.corrections = _corrections_of_batch_norm


def _centres_of_batch_norm(
    x: Aval, gamma: Any = None, beta: Any = None, running_mean: Any = None, *_: Any, mode: str, **__: Any
) -> Shape:
    return other_axes(x.ndim) if mode == "train" or running_mean is None else ()


batch_norm.centres = _centres_of_batch_norm


batch_norm.writes = {"running_mean": "next_mean", "running_var": "next_var"}
batch_norm.modes = ("by the batch", "by running statistics")


def _batch_told(
    y: Aval, x: Aval, gamma: Any = None, beta: Any = None, running_mean: Any = None, *_: Any, mode: str, **__: Any
) -> str:
    if mode == "eval" and running_mean is not None:
        return f"x {x.shape} was moved and scaled channel by channel, so the gradient is scaled by γ / √(σ² + ε) too"
    count = x.size // max(x.shape[1], 1)
    return (
        f"each of x {x.shape} moved the mean and variance of its channel too, so what the gradients of its {count} "
        "elements have in common, and what goes along with the normalised x, is taken away: "
        "γ / √(σ² + ε) · (g − mean(g) − x̂ · mean(g · x̂))"
    )


def _running_told(port: str, what: str) -> Any:
    told = summed_by_channel(port, what)
    return lambda *avals, mode, **params: told(*avals) if mode == "eval" else None


batch_norm.adjoint = {
    "x": _batch_told,
    "gamma": summed_by_channel("gamma", " of g times the normalised x"),
    "beta": summed_by_channel("beta", ""),
    "running_mean": _running_told("running_mean", " of −g · γ / √(σ² + ε)"),
    "running_var": _running_told("running_var", " of −½ g · γ · (x − μ) / √(σ² + ε)³"),
}
