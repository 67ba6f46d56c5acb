"""The three flags of a node: bypass (passes its input on), detach (stops the gradient), freeze (is not trained)."""

from __future__ import annotations

from collections.abc import Iterable

from ...core.document import Transaction
from ...core.errors import EditError
from ...core.graph import GraphView
from .moving import with_interior
from .naming import counted

VERBS = {  # of undo labels: put on, taken off
    "bypass": ("Bypass", "Stop bypassing"),
    "detach": ("Detach", "Reattach"),
    "freeze": ("Freeze", "Unfreeze"),
}


def flagged(graph: GraphView, ids: Iterable[str], flag: str) -> list[str]:
    """The nodes that a flag of a selection is for: those within groups too, and of freeze the parameters only."""
    nodes = [id for id in with_interior(graph, ids) if id in graph.nodes]
    return [id for id in nodes if flag != "freeze" or graph.nodes[id].op == "parameter"]


def has_flag(graph: GraphView, ids: Iterable[str], flag: str) -> bool:
    """Whether all nodes that the flag is for have it."""
    nodes = flagged(graph, ids, flag)
    return bool(nodes) and all(flag in graph.nodes[id].flags for id in nodes)


def flag_label(graph: GraphView, ids: list[str], flag: str) -> str:
    """`Bypass relu`, `Unfreeze 2 nodes`"""
    return f"{VERBS[flag][has_flag(graph, ids, flag)]} {counted(graph, ids)}"


def toggle_flag(t: Transaction, ids: Iterable[str], flag: str) -> None:
    """Give the flag to all of some nodes, or take it from them where all have it."""
    ids = list(ids)
    nodes = flagged(t.graph, ids, flag)
    if not nodes:
        found = ", ".join(t.graph.item(id).name for id in ids[:4]) or "nothing selected"
        needs = "a parameter" if flag == "freeze" else "a node"
        raise EditError(f"{flag} is for {needs}, found {found}")
    off = has_flag(t.graph, nodes, flag)
    with t.step():
        for id in nodes:
            flags = t.node(id).flags
            t.set_flags(id, flags - {flag} if off else flags | {flag})
