"""Derivatives of Python functions held against differences, in random directions.

A step that meets a kink (of relu, say) tells nothing of the derivative beside it. So what does not agree is held
against shorter steps, which meet hardly any; and where the point itself lies at a kink, against the difference
quotients of both sides, between which every subgradient lies.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from .errors import GradwireError, usage_told
from .ops import builtin
from .refusing import numbers
from .tape import untraced
from .transform import Function, arguments, check_function, jvp, one_value, vjp

Array = np.ndarray[Any, Any]

ROUNDING = 1e-11  # what rounding alone may make of a difference quotient that should be 0
KINK = 1e-4  # by how much, as a share of 1 and themselves, the slopes of both sides differ where there is a kink
# The fifth root of the precision of float64 is where the errors of rounding and of truncation balance.
STEPS = tuple(float(np.finfo(np.float64).eps) ** (1 / 5) / 64**shorter for shorter in range(3))


@usage_told
def check_grads(
    fn: Function,
    args: Any,
    modes: str | Sequence[str] = ("fwd", "rev"),
    order: int = 2,
    tolerance: float = 1e-6,
    seed: int = 0,
) -> None:
    """Compare the derivatives of `fn` at `args` with central differences in random directions, up to `order`.

    `args` are floats of float64 in a tuple or list; an array or a number is the one of a function of one. Raises
    `GradwireError` with both numbers where they differ by more than `tolerance`, relative to their size. At a kink,
    such as that of relu at 0, each derivative serves that lies between the difference quotients of both sides.
    """
    check_function(fn, "check_grads")
    # Not the numbers of default_rng(seed), which often are the arguments: along them x / y, say, has slope 0.
    rng = np.random.default_rng((seed, 1))
    arrays = [
        numbers(untraced(arg), f"argument {i} must hold").astype(np.float64) for i, arg in enumerate(arguments(args))
    ]
    _check(fn, arrays, (modes,) if isinstance(modes, str) else tuple(modes), order, tolerance, rng, "")


def _check(
    fn: Function,
    args: list[np.ndarray[Any, Any]],
    modes: tuple[str, ...],
    order: int,
    tolerance: float,
    rng: np.random.Generator,
    path: str,
) -> None:
    directions = [np.asarray(rng.standard_normal(a.shape)) for a in args]
    output = numbers(one_value(untraced(fn(*args))), "a function to be differentiated must return")
    seed = np.asarray(rng.standard_normal(output.shape))
    differences = _Differences(fn, args, directions, seed)
    size = min(1.0, float(np.sum(np.abs(seed * output))))  # a small function has small errors
    for mode in modes:
        if told := differences.refusal(_derivative(fn, args, directions, mode), tolerance, size):
            raise GradwireError(f"{path}{mode}: {told}")
    if order > 1:
        for mode in modes:
            derived = _derived(fn, args, directions, seed, mode)
            _check(derived, args, modes, order - 1, tolerance * 10, rng, f"{path}{mode} of ")


def _derivative(fn: Function, args: Any, directions: Any, mode: str) -> Callable[[Array], float]:
    """The derivative in the direction by its rules, for weights of the elements of the result."""
    if mode == "fwd":
        tangent = np.asarray(untraced(jvp(fn, args, directions)[1]))
        return lambda seed: float(np.vdot(seed, tangent))
    if mode == "rev":
        pull = vjp(fn, *args)[1]
        return lambda seed: float(sum(np.vdot(d, untraced(g)) for d, g in zip(directions, pull(seed), strict=True)))
    raise GradwireError(f"a mode is 'fwd' or 'rev', got {mode!r}")


def _derived(fn: Function, args: Any, directions: Any, seed: Any, mode: str) -> Function:
    """The first derivative of `fn` as a function of the same arguments: one number by `fwd`, one array by `rev`."""
    if mode == "fwd":
        return lambda *xs: jvp(fn, xs, directions)[1]
    flat, concat = builtin()["reshape"], builtin()["concat"]
    return lambda *xs: concat(*(flat(g, shape=(-1,)) for g in vjp(fn, *xs)[1](seed)), axis=0)


class _Differences:
    """The difference quotients of ⟨seed, fn⟩ at `args` in a direction."""

    def __init__(self, fn: Function, args: Sequence[Array], directions: Sequence[Array], seed: Array) -> None:
        self._fn, self._args, self._directions, self._seed = fn, args, directions, seed
        self._central: list[float] = []

    def refusal(self, derivative: Callable[[Array], float], tolerance: float, size: float) -> str:
        """What is wrong with the derivative of a function of that size; nothing where it agrees."""

        def agree(one: float, wanted: float) -> bool:
            return abs(one - wanted) <= max(tolerance * max(size, abs(wanted)), ROUNDING)

        found = derivative(self._seed)
        if any(agree(found, wanted) for wanted in self._quotients()):
            return ""
        least, most = self._sides
        kinks = most - least > KINK * (1 + np.maximum(np.abs(least), np.abs(most)))
        if not kinks.any():
            return f"the derivative is {found:.10g}, the difference quotient {self._central[0]:.10g}"
        for part in (~kinks, kinks):  # what has no kink is held closely
            found, low, high = (derivative(self._seed * part), float(np.sum(least[part])), float(np.sum(most[part])))
            if not agree(found, min(max(found, low), high)):
                where = "at a kink" if part is kinks else "beside the kinks"
                quotients = f"the difference quotients from {low:.10g} to {high:.10g}"
                return f"the derivative is {found:.10g}, {quotients} {where}"
        return ""

    def _quotients(self) -> Iterator[float]:
        """Central ones, step after step; a shorter one is computed where it is asked for."""
        yield from self._central
        for step in STEPS[len(self._central) :]:
            self._central.append(self._quotient(step))
            yield self._central[-1]

    def _quotient(self, step: float) -> float:
        """The central one by Richardson's step: fourth order in the step."""
        near = (self._at(step) - self._at(-step)) / (2 * step)
        far = (self._at(2 * step) - self._at(-2 * step)) / (4 * step)
        return float(np.vdot(self._seed, (4 * near - far) / 3))

    @cached_property
    def _sides(self) -> tuple[Array, Array]:
        """For each element of the result the least and the largest weighed slope that its two sides leave it.

        One that jumps here, as relu' does at 0, has no slope there that a quotient could tell: 0 serves too.
        """
        here, slopes = self._at(0.0), []
        for side in (-STEPS[-1], STEPS[-1]):
            slope, wider = ((self._at(side * far) - here) / (side * far) for far in (1, 2))
            jumps = np.abs(slope) > 1.5 * np.abs(wider) + ROUNDING / STEPS[-1]
            slopes += [slope, np.where(jumps, 0.0, slope)]
        weighed = self._seed * np.asarray(slopes)
        return weighed.min(axis=0), weighed.max(axis=0)

    def _at(self, t: float) -> Array:
        moved = (arg + t * direction for arg, direction in zip(self._args, self._directions, strict=True))
        return np.asarray(untraced(self._fn(*moved)))
