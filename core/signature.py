"""What is said of an op's arguments and results: shapes and dtypes, ports, outputs, and samples to run it on."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import cache
from typing import Annotated, Any, NamedTuple, get_args

import numpy as np

from .parameters import Role

NOTHING: Mapping[str, Any] = {}
Rule = Callable[..., Any]


RandomState = Annotated[Any, Role("random state")]  # of a port: fed by the run, never wired


class Aval(NamedTuple):
    """What is known of a value before it is computed: its `shape` (a tuple of ints) and its NumPy `dtype`."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def size(self) -> int:
        size = 1
        for length in self.shape:
            size *= length
        return size

    @property
    def nbytes(self) -> int:
        return self.size * self.dtype.itemsize

    @property
    def floating(self) -> bool:
        return self.dtype.kind == "f"

    def __str__(self) -> str:
        return f"{self.shape} {short_name(self.dtype)}"


def short_name(dtype: np.dtype[Any]) -> str:
    """f32, i64, bool: the names that plans and messages use."""
    return "bool" if dtype.kind == "b" else f"{dtype.kind}{dtype.itemsize * 8}"


class Port(NamedTuple):
    """A tensor argument. A `variadic` port grows: xs0, xs1, …; a `hidden` one is fed by lowering, never wired."""

    name: str
    variadic: bool = False
    optional: bool = False
    hidden: bool = False


class Output(NamedTuple):
    """A result. A `hidden` one is kept for the gradient (a mask, say) and cannot be wired."""

    name: str
    hidden: bool = False


class Draw(NamedTuple):
    """An argument of a sample that is no float: "bool", or "integers" from 0 up to (without) `high`."""

    kind: str
    shape: tuple[int, ...]
    high: int = 2


class Sample(NamedTuple):
    """One set of arguments on which tests run an op: a shape, a `Draw` or an array by port, and parameters.

    A shape stands for normal random numbers, drawn through `domain` where the op needs it: "positive",
    "distinct" (no ties, nothing near a kink), or "probabilities" (positive, the last axis adding to 1).
    """

    args: tuple[Any, ...]
    params: Mapping[str, Any] = NOTHING
    domain: str = "normal"


class Limits(NamedTuple):
    """What the elements of a value must lie between: `low` and `high`, both allowed.

    `why` says where that comes from ("labels of 3 classes"), `fit` what to do about others.
    """

    low: int
    high: int
    why: str
    fit: str


class Within(NamedTuple):
    """What the annotation of a port bears whose elements have limits, as labels have that pick a class.

    `rule(*avals, **params)` gives them, None where any element fits.
    """

    rule: Rule


@cache
def limit_rules(forward: Rule) -> Mapping[str, Rule]:
    """The rules of those ports of `forward` whose elements have limits, by port."""
    found = {}
    for name, port in inspect.signature(forward, eval_str=True).parameters.items():
        for note in get_args(port.annotation)[1:]:
            if isinstance(note, Within):
                found[name] = note.rule
    return found
