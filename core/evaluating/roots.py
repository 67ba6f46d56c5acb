"""Where the gradients of an evaluation start, and what comes of going back from there."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np

from ..differentiate import SEED, differentiate
from ..document.ports import value_name
from ..errors import GradwireError, RunError
from ..graph import Graph, Source
from ..ops import Registry
from ..tape import Tensor
from .building import CachedBuilder
from .result import Asked, Evaluated, Gradients, Root

Values = Mapping[Source, Tensor]
NAMED = 4  # results that are told


def roots_of(asked: Asked, registry: Registry, values: Values, taken: Collection[Source]) -> list[Root]:
    """Of what gradients are shown: what was asked for, else the loss, else the one number that comes out.

    Where nothing else comes out that is a root also if it is no float: then there are none, and it is told why.
    `taken` are the sources that some node takes.
    """
    graph, training = asked.graph, asked.graph.training
    chosen = [root for root in asked.roots if root.source.node in graph.nodes]
    if chosen:
        return chosen
    if training is not None and training.loss in graph.nodes:
        op = registry.get(graph.nodes[training.loss].op)
        # None as its start: a loss of several numbers has no gradient, and is told so.
        return [] if op is None else [Root(Source(training.loss, op.outputs[op.visible[0]].name))]
    results = _results(graph, values, taken)
    ends = _numbers(results)
    if not ends and len(results) == 1:
        ends = [s for s, tensor in results.items() if tensor.value.size == 1]
    return [Root(ends[0])] if len(ends) == 1 else []


def no_root(run: Evaluated, registry: Registry) -> str:
    """Why nothing was chosen of which gradients are: `several numbers come out, a and b`; "" where something was."""
    graph = run.asked.graph
    if run.roots:
        return ""
    ends = _numbers(_results(graph, run.tensors, {wire.source for wire in graph.wires()}))
    if not ends:
        return "no single float comes out"
    *others, last = sorted(value_name(graph, registry, source) for source in ends)
    more = f", … ({len(ends)} of them)" if len(ends) > NAMED else f" and {last}"
    return f"several numbers come out, {', '.join(others[:NAMED])}{more}"


def _results(graph: Graph, values: Values, taken: Collection[Source]) -> dict[Source, Tensor]:
    """What is computed and taken by nothing."""
    return {s: tensor for s, tensor in values.items() if s not in taken and graph.inputs(s.node)}


def _numbers(results: Values) -> list[Source]:
    """Those that are one float."""
    return [s for s, tensor in results.items() if tensor.value.size == 1 and tensor.dtype.kind == "f"]


def no_gradient(dtype: np.dtype[Any]) -> str:
    """Why values of a dtype have no gradient; "" of those that have one."""
    if dtype.kind == "f":
        return ""
    return f"{'truth values' if dtype.kind == 'b' else 'whole numbers'} have no gradient"


def no_value(graph: Graph, registry: Registry, missing: Sequence[Source]) -> str:
    """Why there are no gradients of roots some of which are `missing`."""
    names = " and ".join(value_name(graph, registry, source) for source in missing)
    return f"{names} {'has' if len(missing) == 1 else 'have'} no value, so there are no gradients of it"


def starts_of(asked: Asked, roots: Sequence[Root], values: Values) -> tuple[tuple[int, Any], ...]:
    """The numbers of the roots, each with from what it starts.

    One that was chosen starts from 1 at each element, another from 1 if it is one number.
    """
    chosen = set(asked.roots)
    return tuple(
        (values[root.source].slot, 1.0 if root.start is None and root in chosen else root.start) for root in roots
    )


def go_back(
    graph: Graph, builder: CachedBuilder, roots: Sequence[Root], values: Values, of: tuple[tuple[int, Any], ...]
) -> Gradients:
    """The gradients of the roots, which start as `of` says, or why there are none."""
    tensors = [values[root.source] for root in roots]
    builder.at = None
    try:
        pairs = zip(roots, tensors, of, strict=True)
        found = differentiate(builder, tensors, [_start(graph, root, tensor, it[1]) for root, tensor, it in pairs])
    except GradwireError as error:
        return Gradients(error=str(error), node=builder.at, of=of)
    except Exception as error:  # of a plugin's rule
        return Gradients(error=f"{type(error).__name__}: {error}", node=builder.at, of=of)
    starts = {slot: given[0] if len(given) == 1 else sum(given) for slot, given in found.starts.items()}
    parts = {slot: given for slot, _, given in found.gradients()}
    nodes = {tensor.slot: root.source.node for root, tensor in zip(roots, tensors, strict=True)}
    for slot, node in nodes.items():  # a value that nothing computes is known by no node where it is kept
        if slot in parts:
            parts[slot] = [(node if port == SEED else by, port, value) for by, port, value in parts[slot]]
    walked = tuple((record, *builder.origin(record)) for record in found.walked)
    totals = {**starts, **found.totals}  # the walk knows nothing of a root that was put in by hand
    return Gradients(starts, totals, parts, walked, of=of)


def _start(graph: Graph, root: Root, tensor: Tensor, start: Any) -> Any:
    """A starting gradient in the shape of its root. Raises `RunError` where it does not fit."""
    if start is None:
        return None
    array = np.asarray(start, tensor.dtype)
    if array.ndim == 0:
        return np.full(tensor.shape, array, tensor.dtype)
    if array.shape != tensor.shape:
        found = f"the starting gradient of {graph.path(root.source.node)} must have its shape {tensor.shape}"
        raise RunError(f"{found}, got {array.shape}", hint="one number serves for all elements")
    return array
