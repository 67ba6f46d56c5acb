"""Functions of Python functions: derivatives of any order and in both modes.

A function is called with tensors and may be written with ops, operators and NumPy's own functions. Every transform
hands the function fresh leaves that are tied to what it was given, so that transforms nest in any order.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from .builder import Symbol
from .differentiate import TapeWorld, backward, differentiate
from .differentiate import tangents as pushed
from .errors import RunError, usage_told
from .forward import push
from .op import NOTHING, Aval
from .ops import builtin
from .parameters import Parameter, shown
from .refusing import numbers
from .reverse import starting_gradient
from .tape import Tensor, history, records
from .traced import Traced
from .tracking import call_tracked, lost_in_trace

Function = Callable[..., Any]


def _fresh(arg: Any, position: int) -> Any:
    """A new tensor of the value of `arg`: a leaf, or tied to `arg` by an identity where that is traced."""
    if isinstance(arg, Traced):
        return builtin()["identity"](arg)
    return _constant(arg, f"argument {position} must hold")


def _constant(value: Any, holder: str) -> Tensor:
    """`value` as a tensor; integers and booleans, which have no derivatives, become floats."""
    array = numbers(value, holder)
    return Tensor(array if array.dtype.kind == "f" else array.astype(np.float64))


def check_function(fn: Any, transform: str) -> None:
    """Raise `RunError` where `fn` is no function."""
    if not callable(fn):
        raise RunError(f"{transform} needs a function, got {shown(fn)}", hint=f"{transform}(function, …)")


def arguments(given: Any) -> list[Any]:
    """The arguments in a tuple or list; anything else is the one argument of a function of one."""
    return list(given) if isinstance(given, (tuple, list)) else [given]


def _symbolic(output: Any, leaves: Sequence[Any]) -> bool:
    """Whether a plan is being built, so that derivatives are steps of it. Raises `RunError` for a mixture."""
    if not isinstance(output, Symbol):
        return False
    if not all(isinstance(leaf, Symbol) for leaf in leaves):
        raise lost_in_trace()
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
    return value if traced else np.array(value.value if isinstance(value, Tensor) else value)


def _outer(args: Sequence[Any], fresh: Sequence[Tensor], output: Any) -> bool:
    """Whether something outside may ask for derivatives of what we return: an argument or a captured tensor.

    A captured one is older than our leaves; one that the function makes as a constant is younger.
    """
    if _traced(args):
        return True
    first = min((tensor.slot for tensor in fresh), default=0)
    return any(t.op is None and t.slot < first for t in history([output]))


def _called(fn: Function, args: Sequence[Any], leaves: Sequence[Any], kwargs: Mapping[str, Any] = NOTHING) -> Any:
    """What `fn` returns for `args`, as a tensor or, where a leaf is one, a symbol. `RunError` for not one value."""
    output = call_tracked(fn, [leaf.slot for leaf in leaves if type(leaf) is Tensor], args, kwargs)
    if not isinstance(output, Traced):
        output = _constant(one_value(output), "a function to be differentiated must return")
    if type(output) is Tensor:
        for leaf in leaves:
            if type(leaf) is Symbol:
                return leaf.builder.constant(output)
    return output


def one_value(output: Any) -> Any:
    """What a function returned. Raises `RunError` where that is not one value."""
    if output is None:
        raise RunError("a function to be differentiated must return one value, got None", hint="return it")
    if isinstance(output, (tuple, list, dict)):
        raise RunError(
            f"a function to be differentiated must return one value, got a {type(output).__name__}",
            hint="concat or add up what it returns",
        )
    return output


def _check_number(output: Any, transform: str) -> None:
    """Refuse what has no gradient without a seed."""
    shape, dtype = output.shape, output.dtype
    if dtype.kind != "f" or math.prod(shape) != 1:
        aval = Aval(shape, dtype)
        hint = "sum or mean it, or take vjp and a seed" if aval.floating else "what moves in steps has no gradient"
        raise RunError(f"{transform} needs a function that returns one float, got {aval}", hint=hint)


def _positions(argnums: tuple[int, ...], count: int, transform: str) -> list[int]:
    """`argnums` counted from the front. Raises `RunError` where there is no such argument, or one is named twice."""
    for number in argnums:
        if not -count <= number < count:
            found = f"{count} arguments" if count > 1 else "one argument" if count else "no arguments"
            raise RunError(
                f"{transform} differentiates with respect to argument {number}, got {found} by position",
                hint=f"argnums from {-count} to {count - 1}" if count else f"{transform}(function)(x)",
            )
    positions = [number % count for number in argnums]
    if len(set(positions)) < len(positions):
        raise RunError(f"{transform}: argnums {argnums} names an argument twice")
    return positions


_ARGNUMS = Parameter("argnums", int | tuple[int, ...])


@usage_told
def value_and_grad(fn: Function, argnums: int | Sequence[int] = 0) -> Function:
    """A function that gives `(value, gradient)` of `fn`, which must return one float.

    `argnums` says with respect to which arguments: an int gives one gradient, a sequence a tuple of them. Raises
    `RunError` for what is no function; what it returns raises `RunError` for what cannot be differentiated.
    """
    return _value_and_grad(fn, argnums, "value_and_grad")


def _value_and_grad(fn: Function, argnums: int | Sequence[int], transform: str) -> Function:
    check_function(fn, transform)
    read: Any = argnums if type(argnums) is int else _ARGNUMS.read(argnums, transform)
    several = isinstance(read, tuple)
    wanted = read if several else (read,)

    def differentiated(*args: Any, **kwargs: Any) -> Any:
        given = list(args)
        positions = _positions(wanted, len(args), transform)
        for position in positions:
            given[position] = _fresh(args[position], position)
        leaves = [given[position] for position in positions]
        output = _called(fn, given, leaves, kwargs)
        _check_number(output, transform)
        if _symbolic(output, leaves):
            grads = _pulled(output, None, leaves)
            return output, grads if several else grads[0]
        traced = _outer([args[position] for position in positions], leaves, output)
        found = backward(output, wrt=leaves, traced=traced)
        grads = tuple(_plain(found[leaf], traced) for leaf in leaves)
        return _plain(output, traced), grads if several else grads[0]

    return differentiated


@usage_told
def grad(fn: Function, argnums: int | Sequence[int] = 0) -> Function:
    """A function that gives the gradient of `fn`; `grad(grad(fn))` gives the second derivative."""
    both = _value_and_grad(fn, argnums, "grad")

    def gradient(*args: Any, **kwargs: Any) -> Any:
        return both(*args, **kwargs)[1]

    return gradient


@usage_told
def vjp(fn: Function, *primals: Any) -> tuple[Any, Function]:
    """The value of `fn` at `primals` and the function that pulls a gradient of it back to a tuple, one for each."""
    check_function(fn, "vjp")
    leaves = [_fresh(p, i) for i, p in enumerate(primals)]
    output = _called(fn, leaves, leaves)
    if _symbolic(output, leaves):
        return output, lambda seed=None: _pulled(output, seed, leaves)
    outer = _outer(primals, leaves, output)

    def pullback(seed: Any = None) -> tuple[Any, ...]:
        traced = outer or isinstance(seed, Tensor)
        found = backward(output, seed, wrt=leaves, traced=traced)
        return tuple(_plain(found[leaf], traced) for leaf in leaves)

    return _plain(output, outer), pullback


@usage_told
def jvp(fn: Function, primals: Any, tangents: Any) -> tuple[Any, Any]:
    """The value of `fn` at `primals` and its derivative in the direction `tangents`, by forward mode.

    Both are tuples or lists, one entry for each argument; an array or a number is the one of a function of one.
    """
    check_function(fn, "jvp")
    primals, tangents = arguments(primals), arguments(tangents)
    if len(primals) != len(tangents):
        raise RunError(f"jvp needs one tangent a primal: {len(primals)}, got {len(tangents)}")
    leaves = [_fresh(p, i) for i, p in enumerate(primals)]
    output = _called(fn, leaves, leaves)
    if _symbolic(output, leaves):
        given = [output.builder.constant(t) for t in tangents]
        made = pushed(output.builder, leaves, given).get(output.slot)
        return output, np.zeros(output.shape, output.dtype) if made is None else made
    traced = _outer([*primals, *tangents], leaves, output)
    reached = {
        leaf.slot: starting_gradient(leaf, t, f"primal {i}", "tangent")
        for i, (leaf, t) in enumerate(zip(leaves, tangents, strict=True))
    }
    after = min((leaf.slot for leaf in leaves), default=0) - 1
    push(records(history([output], after), traced), reached, TapeWorld(traced))
    tangent = reached.get(output.slot)
    if tangent is None:
        tangent = np.zeros(output.shape, output.dtype)
    return _plain(output, traced), _plain(tangent, traced)
