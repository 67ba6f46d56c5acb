"""The flags of a node: bypass (passes its input on), detach (stops the gradient), freeze (is not trained), keep (its
gradient is not freed)."""

from __future__ import annotations

from collections.abc import Iterable

from ...core.document import Transaction
from ...core.errors import EditError
from ...core.graph import GraphView, Node
from .moving import with_interior
from .naming import counted

VERBS = {  # of undo labels: put on, taken off
    "bypass": ("Bypass", "Stop bypassing"),
    "detach": ("Detach", "Reattach"),
    "freeze": ("Freeze", "Unfreeze"),
    "keep": ("Keep the gradient of", "Let go of the gradient of"),
}
_NEEDS = {
    "freeze": "freeze is for a parameter",
    "keep": "the gradient of a parameter is kept anyhow; keeping it is for other nodes",
}


def takes(node: Node, flag: str) -> bool:
    """Whether a flag is for this node: freeze is for parameters, keep for all others, as those keep theirs anyhow.

    One that a file has put on may be taken off.
    """
    fits = node.op == "parameter" if flag == "freeze" else node.op != "parameter" if flag == "keep" else True
    return fits or flag in node.flags


def flagged(graph: GraphView, ids: Iterable[str], flag: str) -> list[str]:
    """The nodes that a flag of a selection is for, those within groups too."""
    return [id for id in with_interior(graph, ids) if id in graph.nodes and takes(graph.nodes[id], flag)]


def has_flag(graph: GraphView, ids: Iterable[str], flag: str) -> bool:
    """Whether all nodes that the flag is for have it."""
    nodes = flagged(graph, ids, flag)
    return bool(nodes) and all(flag in graph.nodes[id].flags for id in nodes)


def flag_label(graph: GraphView, ids: list[str], flag: str, on: bool | None = None) -> str:
    """`Bypass relu`, `Unfreeze 2 nodes`, `Keep the gradient of relu`; without `on` as `toggle_flag` would do it."""
    off = has_flag(graph, ids, flag) if on is None else not on
    return f"{VERBS[flag][off]} {counted(graph, ids)}"


def set_flag(t: Transaction, ids: Iterable[str], flag: str, on: bool) -> None:
    """Give the flag to those of some nodes that it is for, or take it from them."""
    ids = list(ids)
    nodes = flagged(t.graph, ids, flag)
    if not nodes:
        found = ", ".join(t.graph.item(id).name for id in ids[:4]) or "nothing selected"
        raise EditError(f"{_NEEDS.get(flag, f'{flag} is for a node')}, found {found}")
    with t.step():
        for id in nodes:
            flags = t.node(id).flags
            t.set_flags(id, flags | {flag} if on else flags - {flag})


def toggle_flag(t: Transaction, ids: Iterable[str], flag: str) -> None:
    """Give the flag to all of some nodes, or take it from them where all have it."""
    ids = list(ids)
    set_flag(t, ids, flag, not has_flag(t.graph, ids, flag))
