"""Ops that pass a value on unchanged, for what happens beside it."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import numpy as np

from ..op import Aval, RandomState, Sample, op, short_name
from ..parameters import ParameterId, Range
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
    state: RandomState = None,
    *,
    message: str = "",
    every: Annotated[int, Range(low=1)] = 1,
    first: Annotated[int, Range(low=0)] = 0,
) -> Any:
    """`x` itself, after one line on the standard error stream: `message`, shape, dtype and shortened values.

    In a run it prints at iterations that `every` divides, and with `first` above 0 only at the first so many;
    the iteration is that of the random `state`, fed by the run. Without a state it prints at each call.
    """
    iteration = 0 if state is None else int(state[1])
    if iteration % every == 0 and (first <= 0 or iteration < first):
        print(_line(message, x), file=sys.stderr)
    return x


def _line(message: str, x: Any) -> str:
    """One line, whatever `message` holds: a file's text must not give orders to the terminal."""
    text = np.array2string(np.asarray(x), separator=", ", threshold=10, edgeitems=3, precision=6)
    values = " ".join(text.split()).replace("[ ", "[").replace(" ,", ",")
    label = "".join(c if c.isprintable() else " " for c in message)
    return f"{label}{': ' if label else ''}{x.shape} {short_name(x.dtype)} {values}"


@print_.shape
def _(x: Aval, state: Aval | None = None, *, message: str, every: int, first: int) -> Aval:
    return x


@print_.vjp
def _(g: Any, y: Any, x: Any, state: Any = None, *, message: str, every: int, first: int) -> Any:
    return g, None


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


assign.traits = Traits(carries="unchanged", linear=True)
assign.adjoint = {"value": PASSED}
