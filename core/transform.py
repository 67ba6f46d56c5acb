"""Functions of Python functions: derivatives of any order and in both modes, and their check against differences.

A function is called with tensors and may be written with ops, operators and NumPy's own functions. Every transform
hands the function fresh leaves that are tied to what it was given, so that transforms nest in any order.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .builder import Symbol
from .differentiate import TapeWorld, backward, differentiate
from .differentiate import tangents as pushed
from .errors import GradwireError, RunError
from .forward import push
from .op import Traced
from .ops import builtin
from .reverse import starting_gradient
from .tape import Tensor, history, records

Function = Callable[..., Any]
ROUNDING = 1e-11  # what rounding alone may make of a difference quotient that should be 0


def _fresh(arg: Any) -> Any:
    """A new tensor of the value of `arg`: a leaf, or tied to `arg` by an identity where that is traced."""
    if isinstance(arg, Traced):
        return builtin()["identity"](arg)
    array = np.asarray(arg)
    return Tensor(array.astype(np.float64) if array.dtype.kind in "iub" else array)


def _symbolic(output: Any, leaves: Sequence[Any]) -> bool:
    """Whether a plan is being built, so that derivatives are steps of it. Raises `RunError` for a mixture."""
    if not isinstance(output, Symbol):
        return False
    if not all(isinstance(leaf, Symbol) for leaf in leaves):
        raise RunError(
            "within a traced function derivatives are taken with respect to what is traced",
            hint="give the number as an argument of the traced function",
        )
    return True


def _pulled(output: Symbol, seed: Any, leaves: Sequence[Any]) -> tuple[Any, ...]:
    """The gradients of `output` as steps of the plan that is being built: zeros where there is no path."""
    found = differentiate(output.builder, [output], [seed], leaves)
    grads = [found.gradient(leaf) for leaf in leaves]
    return tuple(np.zeros(x.shape, x.dtype) if g is None else g for g, x in zip(grads, leaves, strict=True))


def _traced(args: Sequence[Any]) -> bool:
    return any(isinstance(arg, Tensor) for arg in args)


def _plain(value: Any, traced: bool) -> Any:
    """`value` as the caller gets it: a tensor where an outer transform is at work, else an array of its own.

    (What a rule gives may be a view, or the very array that it gives for another argument.)
    """
    return value if traced else np.array(value)


def _outer(args: Sequence[Any], fresh: Sequence[Tensor], output: Any) -> bool:
    """Whether something outside may ask for derivatives of what we return: an argument or a captured tensor.

    A captured one is older than our leaves; one that the function makes as a constant is younger.
    """
    if _traced(args):
        return True
    first = min((tensor.slot for tensor in fresh), default=0)
    return any(t.op is None and t.slot < first for t in history([output]))


def _called(fn: Function, args: Sequence[Any], **kwargs: Any) -> Any:
    """What `fn` returns for `args`, as a tensor. Raises `RunError` where that is not one value."""
    output = fn(*args, **kwargs)
    if isinstance(output, (tuple, list, dict)):
        raise RunError(
            f"a function to be differentiated must return one value, got a {type(output).__name__}",
            hint="concat or add up what it returns",
        )
    return output if isinstance(output, Traced) else Tensor(output)


def value_and_grad(fn: Function, argnums: int | Sequence[int] = 0) -> Function:
    """A function that gives `(value, gradient)` of `fn`, which must return one float.

    `argnums` says with respect to which arguments: an int gives one gradient, a sequence a tuple of them.
    """
    several = not isinstance(argnums, int)
    numbers: tuple[int, ...] = (argnums,) if isinstance(argnums, int) else tuple(argnums)

    def differentiated(*args: Any, **kwargs: Any) -> Any:
        given = list(args)
        leaves = []
        for number in numbers:
            given[number] = _fresh(args[number])
            leaves.append(given[number])
        output = _called(fn, given, **kwargs)
        if _symbolic(output, leaves):
            grads = _pulled(output, None, leaves)
            return output, grads if several else grads[0]
        traced = _outer([args[n] for n in numbers], leaves, output)
        found = backward(output, wrt=leaves, traced=traced)
        grads = tuple(_plain(found[leaf], traced) for leaf in leaves)
        return _plain(output, traced), grads if several else grads[0]

    return differentiated


def grad(fn: Function, argnums: int | Sequence[int] = 0) -> Function:
    """A function that gives the gradient of `fn`; `grad(grad(fn))` gives the second derivative."""
    both = value_and_grad(fn, argnums)

    def gradient(*args: Any, **kwargs: Any) -> Any:
        return both(*args, **kwargs)[1]

    return gradient


def vjp(fn: Function, *primals: Any) -> tuple[Any, Function]:
    """The value of `fn` at `primals` and the function that pulls a gradient of it back to a tuple, one for each."""
    leaves = [_fresh(p) for p in primals]
    output = _called(fn, leaves)
    if _symbolic(output, leaves):
        return output, lambda seed=None: _pulled(output, seed, leaves)
    outer = _outer(primals, leaves, output)

    def pullback(seed: Any = None) -> tuple[Any, ...]:
        traced = outer or isinstance(seed, Tensor)
        found = backward(output, seed, wrt=leaves, traced=traced)
        return tuple(_plain(found[leaf], traced) for leaf in leaves)

    return _plain(output, outer), pullback


def jvp(fn: Function, primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
    """The value of `fn` at `primals` and its derivative in the direction `tangents`, by forward mode."""
    if len(primals) != len(tangents):
        raise RunError(f"jvp needs a tangent for each of {len(primals)} primals, got {len(tangents)}")
    leaves = [_fresh(p) for p in primals]
    output = _called(fn, leaves)
    if _symbolic(output, leaves):
        given = [output.builder.constant(np.asarray(t) if isinstance(t, int | float) else t) for t in tangents]
        made = pushed(output.builder, leaves, given).get(output.slot)
        return output, np.zeros(output.shape, output.dtype) if made is None else made
    traced = _outer([*primals, *tangents], leaves, output)
    reached = {
        leaf.slot: starting_gradient(leaf, t, f"primal {i}")
        for i, (leaf, t) in enumerate(zip(leaves, tangents, strict=True))
    }
    after = min((leaf.slot for leaf in leaves), default=0) - 1
    push(records(history([output], after), traced), reached, TapeWorld(traced))
    tangent = reached.get(output.slot)
    if tangent is None:
        tangent = np.zeros(output.shape, output.dtype)
    return _plain(output, traced), _plain(tangent, traced)


# Checks against differences.


def check_grads(
    fn: Function,
    args: Sequence[Any],
    modes: Sequence[str] = ("fwd", "rev"),
    order: int = 2,
    tolerance: float = 1e-6,
    seed: int = 0,
) -> None:
    """Compare the derivatives of `fn` at `args` with central differences in random directions, up to `order`.

    `args` are floats of float64. Raises `GradwireError` with both numbers where they differ by more than
    `tolerance`, relative to their size.
    """
    # Not the numbers of default_rng(seed), which often are the arguments: along them x / y, say, has slope 0.
    rng = np.random.default_rng((seed, 1))
    arrays = [np.asarray(arg, np.float64) for arg in args]
    _check(fn, arrays, tuple(modes), order, tolerance, rng, "")


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
    output = np.asarray(_value(fn(*args)))
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
