"""From a Python function to a graph: the function is called once with symbols, and each op it applies is a node."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from ..builder import Builder, Symbol
from ..document import Document, Transaction
from ..errors import RunError, usage_told
from ..graph import Graph, Source
from ..graph.elements import COLUMN, ROW
from ..op import Aval
from ..ops import Registry, installed
from ..passes import remove_unused
from ..plan import Plan, Step
from ..refusing import numbers
from ..transform import check_function


@usage_told
def trace(fn: Callable[..., Any], *example: Any, registry: Registry | None = None) -> Graph:
    """The graph of `fn`, with an input for each argument, named as in its signature, of the example's shape.

    Integers and floats of Python count as float64. What `fn` returns is named "y", or "y1", "y2", … where it
    returns several. A random state that it gives to ops is left to the runs of the graph.

    Raises `RunError` where `fn` returns something that does not depend on its arguments, and where it asks for the
    number of a value, which has none yet.
    """
    check_function(fn, "trace")
    registry = registry or installed()
    arrays = [_example(value, i) for i, value in enumerate(example)]
    builder = Builder()
    names = _argument_names(fn, len(arrays))
    symbols = [builder.input(name, Aval(a.shape, a.dtype)) for name, a in zip(names, arrays, strict=True)]
    result = fn(*symbols)
    outputs = list(result) if isinstance(result, (tuple, list)) else [result]
    for output in outputs:
        if not isinstance(output, Symbol):
            raise RunError(f"a traced function must return what it computed from its arguments, got {output!r}")
    doubles = any(a.dtype == np.float64 for a in arrays)
    return _draw(builder, names, outputs, registry, "float64" if doubles else "float32")


def _example(value: Any, position: int) -> np.ndarray[Any, Any]:
    array = numbers(value, f"argument {position} must hold")
    return array.astype(np.float64) if not hasattr(value, "dtype") and array.dtype.kind in "iub" else array


def _argument_names(fn: Callable[..., Any], count: int) -> list[str]:
    """The names of the first `count` arguments; x1, x2, … where the signature does not tell them."""
    try:
        arguments = list(inspect.signature(fn).parameters.values())
    except (TypeError, ValueError):
        arguments = []
    plain = [a.name for a in arguments if a.kind in (a.POSITIONAL_ONLY, a.POSITIONAL_OR_KEYWORD)]
    names: list[str] = []
    for i in range(count):
        name = plain[i] if i < len(plain) else f"x{i + 1}"
        names.append(f"{name}_2" if name in names else name)
    return names


def _draw(builder: Builder, names: list[str], outputs: list[Symbol], registry: Registry, dtype: str) -> Graph:
    # What derivatives compute on the way and do not need is not drawn.
    plan = remove_unused(_stateless(builder.finish({str(i): output for i, output in enumerate(outputs)})))
    document = Document(registry=registry)
    sources: dict[int, Source] = {}
    depth: dict[int, int] = {}
    rows: dict[int, int] = {}

    def place(values: tuple[int, ...], args: tuple[int, ...]) -> tuple[float, float]:
        column = max((depth[a] + 1 for a in args), default=0)
        row = rows[column] = rows.get(column, -1) + 1
        depth.update((value, column) for value in values)
        return column * COLUMN, row * ROW

    with document.transaction("Trace") as t:
        t.set_dtype(dtype)
        for name, number in zip(names, builder.inputs.values(), strict=True):
            aval = builder.avals[number]
            kind = "float" if aval.dtype == dtype else aval.dtype.name
            id = t.add("input", name=name, position=place((number,), ()), shape=aval.shape, dtype=kind)
            sources[number] = Source(id, "y")
        for number, value in plan.constants.items():
            kind = "float" if value.dtype == dtype else value.dtype.name
            id = t.add("constant", position=place((number,), ()), value=value.tolist(), dtype=kind)
            sources[number] = Source(id, "y")
        for step in plan.steps:
            args = [(step.op.port_name(i), a) for i, a in enumerate(step.args) if a is not None]
            at = place(step.outs, tuple(a for _, a in args))
            wired = {port: sources[a] for port, a in args}
            params = {k: v for k, v in step.params.items() if step.op.defaults.get(k, ...) != v}
            id = t.add(step.op.name, position=at, inputs=wired, params=params)
            sources.update((out, Source(id, o.name)) for out, o in zip(step.outs, step.op.outputs, strict=True))
        free = [place((), (output.slot,)) for output in outputs]
        taken = {sources[number].node for number in builder.inputs.values()}
        _name_results(t, [sources[output.slot] for output in outputs], taken, free)
    return document.graph


def _stateless(plan: Plan) -> Plan:
    """A plan in which no step is given the state of random numbers: that no wire brings, each run has its own."""

    def without(step: Step) -> Step:
        kept = (arg if step.op.has_port(step.op.port_name(i)) else None for i, arg in enumerate(step.args))
        return step._replace(args=tuple(kept))

    return replace(plan, steps=tuple(without(step) if step.op.takes_state else step for step in plan.steps))


def _name_results(t: Transaction, results: list[Source], taken: set[str], free: list[tuple[float, float]]) -> None:
    """Call the results y, or y1, y2, …: one whose node has a name to keep is called so behind an identity."""
    for i, (source, position) in enumerate(zip(results, free, strict=True)):
        id = source.node
        if id in taken:
            id = t.add("identity", position=position, inputs={"x": source})
        taken.add(id)
        t.rename(id, t.free_name("y" if len(results) == 1 else f"y{i + 1}", None))
