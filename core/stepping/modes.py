"""In which mode a run is, training or evaluation, and which nodes behave differently by it."""

from __future__ import annotations

from ..evaluating import Evaluated
from ..graph import Graph
from ..ops import Registry

TRAIN, EVAL = "train", "eval"


def by_mode(graph: Graph, registry: Registry) -> list[str]:
    """The nodes whose op takes the mode, in order of computation."""
    return [id for id in graph.order() if takes_mode(graph, registry, id)]


def takes_mode(graph: Graph, registry: Registry, id: str) -> bool:
    """Whether what a node gives depends on the mode."""
    op = registry.get(graph.nodes[id].op)
    return op is not None and "mode" in op.roles.values() and "bypass" not in graph.nodes[id].flags


def depends_on_mode(graph: Graph, registry: Registry) -> bool:
    """Whether any op of a graph takes the mode."""
    ops = (registry.get(name) for name in {node.op for node in graph.nodes.values()})
    return any(op is not None and "mode" in op.roles.values() for op in ops)


def mode_text(run: Evaluated, registry: Registry) -> str:
    """`training: dropout is on`, `evaluation: dropout is off`; only the mode where nothing depends on it."""
    graph, trains = run.asked.graph, run.asked.mode == TRAIN
    ops = list(dict.fromkeys(graph.nodes[id].op for id in by_mode(graph, registry)))
    mode = "training" if trains else "evaluation"
    if not ops:
        return mode
    return f"{mode}: {' and '.join(ops)} {'is' if len(ops) == 1 else 'are'} {'on' if trains else 'off'}"
