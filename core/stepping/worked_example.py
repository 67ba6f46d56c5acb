"""An op at work on small numbers: its first sample, computed forward and backward by the core."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

from ..errors import GradwireError
from ..op import Aval, Draw, Op, Sample
from ..transform import vjp

Array = np.ndarray[Any, Any]


class Example(NamedTuple):
    """Arguments by port, the results by output, the gradients of the sum of the first result by port."""

    arguments: tuple[tuple[str, Array], ...]
    params: dict[str, Any]
    results: tuple[tuple[str, Array], ...]
    gradients: tuple[tuple[str, Array], ...]
    without_gradient: str | None  # why there are none


def small_numbers(shape: tuple[int, ...], domain: str, number: int) -> Array:
    """Short numbers of both signs, as the domain wants them; `number` says of which argument."""
    size = int(np.prod(shape))
    values: Array = ((np.arange(size) * 3 + 2 * number) % 7 - 2.0) / 2 + 0.25 * number  # of a second argument none is 0
    if domain in ("positive", "distinct"):
        values = np.arange(1, size + 1) * 0.5 + 0.25 * number
        if domain == "distinct":
            values = np.where(np.arange(size) % 3 == 1, -values, values)
    values = values.reshape(shape)
    if domain in ("probabilities", "log probabilities"):
        values = np.abs(values) + 0.5
        values = values / values.sum(axis=-1, keepdims=True) if shape else np.asarray(0.5)
        return values if domain == "probabilities" else np.log(values)
    if domain == "within 1":
        return values / 4
    return np.abs(values) + 1.5 if domain == "above 1" else values


def argument(given: Any, sample: Sample, number: int) -> Any:
    """An argument of an example, from what a sample says of it: a shape, a draw, or the argument itself."""
    if isinstance(given, Draw):
        values = np.arange(int(np.prod(given.shape))).reshape(given.shape)
        return values % 2 == 0 if given.kind == "bool" else values % max(given.high, 1)
    return small_numbers(given, sample.domain_of(number), number) if isinstance(given, tuple) else given


def worked_example(op: Op) -> Example | None:
    """The first sample of `op` that computes, with its gradients; None where none does, or it has effects."""
    if op.effect:
        return None
    for sample in op.samples:
        try:
            return _work(op, sample)
        except GradwireError:  # an op that needs a session or a graph, such as a data set, has no example
            continue
    return None


def shapes_of(named: Iterable[tuple[str, Array]]) -> dict[str, str]:
    """Of values of an example by name their shapes and types: `(2, 3) f64`."""
    return {name: str(Aval(value.shape, value.dtype)) for name, value in named}


def _work(op: Op, sample: Sample) -> Example:
    args = [argument(given, sample, i) for i, given in enumerate(sample.args)]
    shown = [(op.port_name(i), np.asarray(arg)) for i, arg in enumerate(args) if arg is not None]
    hidden = {port.name for port in op.ports if port.hidden}
    with np.errstate(all="ignore"):
        made = op(*args, **sample.params)
        results = made if isinstance(made, tuple) else (made,)
        names = [op.outputs[i].name for i in op.visible]
        gradients, why = _gradients(op, args, dict(sample.params))
    return Example(
        tuple((name, value) for name, value in shown if name not in hidden),
        {name: value for name, value in sample.params.items() if name not in ("stream", "mode")},
        tuple((name, np.asarray(value)) for name, value in zip(names, results, strict=False)),
        tuple(gradients),
        why,
    )


def _gradients(op: Op, args: list[Any], params: dict[str, Any]) -> tuple[list[tuple[str, Array]], str | None]:
    """The gradient of the sum of the first result with respect to each float argument."""
    if op.no_gradient is not None or op.vjp_rule is None:
        return [], op.no_gradient or "this op has no gradient rule"
    places = [i for i, arg in enumerate(args) if isinstance(arg, np.ndarray) and arg.dtype.kind == "f"]
    places = [i for i in places if not (i < len(op.ports) and op.ports[i].hidden)]
    if not places:
        return [], "no argument is a float"

    def applied(*floats: Any) -> Any:
        complete = list(args)
        for i, value in zip(places, floats, strict=True):
            complete[i] = value
        made = op(*complete, **params)
        return made[0] if isinstance(made, tuple) else made

    value, pull = vjp(applied, *(args[i] for i in places))
    found = pull(np.ones(np.shape(value), np.asarray(value).dtype))
    return [(op.port_name(i), np.asarray(g)) for i, g in zip(places, found, strict=True) if g is not None], None
