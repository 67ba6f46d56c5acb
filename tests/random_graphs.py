"""Small random graphs with a batch, weights and several losses, for the tests of stepping."""

from __future__ import annotations

from typing import Any

import numpy as np
from timelines import drawn, value

from gradwire.core.stepping import Timeline

UNARY = ("sin", "tanh", "square", "relu", "sigmoid", "identity", "negative", "softmax")
BINARY = ("add", "subtract", "multiply", "maximum")
ROWS = 4


def random_timeline(seed: int, steps: int = 9) -> Timeline:
    """A graph in float64 of `x` (N, 3), `w` (3,), `m` (3, 3) and `s`, whose root adds up all that comes out."""
    return drawn(lambda t: _draw(t, np.random.default_rng(seed), steps))


def _draw(t: Any, rng: np.random.Generator, steps: int) -> None:
    x = t.add("input", name="x", shape=("N", 3), value=rng.normal(size=(ROWS, 3)).tolist())
    w, m, s = (value(t, n, rng.normal(size=k).tolist()) for n, k in (("w", 3), ("m", (3, 3)), ("s", ())))
    made, used = [t.add("multiply", inputs={"x": x, "y": w}), w, s], set()
    for _ in range(steps):
        one, other = (made[int(rng.integers(len(made)))] for _ in range(2))
        other = made[0] if one == s else other  # two scalars make a scalar, which has no axes
        kind = rng.integers(5)
        if kind == 0 and one != s:
            made.append(t.add("matmul", inputs={"x": one, "w": m}) if len(made) % 2 else centred(t, one))
        elif kind < 3 and one != s:
            made.append(t.add(str(rng.choice(UNARY)), inputs={"x": one}))
        else:
            made.append(t.add(str(rng.choice(BINARY)), inputs={"x": one, "y": other}))
            used.add(other)
        used.add(one)
    ends = [node for node in made if node not in used]
    total = t.add("mean", inputs={"x": ends[0]})
    for i, node in enumerate(ends[1:]):
        total = t.add("add", inputs={"x": total, "y": t.add("sum" if i % 2 else "mean", inputs={"x": node})})
    t.add("identity", name="root", inputs={"x": total})


def centred(t: Any, node: str) -> str:
    """A value less its mean over the batch, which so meets the batch a second time, as in batch normalisation."""
    mean = t.add("mean", axis=0, inputs={"x": node})
    return str(t.add("subtract", inputs={"x": node, "y": mean}))
