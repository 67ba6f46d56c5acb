"""Which ops a value fits into, and which values an op can make: asked of the ops' own shape rules.

A rule wants all arguments at once, and a dropped wire brings one. The others are tried: values like those in the
op's samples, values like the one at hand, and what the rule's own hint proposes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from ...core.errors import GradwireError
from ...core.op import Aval, Draw, Op, ShapeError
from ...core.promotion import promoted_avals
from .filters import Wanted

_HINT = re.compile(r"\(([^)]*)\)")


def go_together(op: Op, wired: Mapping[str, Aval | None]) -> bool:
    """Whether `op` takes these values by port all at once; where one is not known or missing it may."""
    args: list[Aval | None] = [None] * len(op.ports)
    for name, value in wired.items():
        position = op.port_position(name)
        if position is None:
            return False
        args += [None] * (position + 1 - len(args))
        args[position] = value
    ports = zip(op.ports, args, strict=False)
    if any(arg is None and not port.optional for port, arg in ports) or len(op.defaults) < len(op.parameters):
        return True
    return bool(_outputs(op, args, dict(op.defaults)))


class Fit(NamedTuple):
    """A port that takes a value, and what the op then gives (nothing where only trying with others would tell)."""

    port: str
    outputs: tuple[Aval, ...] = ()


def fits(op: Op, value: Aval | None, dtype: str = "float32") -> tuple[Fit, ...]:
    """The ports of `op` that take `value`, best first; where it is not known, all ports."""
    names = port_names(op)
    if value is None or op.shape_rule is None:
        return tuple(Fit(name) for name in names)
    return _fits(op, value, dtype)


@lru_cache(maxsize=20_000)
def _fits(op: Op, value: Aval, dtype: str) -> tuple[Fit, ...]:
    sure: list[Fit] = []
    perhaps: list[Fit] = []
    for name in port_names(op):
        found = _try_port(op, name, value, dtype)
        if found is not None:
            (sure if found.outputs else perhaps).append(found)
    return (*sure, *perhaps)


def port_names(op: Op) -> tuple[str, ...]:
    """The ports that can be wired on a new node; of a port that grows the first."""
    return tuple(op.port_name(i) for i, port in enumerate(op.ports) if not port.hidden)


def visible_outputs(op: Op) -> tuple[str, ...]:
    """The outputs that can be wired."""
    return tuple(op.outputs[i].name for i in op.visible)


def _try_port(op: Op, name: str, value: Aval, dtype: str) -> Fit | None:
    position = op.port_position(name)
    assert position is not None
    made: dict[Aval, None] = {}
    for args, params in _companions(op, position, value, dtype):
        made.update(dict.fromkeys(_outputs(op, args, params)))
    if made:
        return Fit(name, tuple(made))
    # What a parameter decides that has no default (the shape to give) cannot be tried; the dtype can.
    for sample in samples(op, dtype) if len(op.defaults) < len(op.parameters) else ():
        like = sample.args[position] if position < len(sample.args) else None
        if like is None:
            continue
        args = _with(sample.args, position, like._replace(dtype=value.dtype))
        if _outputs(op, args, sample.params):
            return Fit(name)
    return None


def _with(args: Sequence[Aval | None], position: int, value: Aval) -> list[Aval | None]:
    return [value if i == position else arg for i, arg in enumerate(args)]


def _outputs(op: Op, args: Sequence[Aval | None], params: Mapping[str, Any]) -> tuple[Aval, ...]:
    """What comes out that can be wired; nothing where the op refuses the arguments or lacks a parameter."""
    if any(name not in params for name in op.parameters):
        return ()
    try:
        return _visible(op, op.infer(promoted_avals(op, list(args)), params))
    except (GradwireError, ValueError, TypeError, IndexError, AttributeError):
        return ()  # rules of plugins may fail otherwise than by a refusal where arguments make no sense


def _visible(op: Op, outputs: Sequence[Aval]) -> tuple[Aval, ...]:
    return tuple(outputs[i] for i in op.visible)


def _companions(op: Op, position: int, value: Aval, dtype: str) -> Iterator[tuple[list[Aval | None], dict[str, Any]]]:
    """Arguments and parameters to try, with `value` at `position`."""
    count = max(len(op.ports), position + 1)
    kind, number = value.dtype, np.dtype(dtype)
    others = (
        value,
        Aval(value.shape[:-1], np.dtype("int64")),
        Aval(value.shape, np.dtype("int64")),
        Aval(value.shape, number),
        Aval((*value.shape, 3), number),
        Aval(value.shape, np.dtype("bool")),
        Aval((*value.shape[-1:], 10), kind),
        Aval((), kind),
    )
    seen: list[tuple[list[Aval | None], dict[str, Any]]] = [
        (_filled(op, count, position, value, other), dict(op.defaults)) for other in others
    ]
    for sample in samples(op, dtype):
        if position < len(sample.args):
            seen.append((_with(sample.args, position, value), dict(sample.params)))
    for args, params in seen:
        for i, port in enumerate(op.ports):
            if port.hidden and i < len(args):
                args[i] = Aval((4,), np.dtype("uint64"))
        yield args, params


class Tried(NamedTuple):
    """A sample of an op: its arguments, all its parameters, and what comes out."""

    args: tuple[Aval | None, ...]
    params: Mapping[str, Any]
    outputs: tuple[Aval, ...]


@lru_cache(maxsize=4096)
def samples(op: Op, dtype: str) -> tuple[Tried, ...]:
    """What the op's own samples take and give, in a document of this dtype."""
    found = []
    for sample in op.samples:
        args = [_aval(arg, dtype) for arg in sample.args]
        try:
            params = op.check_parameters(sample.params)
            params.update({n: dtype for n, role in op.roles.items() if role == "dtype" and params[n] == "float"})
            outputs = op.infer(promoted_avals(op, args), params)
        except (GradwireError, ValueError, TypeError, IndexError):
            continue  # a sample that is not drawn by shape alone says nothing here
        found.append(Tried(tuple(args), params, _visible(op, outputs)))
    return tuple(found)


def _aval(arg: Any, dtype: str) -> Aval | None:
    if arg is None:
        return None
    if isinstance(arg, Draw):
        return Aval(arg.shape, np.dtype("bool" if arg.kind == "bool" else "int64"))
    if isinstance(arg, tuple):
        return Aval(arg, np.dtype(dtype))
    array = np.asarray(arg)
    return Aval(array.shape, array.dtype)


def makes(op: Op, wanted: Wanted, dtype: str, value: Aval | None = None) -> bool:
    """Whether an output of `op` can be as `wanted`: of the value at hand, else of any arguments tried."""
    if value is not None:
        known = [fit for fit in fits(op, value, dtype) if fit.outputs]
        if known:
            return any(wanted.allows(out) for fit in known for out in fit.outputs)
    return _makes(op, wanted, dtype)


@lru_cache(maxsize=20_000)
def _makes(op: Op, wanted: Wanted, dtype: str) -> bool:
    tried = samples(op, dtype)
    wanted = _of_any_dtype(op, wanted)
    of_kind = wanted._replace(shape=None)
    if not any(of_kind.allows(out) for sample in tried for out in sample.outputs):
        return not tried
    if wanted.shape is None or any(wanted.allows(out) for sample in tried for out in sample.outputs):
        return True
    if any(role == "shape" for role in op.roles.values()) or "shape" in op.parameters:
        return True  # its shape is a parameter
    shape = wanted.avals(dtype)[0].shape
    kinds = {arg.dtype for sample in tried for arg in sample.args if arg is not None}
    given = [Aval(shape, kind) for kind in kinds] or [Aval(shape, np.dtype(dtype))]
    return any(wanted.allows(out) for value in given for fit in _fits(op, value, dtype) for out in fit.outputs)


def turns(op: Op, taken: Wanted, given: Wanted, dtype: str) -> bool:
    """Whether `op` can make a value as `given` of one as `taken` at a port that it needs, beside what else it may."""
    wanted = _of_any_dtype(op, given)
    needed = {op.port_name(i) for i, port in enumerate(op.ports) if not port.optional}
    for value in taken.avals(dtype):
        for fit in (fit for fit in _fits(op, value, dtype) if fit.port in needed):
            made = [*fit.outputs]
            for result in given.avals(dtype):
                for params in _set(op, value, result):
                    made += [out for args in _beside(op, fit.port, value, result) for out in _outputs(op, args, params)]
            if any(map(wanted.allows, made)):
                return True
    return False


def _of_any_dtype(op: Op, wanted: Wanted) -> Wanted:
    """What is asked of an output, without the dtype where a parameter of `op` says it: cast gives any."""
    free = "dtype" in op.parameters and not op.defaults.get("dtype", "").startswith("float")
    return wanted._replace(kinds=None, size=None) if free else wanted


def _beside(op: Op, port: str, value: Aval, result: Aval) -> Iterator[list[Aval | None]]:
    """Arguments with `value` at a port, and at the others what may lead to a result: its like, or a matrix."""
    position = op.port_position(port)
    others = [value, result]
    if value.ndim and result.ndim:
        others += [value._replace(shape=(value.shape[-1], result.shape[-1]))]
        others += [value._replace(shape=(*result.shape[:-1], value.shape[0]))]
    for other in others:
        yield _filled(op, len(op.ports), position or 0, value, other)


def _filled(op: Op, count: int, position: int, value: Aval, other: Aval) -> list[Aval | None]:
    """So many arguments: `value` at `position`, `other` where one is needed, and open ports that may stay so."""
    ports = (op.ports[min(i, len(op.ports) - 1)] for i in range(count))
    return [value if i == position else None if port.optional else other for i, port in enumerate(ports)]


def _set(op: Op, value: Aval, result: Aval) -> Iterator[dict[str, Any]]:
    """Parameters that may lead to a result: shapes are its own, and an axis is each of the value's."""
    shapes = {name: result.shape for name in op.parameters if name == "shape" or op.roles.get(name) == "shape"}
    yield {**op.defaults, **shapes}
    if "axis" in op.parameters:
        yield from ({**op.defaults, **shapes, "axis": axis} for axis in range(value.ndim))


def takes(op: Op, wanted: Wanted, dtype: str) -> bool:
    """Whether a port of `op` takes a value as `wanted`."""
    return any(_fits(op, aval, dtype) for aval in wanted.avals(dtype)) if port_names(op) else False


# What would fit a port that is open.


def proposed_shapes(op: Op, port: str, others: Mapping[str, Aval], params: Mapping[str, Any], dtype: str) -> list[Aval]:
    """Values that `port` would take beside the `others` wired already, likeliest first."""
    position = op.port_position(port)
    if position is None or op.shape_rule is None:
        return []
    args: list[Aval | None] = [None] * max(len(op.ports), position + 1)
    for name, aval in others.items():
        at = op.port_position(name)
        if at is not None and at < len(args):
            args[at] = aval
    found = []
    given = {**op.defaults, **params}
    for value in _candidates(op, position, args, given, dtype):
        filled = zip(args, _filled(op, len(args), position, value, value), strict=True)
        trial = [new if arg is None else arg for arg, new in filled]
        trial[position] = value
        if value not in found and _outputs(op, trial, given):
            found.append(value)
    return found


def _candidates(
    op: Op, position: int, args: Sequence[Aval | None], params: Mapping[str, Any], dtype: str
) -> Iterator[Aval]:
    known = [arg for arg in args if arg is not None]
    dtypes = [np.dtype(dtype), np.dtype("int64"), np.dtype("bool")]
    if known:
        absurd = Aval((7919, 7907), np.dtype(dtype))
        trial = [absurd if i == position else arg for i, arg in enumerate(args)]
        try:
            op.infer(promoted_avals(op, trial), params)
        except ShapeError as error:
            for match in _HINT.findall(error.hint or ""):
                yield Aval(tuple(_hinted(axis) for axis in match.split(",") if axis.strip()), np.dtype(dtype))
        except (GradwireError, ValueError, TypeError, IndexError, AttributeError):
            pass  # no hint, then
    for each in dtypes:
        for arg in known:
            yield Aval(arg.shape, each)
            yield Aval(arg.shape[1:], each)
            yield Aval(arg.shape[:-1], each)
            yield Aval(arg.shape[-1:], each)
            yield Aval((*(arg.shape or (1,))[-1:], 10), each)
        yield Aval((), each)


def _hinted(axis: str) -> int:
    """The length of an axis in a hint, 10 where it may be any."""
    text = axis.strip()
    return int(text) if text.isascii() and text.isdigit() else 10
