"""Applying an op to values: the one meeting point of ops and values.

Plain arrays are computed at once, traced values (tensors of the tape, symbols of a plan) decide for themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from .arrays import namespace, quietly
from .errors import GradwireError, RunError
from .parameters import NUMBERS
from .promotion import promote
from .refusing import FAILURES, as_arrays, check_count, refusal, refuse_absent, refuse_unnamed, usage
from .signature import Aval
from .traced import Traced

if TYPE_CHECKING:
    from .op import Op


PLAIN = frozenset((float, int, bool, np.float64, np.float32, np.int64, np.bool_))  # numbers as they are


def apply(op: Op, args: tuple[Any, ...], params: Mapping[str, Any]) -> Any:
    """Apply `op` to values: arrays are computed at once, a traced value among them takes over.

    Raises `GradwireError` for what the op cannot take. Parameters are looked at before, since one that is misspelt
    may compute something else, and so is what may hold no numbers; shapes only after NumPy has failed.
    """
    if params or len(op.defaults) < len(op.parameters):
        if len(args) > op.most or (args and isinstance(args[0], str)):
            refuse_unnamed(op, args, params)
        if not op.places.keys().isdisjoint(params):
            args, params = placed(op, args, params)
        params = complete(op, params)
    elif op.parameters:
        params = op.defaults
    strange, absent, traced = False, False, None
    for arg in args:
        kind = type(arg)
        if kind is np.ndarray:
            strange |= arg.dtype.kind not in NUMBERS
        elif isinstance(arg, Traced):
            traced = arg if traced is None else traced
        elif arg is None:
            absent = True
        else:
            strange |= kind not in PLAIN
    if absent:
        refuse_absent(op, args)  # NumPy would make an object of it, and compute with that
    if strange:
        args = as_arrays(op, args) or args  # NumPy would compute with much that is no number
    if traced is not None:
        return traced.apply_op(op, args, params)
    try:
        if op.promoted:
            args = quietly(promote, op, args)
        elif op.view and args and not hasattr(args[0], "dtype"):  # an op that passes on what it was given
            args = as_arrays(op, args) or args
        return visible(op, quietly(op.compute, namespace(args), *args, **params))
    except FAILURES as error:
        return again(op, args, params, error)


def placed(op: Op, args: tuple[Any, ...], params: Mapping[str, Any]) -> tuple[tuple[Any, ...], Mapping[str, Any]]:
    """The values of ports that were given by name in their places, None where one before them is left out.

    Raises `RunError` for a port that is given twice. One that must be there and is left out is told as None is.
    """
    named = {name: value for name, value in params.items() if name in op.places}
    every = [*args, *[None] * (1 + max(op.places[name] for name in named) - len(args))]
    for name, value in named.items():
        if op.places[name] < len(args):
            raise RunError(f"{op.name} is given {name} by its place and by its name", hint=usage(op))
        every[op.places[name]] = value
    return tuple(every), {name: value for name, value in params.items() if name not in named}


def complete(op: Op, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """All parameters as rules take them, those that most callers give without a closer look. `ParameterError`."""
    plain = op.plain
    for name, value in params.items():
        kind, fits = type(value), plain.get(name, ())
        if kind not in fits and (kind is not str or value not in fits):
            return op.check_parameters(params, called=True)
    found = {**op.defaults, **params}
    return found if len(found) == len(op.parameters) else op.check_parameters(params)


def again(op: Op, args: tuple[Any, ...], params: Mapping[str, Any], error: BaseException) -> Any:
    """After `error`: apply `op` with arrays in the place of lists and numbers, or raise what is wrong with `args`."""
    if isinstance(error, GradwireError):
        raise error
    check_count(op, len(args))
    arrays = as_arrays(op, args)
    if arrays is not None:
        return apply(op, arrays, params)
    known = [None if arg is None else _aval(arg) for arg in args]
    raise refusal(op, known, params, error) from error


def _aval(arg: Any) -> Aval:
    array = arg if hasattr(arg, "dtype") else np.asarray(arg)
    return Aval(tuple(array.shape), array.dtype)


def visible(op: Op, result: Any) -> Any:
    """What a call of `op` returns: the outputs that are not hidden, alone where there is one."""
    if op.single:
        return result
    return result[op.visible[0]] if len(op.visible) == 1 else tuple(result[i] for i in op.visible)
