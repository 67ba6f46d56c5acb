"""Random numbers in a graph: functions of the run's random `state` and of the node's `stream`."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np

from ..errors import RunError
from ..op import Aval, Output, RandomState, Sample, ShapeError, op
from ..parameters import FloatDtype, Mode, Range, Shape, Stream
from ..random import normal, uniform
from ..random import state as random_state
from ..signature import Flat
from ._rules import lengths
from .sources import SOURCE

STATE = random_state(seed=0, iteration=1)


def check_state(state: Any, name: str) -> None:
    """Raise `RunError` where `name` would draw without a random state."""
    if state is None:
        raise RunError(f"{name} needs a random state", hint="a run feeds it; by hand: random.state(seed)")


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
    return xp.asarray(uniform(state, stream, lengths(shape), dtype) * (high - low) + low)


@random_uniform.shape
def _(state: Aval | None = None, *, shape: Shape, low: float, high: float, dtype: str, stream: int) -> Aval:
    if low > high:
        raise ShapeError(f"low must be at most high, got {low} and {high}", hint="low: 0.0, high: 1.0")
    return Aval(lengths(shape), np.dtype(dtype))


@op(
    formula=r"x \odot m / (1 - p),\ m \sim \mathrm{Bernoulli}(1 - p)",
    category="random",
    samples=[
        Sample(((3, 4), STATE)),
        Sample(((3, 4), STATE), {"rate": 0.25, "stream": 7}),
        Sample(((3, 4),), {"mode": "eval"}),
    ],
    outputs=("y", Output("mask", hidden=True)),
    promote=("x",),
    floating=True,
    view=True,
    contiguous=True,
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
    if mode == "eval":
        return x, xp.ones((), x.dtype)
    check_state(state, "dropout in training")
    scale = 1 / (1 - rate) if rate < 1 else 0.0
    mask = xp.asarray(uniform(state, stream, x.shape, x.dtype) >= rate) * x.dtype.type(scale)
    return x * mask, mask


@dropout.shape
def _(x: Aval, state: Aval | None = None, *, rate: float, mode: str, stream: int) -> tuple[Aval, Aval]:
    return x, Aval(() if mode == "eval" else x.shape, x.dtype)


@dropout.vjp
def _(g: Any, y: Any, x: Any, state: Any = None, *, rate: float, mode: str, stream: int) -> Any:
    return g[0] if mode == "eval" else g[0] * y[1], None


dropout.flat = {"x": Flat("drops it", "were dropped", "was dropped")}
dropout.adjoint = {"x": "x was multiplied by the mask, so the gradient {y} is too: it is 0 where x was dropped"}
