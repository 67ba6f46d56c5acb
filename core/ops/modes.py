"""A switch that the mode of a run moves: one value in training, another in evaluation."""

from __future__ import annotations

from typing import Any

from ..op import Aval, Sample, ShapeError, op
from ..parameters import Mode
from ..signature import Traits


@op(
    formula=r"\begin{cases} x & \text{training} \\ y & \text{evaluation} \end{cases}",
    category="flow",
    samples=[Sample(((2, 3), (2, 3))), Sample(((2, 3), (2, 3)), {"mode": "eval"})],
    promote="all",
    view=True,
    contiguous=True,
)
def by_mode(xp: Any, x: Any, y: Any, *, mode: Mode = "train") -> Any:
    """`x` in training and `y` in evaluation, both of one shape: logits for the loss, probabilities for the user.

    What is not chosen gets no gradient, but is computed all the same.
    """
    _check_shapes(x, y)
    return x if mode == "train" else y


def _check_shapes(x: Any, y: Any) -> None:
    if x.shape != y.shape:
        raise ShapeError(f"x has the shape {x.shape} but y {y.shape}", port="y", hint=f"y: {x.shape}")


@by_mode.shape
def _(x: Aval, y: Aval, *, mode: str) -> Aval:
    _check_shapes(x, y)
    return x


@by_mode.vjp
def _(g: Any, z: Any, x: Any, y: Any, *, mode: str) -> Any:
    return (g, None) if mode == "train" else (None, g)


def _passed(chosen: str) -> Any:
    """What is said of the port that `chosen`, a mode, takes; in the other mode no gradient comes back to it."""

    def told(z: Aval, x: Aval, y: Aval, *, mode: str) -> str | None:
        return f"the mode chose this value, so the gradient {z.shape} passes as it is" if mode == chosen else None

    return told


by_mode.modes = ("first", "second")
by_mode.traits = Traits(linear=True)
by_mode.adjoint = {"x": _passed("train"), "y": _passed("eval")}
