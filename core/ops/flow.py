"""Ops that pass a value on unchanged, for what happens beside it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np

from ..arrays import on_host
from ..op import Aval, RandomState, Sample, ShapeError, op
from ..parameters import NodeId, ParameterId, Phase, Range
from ..printing import Printed
from ..signature import Traits
from ._rules import same

SAMPLES = [((2, 3),), ((),)]
PASSED = "the value passed as it is, and so does the gradient {y}"


@op(formula=r"x", category="flow", samples=SAMPLES, view=True, contiguous=True)
def identity(xp: Any, x: Any) -> Any:
    """`x` itself. It counts as a consumer of its own: gradients through it arrive as one contribution."""
    return x


identity.shape(same)


@identity.vjp
def _(g: Any, y: Any, x: Any) -> Any:
    return (g,)


identity.traits = Traits(carries="unchanged", linear=True)
identity.adjoint = {"x": PASSED}


@op(
    formula=r"x",
    category="flow",
    samples=SAMPLES,
    view=True,
    contiguous=True,
    no_gradient="stopped by detach",
)
def detach(xp: Any, x: Any) -> Any:
    """`x` itself, as a constant: what comes before it gets no gradient through it."""
    return x


detach.shape(same)
detach.traits = Traits(carries="unchanged", linear=True)


@op(
    formula=r"x",
    category="flow",
    samples=[Sample(((2, 3),), {"message": "x"})],
    view=True,
    contiguous=True,
    effect=True,
)
def print_(
    xp: Any,
    x: Any,
    data0: Any = None,
    data1: Any = None,
    when: Any = None,
    state: RandomState = None,
    *,
    message: str = "",
    every: Annotated[int, Range(low=1)] = 1,
    first: Annotated[int, Range(low=0)] = 0,
    show: Literal["value", "gradient", "both"] = "value",
    node: NodeId = "",
    phase: Phase = "forward",
) -> Any:
    """`x` itself, after a line in the panel Printed: `message`, iteration, phase, `x`, `data0` and `data1`.

    A click on the line leads to the node. Outside of the window lines go to the standard error stream. `show` says
    whether the line shows `x` on its way forward, the gradient on its way back, or both have their line. In a run it
    prints at iterations that `every` divides, of those with `first` above 0 only at the first so many, and where
    `when`, one number, is not 0. The iteration is that of the random `state`, fed by the run. A validation has none:
    it prints only where `every` is 1 and `first` 0. Without a state it prints at each call.
    """
    iteration = None if state is None else int(state[1])
    if _due(iteration, every, first, show, phase) and (when is None or bool(np.any(on_host(xp, when)))):
        data = {"data0": data0, "data1": data1}
        there = {name: on_host(xp, value) for name, value in data.items() if value is not None}
        Printed.of(node, iteration, phase, message, on_host(xp, x), there).tell()
    return x


def _due(iteration: int | None, every: int, first: int, show: str, phase: str) -> bool:
    """Whether it is told of an iteration in a phase."""
    if show != "both" and (show == "gradient") != (phase == "backward"):
        return False
    if iteration is None:
        return True
    if not iteration:  # a validation
        return every == 1 and first <= 0
    turn, rest = divmod(iteration, every)
    return rest == 0 and (first <= 0 or turn <= first)


@print_.shape
def _(x: Aval, *others: Aval | None, **params: Any) -> Aval:
    when = others[2] if len(others) > 2 else None
    if when is not None and when.size != 1:
        raise ShapeError(
            f"when must be one number, true or false, got {when}",
            port="when",
            hint="max over a comparison: whether it holds anywhere",
        )
    return x


@print_.vjp
def _(g: Any, y: Any, x: Any, *others: Any, **params: Any) -> Any:
    back = g if params["show"] == "value" else print_(g, *others, **{**params, "phase": "backward"})
    return (back, *(None for _ in others))


@print_.jvp
def _(t: Any, y: Any, x: Any, *others: Any, **params: Any) -> Any:
    return t[0]


print_.traits = Traits(carries="unchanged", linear=True)
print_.adjoint = {"x": PASSED}


@op(
    formula=r"s \leftarrow x",
    category="flow",
    samples=[Sample(((2, 3),), {"target": "parameter0"})],
    view=True,
    contiguous=True,
)
def assign(xp: Any, value: Any, *, target: ParameterId) -> Any:
    """`value` itself, which the parameter whose id is `target` holds from the next iteration on.

    All assignments of an iteration are committed together after its last step.
    """
    return value


assign.shape(same)


@assign.vjp
def _(g: Any, y: Any, value: Any, *, target: ParameterId) -> Any:
    return (g,)


assign.writes = {"target": "y"}
assign.traits = Traits(carries="unchanged", linear=True)
assign.adjoint = {"value": PASSED}
