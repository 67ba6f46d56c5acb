"""Why an op could not be applied: looked for once it has failed, so that what fits is computed without a look."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from traceback import extract_tb
from typing import TYPE_CHECKING, Any

import numpy as np

from .errors import GradwireError, ParameterError, RunError, ShapeError
from .overheard import overheard
from .parameters import HIDDEN, NUMBERS, shown
from .promotion import promoted_avals
from .signature import Aval
from .traced import Traced

if TYPE_CHECKING:
    from .op import Op

# How Python and NumPy refuse what they are given. (What else goes wrong is no matter of the arguments.)
FAILURES = (ValueError, TypeError, LookupError, AttributeError, OverflowError, ZeroDivisionError, MemoryError)

ENGINE = os.path.dirname(os.path.abspath(__file__)) + os.sep


def place(error: BaseException) -> str:
    """`ops.py, line 13: `, where a plugin raised that: the last line of the first file outside of the engine, or of
    those beside it. Empty where none is known.
    """
    frames = [frame for frame in extract_tb(error.__traceback__) if not frame.filename.startswith(ENGINE)]
    own = [each for each in frames if os.path.dirname(each.filename) == os.path.dirname(frames[0].filename)]
    return f"{os.path.basename(own[-1].filename)}, line {own[-1].lineno}: " if own else ""


def numbers(value: Any, holder: str) -> np.ndarray[Any, Any]:
    """`value` as an array of floats, integers or booleans. Raises `RunError`, which begins with `holder`: "x holds"."""
    if isinstance(value, np.ma.MaskedArray):
        raise RunError(f"{holder} numbers without a mask, got a masked array", hint="x.filled(0), or a where")
    try:
        array = np.asarray(value)
    except (*FAILURES, RuntimeError) as error:  # other libraries have reasons of their own
        if isinstance(value, (list, tuple)) and isinstance(error, FAILURES):
            raise RunError(f"{holder} numbers in lists of equal lengths, got {shown(value)}") from None
        kind = f"{type(value).__module__.split('.')[0]}.{type(value).__qualname__}"
        raise RunError(f"{holder} numbers, got a {kind} that cannot be read: {_said(error)}") from error
    if array.dtype.kind not in NUMBERS:
        found = f"an array of {array.dtype}" if hasattr(value, "dtype") else shown(value)
        raise RunError(f"{holder} numbers, got {found}", hint="floats, integers or booleans")
    return array


def _said(error: BaseException, kind: bool = False) -> str:
    """What was raised, in one line, which begins with the `kind` of it where that is asked for."""
    text, name = " ".join(str(error).split()), type(error).__name__
    return f"{name}: {text}" if kind and text else text or name


def check_count(op: Op, count: int) -> None:
    """Raise `RunError` where `op` does not take `count` values."""
    if op.fewest <= count <= op.most:
        return
    if op.grows:
        wanted = f"{_counted(op.fewest)} or more"
    elif op.fewest < op.most:
        wanted = f"{_counted(op.fewest)} or {op.most}"
    else:
        wanted = _counted(op.most)
    raise RunError(f"{op.name} takes {wanted}, got {count}", hint=usage(op))


def refuse_unnamed(op: Op, args: tuple[Any, ...], params: Mapping[str, Any]) -> None:
    """Raise `RunError` for parameters that were given without their names, as other libraries take them."""
    check_count(op, len(args))
    if isinstance(args[0], str) and op.parameters.keys() - op.defaults.keys() - params.keys():
        raise RunError(f"{op.name} takes values first, got {args[0]!r}", hint=usage(op))


def _counted(count: int) -> str:
    return {0: "no values", 1: "one value"}.get(count, f"{count} values")


def usage(op: Op) -> str:
    """How `op` is called: "sum(x, axis=…, keepdims=…)"."""
    ports = [f"{port.name}0, …" if port.variadic else port.name for port in op.ports]
    given = [f"{name}=…" for name, parameter in op.parameters.items() if parameter.role not in HIDDEN]
    return f"{op.name}({', '.join(ports + given)})"


def unknown_parameter(op: Op, name: str) -> ParameterError:
    """Why `op` is given no parameter called `name`."""
    if op.has_port(name):  # one of a port that grows
        return ParameterError(f"{op.name} takes {name} by its place, not by its name", hint=usage(op))
    known = ", ".join(n for n, p in op.parameters.items() if p.role not in HIDDEN) or "none"
    return ParameterError(f"{op.name} has no parameter {name!r}", hint=f"its parameters: {known}")


def refuse_absent(op: Op, args: Sequence[Any]) -> None:
    """Raise `RunError` where an argument is None for which there must be a value."""
    last = len(op.ports) - 1
    for i, arg in enumerate(args[: op.most]):
        port = op.ports[min(i, last)]
        if arg is None and not (port.optional or port.hidden):
            raise RunError(f"{op.name} needs a value for {op.port_name(i)}, got None", hint=usage(op))


def as_arrays(op: Op, args: tuple[Any, ...]) -> tuple[Any, ...] | None:
    """`args` with plain arrays in the place of lists, numbers, subclasses and what other libraries hold, None where
    there are none to be replaced.

    Those of promoted ports stay: promotion makes arrays of them, of the dtype of the others. Raises `RunError` for
    what holds no numbers.
    """
    last = len(op.ports) - 1
    found: list[Any] = []
    for i, arg in enumerate(args):
        if arg is None or isinstance(arg, Traced):
            found.append(arg)
            continue
        array = numbers(arg, f"{op.name}: {op.port_name(i)} must hold")
        keeps = type(arg) is np.ndarray or isinstance(arg, np.generic)
        found.append(arg if keeps or (min(i, last) in op.promoted and not hasattr(arg, "dtype")) else array)
    return tuple(found) if any(new is not old for new, old in zip(found, args, strict=True)) else None


def refusal(op: Op, avals: Sequence[Aval | None], params: Mapping[str, Any], error: BaseException) -> GradwireError:
    """What is wrong with arguments of these `avals`, which ended in `error`: as `check` tells it, where it can."""
    try:
        refuse_absent(op, avals)
        with suppress(*FAILURES):  # a plugin's rule may fail as its op did
            op.infer(promoted_avals(op, avals), op.check_parameters(params, called=True))
    except GradwireError as told:
        return told
    listed = ", ".join("none" if aval is None else str(aval) for aval in avals)
    # Of a plugin's own code the kind says much: a KeyError has no more than the key. What NumPy refuses is told whole.
    why = f"{place(error)}{_said(error, kind=True)}" if op.plugin else _said(error)
    line = f"{op.called} cannot be computed{f' of {listed}' if listed else ''}: {why}"
    if op.plugin:
        overheard(op.plugin).fault(line)
    return RunError(line)


def outcome(op: Op, avals: Sequence[Aval | None], params: Mapping[str, Any]) -> tuple[Aval, ...]:
    """What `op` gives of values like these. A `ShapeError` says at which other ports another value would do as well:
    that rows do not go with columns is no more the fault of the one than of the other."""
    try:
        return op.infer(promoted_avals(op, avals), params)
    except ShapeError as error:
        error.others = tuple(_others(op, avals, params, error.port))
        raise


def _others(
    op: Op, avals: Sequence[Aval | None], params: Mapping[str, Any], told: str | None
) -> Iterator[tuple[str, str]]:
    """The ports beside `told` of which a value of another shape alone would make the rest fit, with that shape."""
    for position, aval in enumerate(avals):
        port = op.port_name(position)
        if aval is None or port == told:
            continue
        rest = [other for i, other in enumerate(avals) if other is not None and i != position]
        for shape in dict.fromkeys(near_shapes(aval, rest)):
            tried = [Aval(shape, aval.dtype) if i == position else other for i, other in enumerate(avals)]
            with suppress(GradwireError, *FAILURES):
                op.infer(promoted_avals(op, tried), params)
                yield port, f"{port}: {shape}"
                break


def near_shapes(aval: Aval, rest: Sequence[Aval]) -> Iterator[tuple[int, ...]]:
    """Shapes near that of a value: with one axis as long as one of the rest, else as one of the rest."""
    lengths = dict.fromkeys(length for other in rest for length in other.shape)
    for axis in reversed(range(aval.ndim)):
        for length in lengths:
            yield (*aval.shape[:axis], length, *aval.shape[axis + 1 :])
    yield from (other.shape for other in rest)
