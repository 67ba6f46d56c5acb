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
    """Whether what a node gives depends on the mode; that of statistics that it is not given does not."""
    op = registry.get(graph.nodes[id].op)
    if op is None or not op.takes_mode or "bypass" in graph.nodes[id].flags:
        return False
    statistics = op.writes.keys() - {op.target}
    return not statistics or bool(statistics & graph.inputs(id).keys())


def depends_on_mode(graph: Graph, registry: Registry) -> bool:
    """Whether any op of a graph takes the mode."""
    ops = (registry.get(name) for name in {node.op for node in graph.nodes.values()})
    return any(op is not None and op.takes_mode for op in ops)


def mode_of(run: Evaluated, registry: Registry, id: str) -> str:
    """In which mode a node ran, "train" or "eval", where what it gives depends on that; else ""."""
    graph = run.asked.graph
    return run.asked.mode if id in graph.nodes and takes_mode(graph, registry, id) else ""


def mode_text(run: Evaluated, registry: Registry) -> str:
    """`training: dropout on, batch_norm by the batch`: what ops do by the mode; only the mode where none does."""
    graph, trains = run.asked.graph, run.asked.mode == TRAIN
    ops = (registry[name] for name in dict.fromkeys(graph.nodes[id].op for id in by_mode(graph, registry)))
    said: dict[str, list[str]] = {}
    for op in ops:
        said.setdefault(op.modes[0 if trains else 1], []).append(op.name)
    told = [f"{' and '.join(names)} {words}".strip() for words, names in said.items()]
    mode = "training" if trains else "evaluation"
    return f"{mode}: {', '.join(told)}" if told else mode
