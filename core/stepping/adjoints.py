"""Why a gradient has the shape that it has: what an op did to a shape on the way forward, it undoes on the way back.

What belongs to one op stands with it (`op.adjoint`, `op.kinks`). What holds for every op that works element by element,
the sum over the axes along which an argument was copied, is told here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..evaluating import Evaluated
from ..op import Aval, Op
from ..records import Record
from ..signature import Kink
from ..tape import untraced
from .local import Local, local
from .timeline import Array, Delivery

Shape = tuple[int, ...]


def why_shape(run: Evaluated, delivery: Delivery, rule: Local | None = None) -> tuple[str, ...]:
    """What becomes of shapes in one delivery, a sentence each; none where the gradient only is multiplied.

    `rule` is the delivery's `local`, where that is known already.
    """
    record = delivery.record
    avals = [None if arg is None else _aval(arg) for arg in record.args]
    results = [_aval(value) for value in (record.result if not record.op.single else (record.result,))]
    told = adjoint_text(record.op, delivery.position, results, avals, record.params)
    found = [] if told is None else [told]
    if record.op.by_element or told is None:  # any other op that sums says so itself
        rule = rule or local(run, delivery)
        if rule is not None and rule.summed:
            name = run.asked.graph.path(delivery.source.node)
            found.append(broadcast_text(name, rule.entry.shape, rule.product.shape))
    return tuple(found)


def adjoint_text(
    op: Op, position: int, results: Sequence[Aval], avals: Sequence[Aval | None], params: Mapping[str, Any]
) -> str | None:
    """What `op` says of the gradient for the argument at `position`, with shapes put in; None where it says nothing."""
    port = op.ports[min(position, len(op.ports) - 1)].name
    told = op.adjoint.get(port)
    y, own, first = results[0], avals[position], avals[0]
    if told is None or own is None or first is None or not own.floating:
        return None
    if callable(told):
        found = told(y, *avals, **params)  # None where these parameters leave no path
        return None if found is None else str(found)
    shapes = {output.name: aval.shape for output, aval in zip(op.outputs, results, strict=True)}
    shapes |= {p.name: aval.shape for p, aval in zip(op.ports, avals, strict=False) if aval is not None}
    words = {
        "g": y.shape,
        "port": op.port_name(position),
        **params,
        **shapes,
        port: own.shape,  # of a port that grows, the one that is meant
        "axis": _axes(params.get("axis"), first.ndim if params.get("axis", 0) is None else 0),
        "copied": _axes(copied_axes(own.shape, y.shape) if "{copied}" in told else (), 0),
        "n": first.size // max(y.size, 1),
    }
    return told.format_map(words)


def broadcast_text(name: str, shape: Shape, result: Shape) -> str:
    """Why the gradient of `name`, which was broadcast from `shape` to `result`, is a sum."""
    axes = _axes(copied_axes(shape, result), 0)
    return f"{name} {shape} was copied along {axes} to {result}, so its gradient is the sum over {axes}"


def copied_axes(shape: Shape, result: Shape) -> Shape:
    """The axes of `result` along which `shape` was copied: those that it lacks or has with length 1."""
    extra = len(result) - len(shape)
    return tuple(i for i, n in enumerate(result) if i < extra or (shape[i - extra] == 1 and n != 1))


def _axes(axis: int | Shape | None, ndim: int) -> str:
    """Axes in words; None are all `ndim` of them."""
    if axis is None:
        return "all axes" if ndim != 1 else "axis 0"
    axes = [str(i).replace("-", "−") for i in ((axis,) if isinstance(axis, int) else axis)]
    if not axes:
        return "no axis"
    return f"axis {axes[0]}" if len(axes) == 1 else f"axes {', '.join(axes[:-1])} and {axes[-1]}"


def _aval(value: Any) -> Aval:
    array = untraced(value)
    return Aval(np.shape(array), np.asarray(array).dtype)


# Kinks.


def kink_text(op: Op, kink: Kink, params: Mapping[str, Any]) -> str:
    """The convention of `op` at one of its kinks, in a line."""
    given, low, high, torch = map(_number, kink.numbers(params))
    valid = f"any value in [{low}, {high}] is a valid sub-gradient"
    name = f"{op.name}′{f' of {kink.of}' if kink.of else ''}"
    return f"{name} = {given} at {kink.at} here; {valid}; PyTorch has {torch}"


def _number(number: float | str) -> str:
    return number if isinstance(number, str) else f"{number:g}".replace("-", "−")


def at_kinks(record: Record) -> tuple[tuple[Kink, Array], ...]:
    """Each kink of the op, with which elements lie at it."""
    args = [untraced(arg) for arg in record.args]
    return tuple((kink, np.asarray(kink.where(*args, **record.params))) for kink in record.op.kinks)
