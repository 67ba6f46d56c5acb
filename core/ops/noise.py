"""Random numbers in a graph: functions of the run's random `state` and of the node's `stream`."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Annotated, Any, NamedTuple

import numpy as np

from ..errors import RunError
from ..op import Aval, Op, Output, RandomState, Sample, op
from ..parameters import FloatDtype, Mode, Range, Shape, Stream
from ..random import normal, uniform
from ..random import state as random_state
from ..signature import Flat
from ._rules import check_bounds, lengths
from .sources import SOURCE

STATE = random_state(seed=0, iteration=1)


def check_state(state: Any, name: str) -> None:
    """Raise `RunError` where `name` would draw without a random state."""
    if state is None:
        raise RunError(f"{name} needs a random state", hint="a run feeds it; by hand: state=gw.random.state(seed)")


@op(
    formula=r"x \sim \mathcal{N}(\mu, \sigma^2)",
    category="random",
    samples=[Sample((STATE,), {"shape": (2, 3)}), Sample((STATE,), {"mean": 2.0, "std": 0.5})],
    no_gradient=SOURCE,
)
def random_normal(
    xp: Any,
    state: RandomState = None,
    *,
    shape: Shape = (),
    mean: float = 0.0,
    std: Annotated[float, Range(low=0)] = 1.0,
    dtype: FloatDtype = "float",
    stream: Stream = 0,
) -> Any:
    """Normal random numbers of `shape`: new ones at each iteration, the same ones at its replay."""
    check_state(state, "random_normal")
    return xp.asarray(normal(state, stream, lengths(shape), dtype) * std + mean)


@random_normal.shape
def _(state: Aval | None = None, *, shape: Shape, mean: float, std: float, dtype: str, stream: int) -> Aval:
    return Aval(lengths(shape), np.dtype(dtype))


@op(
    formula=r"x \sim \mathcal{U}(l, h)",
    category="random",
    samples=[Sample((STATE,), {"shape": (2, 3)}), Sample((STATE,), {"low": -1.0, "high": 2.0})],
    no_gradient=SOURCE,
)
def random_uniform(
    xp: Any,
    state: RandomState = None,
    *,
    shape: Shape = (),
    low: float = 0.0,
    high: float = 1.0,
    dtype: FloatDtype = "float",
    stream: Stream = 0,
) -> Any:
    """Random numbers of `shape`, evenly between `low` and `high`.

    New ones at each iteration, the same ones at its replay. Rounding may give `high` itself.
    """
    check_state(state, "random_uniform")
    check_bounds(low, high)
    return xp.asarray(uniform(state, stream, lengths(shape), dtype) * (high - low) + low)


@random_uniform.shape
def _(state: Aval | None = None, *, shape: Shape, low: float, high: float, dtype: str, stream: int) -> Aval:
    check_bounds(low, high)
    return Aval(lengths(shape), np.dtype(dtype))


class Kept(NamedTuple):
    """The hidden output of an op that works in training only: what was drawn, for the gradient.

    In training it has the shape that `shape(x, **params)` gives and `dtype` (None: that of x); in evaluation it is the
    one number `neutral`.
    """

    name: str
    shape: Callable[..., tuple[int, ...]]
    dtype: np.dtype[Any] | None
    neutral: int


def _in_both_modes(forward: Callable[..., Any], kept: Kept | None, check: Callable[..., None]) -> Any:
    """What `forward` computes, in training; `x` itself in evaluation."""

    @wraps(forward)
    def either(xp: Any, x: Any, state: Any = None, *, mode: str = "train", **params: Any) -> Any:
        check(x, **params)
        if mode == "eval":
            return x if kept is None else (x, xp.full((), kept.neutral, kept.dtype or x.dtype))
        check_state(state, f"{forward.__qualname__} in training")
        return forward(xp, x, state, **params)

    return either


def _back_in_both_modes(back: Callable[..., Any], kept: Kept | None) -> Any:
    """What takes the gradient back: `back`, in training; as it is in evaluation."""

    def either(g: Any, y: Any, x: Any, state: Any = None, *, mode: str, **params: Any) -> Any:
        g, drawn = (g, None) if kept is None else (g[0], y[1])
        return g if mode == "eval" else back(g, drawn, **params), None

    return either


def in_training(
    formula: str,
    *,
    samples: Any,
    back: Callable[..., Any],
    kept: Kept | None = None,
    check: Callable[..., None] = lambda x, **_: None,
    promote: str | tuple[str, ...] = (),
) -> Any:
    """The decorator of an op that changes `x` at random in training, and passes it on in evaluation.

    The function computes what training gives, with what is `kept`. `check(x, **params)` refuses in both modes,
    `back(g, kept, **params)` takes the gradient of training back.
    """

    def build(forward: Any) -> Op:
        built = op(
            formula=formula,
            category="random",
            samples=samples,
            outputs=("y",) if kept is None else ("y", Output(kept.name, hidden=True)),
            promote=promote,
            floating=bool(promote),
            view=True,
            contiguous=True,
        )(_in_both_modes(forward, kept, check))

        @built.shape
        def _(x: Aval, state: Aval | None = None, *, mode: str, **params: Any) -> Any:
            check(x, **params)
            if kept is None:
                return x
            return x, Aval(() if mode == "eval" else kept.shape(x, **params), kept.dtype or x.dtype)

        built.vjp(_back_in_both_modes(back, kept))
        return built

    return build


def masked(g: Any, mask: Any, **_: Any) -> Any:
    """The gradient of what was multiplied by a mask."""
    return g * mask


@in_training(
    r"x \odot m / (1 - p),\ m \sim \mathrm{Bernoulli}(1 - p)",
    samples=[
        Sample(((3, 4), STATE)),
        Sample(((3, 4), STATE), {"rate": 0.25, "stream": 7}),
        Sample(((3, 4),), {"mode": "eval"}),
    ],
    back=masked,
    kept=Kept("mask", lambda x, **_: x.shape, None, 1),
    promote=("x",),
)
def dropout(
    xp: Any,
    x: Any,
    state: RandomState = None,
    *,
    rate: Annotated[float, Range(0, 1)] = 0.5,
    mode: Mode = "train",
    stream: Stream = 0,
) -> Any:
    """In training each element of `x` becomes 0 with probability `rate`; in evaluation all stay as they are.

    Elements that stay are divided by 1 − `rate`, so that the expectation stays too (Srivastava et al., 2014,
    here "inverted"). The hidden output `mask` is what `x` was multiplied by.
    """
    scale = 1 / (1 - rate) if rate < 1 else 0.0
    mask = xp.asarray(uniform(state, stream, x.shape, x.dtype) >= rate) * x.dtype.type(scale)
    return x * mask, mask


dropout.flat = {"x": Flat("drops it", "were dropped", "was dropped")}
dropout.adjoint = {"x": "x was multiplied by the mask, so the gradient {y} is too: it is 0 where x was dropped"}
