"""What a run reads: fed values brought to the shapes and dtypes that the graph wants, parameters, and data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from . import random
from .check import BATCH, Binding, Describe, bind
from .data import describe, prepare
from .data.preparing import Prepared
from .errors import RunError
from .graph import Graph, Node, Source
from .op import Aval
from .ops import Registry
from .program import resolve

Array = np.ndarray[Any, Any]


def describer(folder: Path | None, dtype: str) -> Describe:
    """What a dataset node gives at a batch size, without loading what need not be loaded."""

    def outputs(node: Node, batch: int) -> tuple[Aval, ...]:
        found = describe(node.params, folder)
        return (
            Aval((batch, *found.feature_shape), _of_document(found.x_dtype, dtype)),
            Aval((batch, *found.target_shape), _of_document(found.y_dtype, dtype)),
        )

    return outputs


def _of_document(found: np.dtype[Any], dtype: str) -> np.dtype[Any]:
    return np.dtype(dtype) if found.kind == "f" else found


def prepared(node: Node, folder: Path | None, dtype: str) -> tuple[Prepared, dict[str, tuple[Array, Array]]]:
    """The data of a dataset node, and (x, y) of each part, "train" and "validation", in the document's dtype."""
    found = prepare(node.params, folder)
    parts = {}
    for name, part in (("train", found.train), ("validation", found.validation)):
        parts[name] = (
            part.x.astype(_of_document(part.x.dtype, dtype)),
            part.y.astype(_of_document(part.y.dtype, dtype)),
        )
    return found, parts


def read_feeds(
    graph: Graph, registry: Registry, feed: Mapping[str, Any], dtype: str
) -> tuple[dict[Source, Array], int | None]:
    """The fed values as arrays, and the batch size that the inputs among them tell (None: none has a batch axis).

    Raises `RunError` for a name that is no value, a shape that does not fit, or two batch sizes.
    """
    arrays: dict[Source, Array] = {}
    batches: dict[int, str] = {}
    for text, value in feed.items():
        source = resolve(graph, registry, text)
        node = graph.nodes[source.node]
        arrays[source] = array = _array(text, value, node, dtype)
        wanted = node.params.get("shape") if node.op == "input" else None
        if wanted is None and node.op == "input":
            wanted = ()
        if wanted is None:
            continue
        fits = len(wanted) == array.ndim and all(
            w in (BATCH, a) for w, a in zip(wanted, array.shape, strict=True)
        )
        if not fits:
            shown = "(" + ", ".join(map(str, wanted)) + ("," if len(wanted) == 1 else "") + ")"
            raise RunError(f"{text} must be fed the shape {shown}, got {array.shape}", node=source.node)
        batches.update({a: text for w, a in zip(wanted, array.shape, strict=True) if w == BATCH})
    if len(batches) > 1:
        listed = " and ".join(f"{name} has {size}" for size, name in batches.items())
        raise RunError(f"the fed values must have one batch size, but {listed}")
    return arrays, next(iter(batches), None)


def _array(text: str, value: Any, node: Node, dtype: str) -> Array:
    try:
        array = np.asarray(value)
    except ValueError:
        raise RunError(f"{text} must be fed numbers in rows of one length", node=node.id) from None
    if array.dtype.kind not in "fiub":
        raise RunError(f"{text} must be fed numbers, got {array.dtype}", node=node.id)
    declared = node.params.get("dtype", "float") if node.op in ("input", "parameter", "constant") else None
    if declared == "float" or (declared is None and (array.dtype.kind == "f" or not hasattr(value, "dtype"))):
        return array.astype(dtype)
    if declared is None:
        return array
    cast = array.astype(declared)
    if not np.array_equal(cast, array):
        raise RunError(f"{text} takes {declared}, which does not hold all of what is fed", node=node.id)
    return cast


def initial(graph: Graph, registry: Registry, id: str, binding: Binding) -> Array:
    """The value with which the parameter `id` starts: a pure function of its settings, its id and the seed."""
    node = graph.nodes[id]
    op = registry["parameter"]
    value: Array = op.forward(np, **bind(node, op, binding))
    return value


def parameters(
    graph: Graph, registry: Registry, ids: Iterable[str], values: Mapping[str, Array], binding: Binding
) -> dict[str, Array]:
    """The values of parameters by id, as private arrays: those of the document, and else the initial ones."""
    found = {}
    for id in ids:
        held = values.get(id)
        dtype = np.dtype(str(bind(graph.nodes[id], registry["parameter"], binding)["dtype"]))
        found[id] = (
            initial(graph, registry, id, binding) if held is None else np.array(held, dtype, order="C")
        )
    return found


def random_state(seed: int, iteration: int) -> Array:
    """The random state of an iteration, as runs are fed it."""
    return random.state(seed, iteration)


def need(graph: Graph, registry: Registry, needed: Iterable[str], fed: Mapping[Source, Any]) -> None:
    """Raise `RunError` naming the inputs that the run needs and that nothing feeds."""
    missing = [
        graph.path(id)
        for id in needed
        if graph.nodes[id].op == "input" and not any(s.node == id for s in fed)
    ]
    if missing:
        names = ", ".join(sorted(missing))
        raise RunError(
            f"the run needs {names}, which {'is' if len(missing) == 1 else 'are'} not fed",
            hint=f"feed {sorted(missing)[0]} a value",
        )
