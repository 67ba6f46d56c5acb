"""What graphs are asked about how they are wired, by diagnoses of one iteration and of a whole run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np

from ..graph import Graph, Source
from ..ops import Registry
from .edits import Edit

Array = np.ndarray[Any, Any]


class Miswired(NamedTuple):
    """A node that is hardly wired as it was meant: what is wrong there, what mends it in words, and by which `edit`."""

    node: str
    text: str
    mend: str
    edit: Edit


def behind(graph: Graph, registry: Registry, source: Source) -> Source:
    """What a value is, before ops that only pass it on."""
    while (op := registry[graph.nodes[source.node].op]).traits.carries:
        fed = graph.fed(source.node, op.port_name(0))
        if fed is None:
            break
        source = fed
    return source


def softmax_twice(graph: Graph, registry: Registry, nodes: Iterable[str]) -> Iterator[Miswired]:
    """Of these nodes those that take logits, and are given probabilities."""
    for id in nodes:
        inputs = graph.inputs(id)
        if "logits" not in inputs:
            continue
        before = graph.nodes[behind(graph, registry, inputs["logits"]).node]
        if registry[before.op].traits.probabilities:
            name = graph.path(before.id)
            text = f"it takes logits and squashes them itself, but {name} has applied {before.op} already"
            edit: Edit = {"past": {"node": id, "port": "logits", "passed": before.id}}
            yield Miswired(id, text, f"wire what goes into {name}", edit)


def silent_broadcast(
    graph: Graph, registry: Registry, values: Iterable[tuple[Source, Array]], given: Callable[[Source], Array | None]
) -> Iterator[Miswired]:
    """Of these values those for which broadcasting has blown up both of what is `given`: (n, 1) and (n,)."""
    for source, value in values:
        taken = {port: given(fed) for port, fed in graph.inputs(source.node).items()}
        shapes = {port: array.shape for port, array in taken.items() if array is not None and array.ndim}
        op = registry[graph.nodes[source.node].op]
        if op.category == "loss":
            shapes = {port: shape for port, shape in shapes.items() if port in ("prediction", "target", "x", "y")}
            grown = len(set(shapes.values())) > 1 and len({int(np.prod(shape)) for shape in shapes.values()}) == 1
        elif op.by_element and op.category != "compare":  # all of one against all of another is compared on purpose
            grown = len(shapes) > 1 and all(value.size > int(np.prod(shape)) for shape in shapes.values())
        else:
            continue
        if grown:
            sides = " and ".join(f"{port} {shape}" for port, shape in shapes.items())
            text = f"{sides} are both expanded, to {value.shape if op.category != 'loss' else 'each with each'}"
            edit: Edit = {
                "alike": {"node": source.node, "shapes": {port: list(shape) for port, shape in shapes.items()}}
            }
            yield Miswired(source.node, text, "reshape one to the shape of the other", edit)
