"""The functions of breakpoints and watches: `rms(w.grad)`, `cos(x.via.sin, x.via.product)`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from .forks import Fork
from .timeline import Array


def _rms(x: Array) -> float:
    return float(np.sqrt(np.mean(np.square(x)))) if x.size else 0.0


def _share(chosen: Callable[[Array], Array]) -> Callable[[Array], float]:
    return lambda x: float(np.mean(chosen(x))) if x.size else 0.0


class Function(NamedTuple):
    """What it computes, of how many values, and that in words; `takes` is None of one that takes any number of them.

    Only that may be given contributions as one argument: how many there are, the graph says.
    """

    compute: Callable[..., Any]
    takes: int | None
    says: str


FUNCTIONS: Mapping[str, Function] = {
    "rms": Function(_rms, 1, "root of the mean square"),
    "norm": Function(lambda x: float(np.linalg.norm(x.ravel())), 1, "Euclidean norm of all elements"),
    "mean": Function(lambda x: float(np.mean(x)), 1, "mean"),
    "std": Function(lambda x: float(np.std(x)), 1, "standard deviation"),
    "min": Function(lambda x: float(np.min(x)), 1, "least element"),
    "max": Function(lambda x: float(np.max(x)), 1, "greatest element"),
    "sum": Function(lambda x: float(np.sum(x)), 1, "sum of all elements"),
    "abs": Function(np.abs, 1, "absolute values"),
    "log10": Function(np.log10, 1, "decimal logarithm"),
    "nonfinite": Function(lambda x: bool(~np.isfinite(x).all()), 1, "whether an element is NaN or infinite"),
    "all_zero": Function(lambda x: not np.any(x), 1, "whether all elements are 0"),
    "frac_zero": Function(_share(lambda x: x == 0), 1, "share of elements that are 0"),
    "any": Function(lambda x: bool(np.any(x)), 1, "whether an element is true"),
    "all": Function(lambda x: bool(np.all(x)), 1, "whether all elements are true"),
    "cos": Function(lambda x, y: Fork([x, y]).cosine(0, 1), 2, "cosine of the angle between two tensors"),
    "ratio": Function(
        lambda x, y: float(np.linalg.norm(x) / np.linalg.norm(y)),
        2,
        "norm of the first by that of the second; of one parameter, its update by what it was",
    ),
    "cancellation": Function(lambda *parts: Fork(parts).cancellation, None, "share of the contributions that cancels"),
}
ALIKE = ("cos", "cancellation")  # take tensors of one shape
NONE_OF_NOTHING = ("min", "max", "mean", "std")  # are NaN of a tensor without elements


def many(name: str) -> str:
    """How many values a function takes, in words."""
    takes = FUNCTIONS[name].takes
    return {None: "a value or more", 1: "1 value"}.get(takes, f"{takes} values")


PATH = "path"  # takes two names, and is computed by a walk of its own
_ARGUMENTS = {1: "x", 2: "x, y", None: "x.contribs"}


def spelled(name: str) -> str:
    """How a function is called: `rms(x)`, `cos(x, y)`."""
    return f"{name}({_ARGUMENTS[FUNCTIONS[name].takes]})"


def listed() -> str:
    """All of them, as they are called."""
    return ", ".join([*map(spelled, FUNCTIONS), f"{PATH}(x, loss)"])


def described() -> str:
    """What each computes, a line each."""
    return "\n".join(f"{spelled(name)}: {function.says}" for name, function in FUNCTIONS.items())
