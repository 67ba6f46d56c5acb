"""Groups and frames: a frame is a group that is shown with what lies within."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ...core.document import Transaction
from ...core.errors import EditError
from .moving import outermost


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


def toggle_collapsed(t: Transaction, ids: Iterable[str]) -> None:
    """Collapse groups, or expand them where all are collapsed."""
    groups = [t.graph.groups[id] for id in ids if id in t.graph.groups and not t.graph.is_note(id)]
    if not groups:
        raise EditError("collapsing needs a group, found none selected", hint="Ctrl+G makes one")
    expand = all(group.collapsed for group in groups)
    with t.step():
        for group in groups:
            (t.expand if expand else t.collapse)(group.id)
