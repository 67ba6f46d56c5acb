"""A value moved by a little: what the roots make of it, beside what the gradient says."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ..cancelling import Cancelled, never
from ..errors import RunError
from ..evaluating import Asked, Evaluated, Evaluator
from ..graph import Graph, Source
from ..ops import Registry
from .timeline import Array

EPSILON = 1e-4  # times the size of the value where that is above 1
SET = ("input", "constant")  # whose value is a parameter of the node


class Nudge(NamedTuple):
    """All elements of a value moved by `epsilon`: by how much the roots have moved, and the sum of the gradient."""

    source: Source
    epsilon: float
    moved: float
    gradient: float
    elements: int = 1

    @property
    def quotient(self) -> float:
        """ΔL/ε."""
        return self.moved / self.epsilon


def nudge(run: Evaluated, registry: Registry, node: str, cancelled: Cancelled = never) -> Nudge | None:
    """Compute the graph of a run twice in float64: with an input, constant or parameter as it is, and with it moved.

    Nothing is edited. None where cancelled. Raises `RunError` where the node is none of these, or there is no root that
    depends on it.
    """
    graph, source = run.asked.graph, Source(node, "y")
    name = graph.called(node)
    value, gradient = run.value(source), run.gradient(source)
    if value is None or value.dtype.kind != "f" or graph.nodes[node].op not in (*SET, "parameter"):
        raise RunError(f"an input, a constant or a parameter of floats can be nudged, but not {name}")
    if gradient is None:
        raise RunError(f"nothing would be seen: the gradient does not come back to {name}")
    size = float(np.max(np.abs(value), initial=1.0))
    epsilon = EPSILON * (size if np.isfinite(size) else 1.0)
    start = np.asarray(value, np.float64)
    ends = [_objective(_with(run.asked, registry, node, start + move), registry, cancelled) for move in (0.0, epsilon)]
    if ends[0] is None or ends[1] is None:
        return None
    with np.errstate(all="ignore"):
        return Nudge(source, epsilon, ends[1] - ends[0], float(np.sum(gradient, dtype=np.float64)), int(value.size))


def _objective(asked: Asked, registry: Registry, cancelled: Cancelled) -> float | None:
    run = Evaluator(registry).evaluate(asked, cancelled)
    if run is None:
        return None
    if not run.gradients.starts:
        raise RunError("nothing comes out with that value")
    return run.objective()


def _with(asked: Asked, registry: Registry, node: str, value: Array) -> Asked:
    """The same in float64, with another value of one node."""
    asked = asked._replace(dtype="float64")
    if Source(node, "y") in asked.put:  # what was put in by hand stands in the place of what the node gives
        return asked._replace(put={**asked.put, Source(node, "y"): value})
    if asked.graph.nodes[node].op == "parameter":
        return asked._replace(values={**asked.values, node: value})
    return asked._replace(graph=_set(asked.graph, registry, node, value.tolist()))


def _set(graph: Graph, registry: Registry, node: str, value: Any) -> Graph:
    op = registry[graph.nodes[node].op]
    draft = graph.draft()
    draft.update(node, params={**graph.nodes[node].params, **op.read_parameters({"value": value})})
    return draft.freeze()
