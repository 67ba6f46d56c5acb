"""Groups and frames: a frame is a group that is shown with what lies within."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from ...core.document import Transaction
from ...core.errors import EditError
from ...core.graph import GraphView
from .moving import outermost
from .naming import counted


def group(t: Transaction, ids: Iterable[str], collapsed: bool = True) -> str:
    """Put nodes and groups into a new group, collapsed to one box or, as a frame, shown with them; returns its id."""
    roots = outermost(t.graph, ids)
    with t.step():
        new = t.group(roots, None if collapsed else t.free_name("frame", _around(t, roots)))
        if collapsed:
            t.collapse(new)
    return new


def _around(t: Transaction, roots: Sequence[str]) -> str | None:
    """The group in which a new one around these will lie."""
    if not roots:
        raise EditError("a group needs at least one node")
    chains = [t.graph.chain(t.graph.item(id).group) for id in roots]
    return next((group for group in chains[0] if all(group in chain for chain in chains)), None)


def ungroup(t: Transaction, ids: Iterable[str]) -> list[str]:
    """Take groups away and leave what lies in them; returns that."""
    found = [id for id in ids if id in t.graph.groups]
    groups = [id for id in found if not t.graph.is_note(id)]
    if found and not groups:
        raise EditError("ungrouping needs a group, found a note, which holds nothing", hint="Del deletes it")
    if not groups:
        raise EditError("ungrouping needs a group, found none selected", hint="Ctrl+G makes one")
    members: list[str] = []
    with t.step():
        for id in groups:
            members += t.ungroup(id)
    return [id for id in members if id not in groups]


def put_into(t: Transaction, ids: Iterable[str], group: str | None) -> None:
    """Put nodes and groups into a group, None: the top; under other names where theirs are taken there."""
    moved = [id for id in outermost(t.graph, ids) if t.graph.item(id).group != group]
    if not moved:
        where = "at the top" if group is None else f"in {t.graph.path(group)}"
        raise EditError(f"what is selected lies {where} already")
    with t.step():
        for id in moved:
            item = t.graph.item(id)
            if t.graph.named(item.name, group) is not None:
                t.rename(id, t.free_name(item.name, group, item.group))
            t.set_group(id, group)


def put_label(graph: GraphView, ids: Collection[str], group: str | None) -> str:
    """`Put relu into block`, `Take 2 nodes out of block`"""
    called = counted(graph, ids)
    around = {graph.item(id).group for id in ids}
    left = next(iter(around)) if len(around) == 1 else None
    if left is not None and (group is None or group in graph.chain(graph.groups[left].group)):
        return f"Take {called} out of {graph.groups[left].name}"
    return f"Put {called} into {graph.groups[group].name}" if group is not None else f"Take {called} out"


def toggle_collapsed(t: Transaction, ids: Iterable[str]) -> None:
    """Collapse groups, or expand them where all are collapsed."""
    groups = [t.graph.groups[id] for id in ids if id in t.graph.groups and not t.graph.is_note(id)]
    if not groups:
        raise EditError("collapsing needs a group, found none selected", hint="Ctrl+G makes one")
    expand = all(group.collapsed for group in groups)
    with t.step():
        for group in groups:
            (t.expand if expand else t.collapse)(group.id)
