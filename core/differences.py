"""Derivatives of Python functions held against differences, in random directions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .errors import GradwireError, usage_told
from .ops import builtin
from .refusing import numbers
from .tape import Tensor
from .transform import Function, arguments, check_function, jvp, one_value, vjp

ROUNDING = 1e-11  # what rounding alone may make of a difference quotient that should be 0


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
    `GradwireError` with both numbers where they differ by more than `tolerance`, relative to their size.
    """
    check_function(fn, "check_grads")
    # Not the numbers of default_rng(seed), which often are the arguments: along them x / y, say, has slope 0.
    rng = np.random.default_rng((seed, 1))
    arrays = [
        numbers(_value(arg), f"argument {i} must hold").astype(np.float64) for i, arg in enumerate(arguments(args))
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
    output = numbers(one_value(_value(fn(*args))), "a function to be differentiated must return")
    seed = np.asarray(rng.standard_normal(output.shape))
    wanted = _difference(fn, args, directions, seed)
    size = min(1.0, float(np.sum(np.abs(seed * output))))  # a small function has small errors
    for mode in modes:
        if mode == "fwd":
            found = float(np.vdot(seed, _value(jvp(fn, args, directions)[1])))
        elif mode == "rev":
            grads = vjp(fn, *args)[1](seed)
            found = float(sum(np.vdot(d, _value(g)) for d, g in zip(directions, grads, strict=True)))
        else:
            raise GradwireError(f"a mode is 'fwd' or 'rev', got {mode!r}")
        if not abs(found - wanted) <= max(tolerance * max(size, abs(wanted)), ROUNDING):
            raise GradwireError(f"{path}{mode}: the derivative is {found:.10g}, the difference quotient {wanted:.10g}")
    if order > 1:
        for mode in modes:
            derived = _derived(fn, args, directions, seed, mode)
            _check(derived, args, modes, order - 1, tolerance * 10, rng, f"{path}{mode} of ")


def _derived(fn: Function, args: Any, directions: Any, seed: Any, mode: str) -> Function:
    """The first derivative of `fn` as a function of the same arguments: one number by `fwd`, one array by `rev`."""
    if mode == "fwd":
        return lambda *xs: jvp(fn, xs, directions)[1]
    flat, concat = builtin()["reshape"], builtin()["concat"]
    return lambda *xs: concat(*(flat(g, shape=(-1,)) for g in vjp(fn, *xs)[1](seed)), axis=0)


def _value(value: Any) -> Any:
    return value.value if isinstance(value, Tensor) else value


def _difference(fn: Function, args: Any, directions: Any, seed: Any) -> float:
    """The central difference of ⟨seed, fn⟩ in the direction, by Richardson's step: fourth order in the step.

    The step is the fifth root of the precision of float64, where the errors of rounding and of truncation balance.
    """
    step = float(np.finfo(np.float64).eps) ** (1 / 5)

    def at(t: float) -> Any:
        return np.asarray(_value(fn(*(a + t * d for a, d in zip(args, directions, strict=True)))))

    near = (at(step) - at(-step)) / (2 * step)
    far = (at(2 * step) - at(-2 * step)) / (4 * step)
    return float(np.vdot(seed, (4 * near - far) / 3))
