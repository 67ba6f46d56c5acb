"""An op of a session expanded into simpler ones, and fused again, by name: one undo each."""

from __future__ import annotations

from ..errors import usage_told
from ..parameters import refuse_unless
from ..session import Session
from .composites import expand_node
from .fusing import fuse_group


@usage_told
def expand(session: Session, node: str) -> str:
    """Put in the place of a node, by its path or id, a group of the simpler ops of which it is made.

    Returns the id of the group, which is that of the node. Raises `EditError` where it is not made of others.
    """
    refuse_unless(session, Session, "expand works on a Session", hint="gw.expand(session, node)")
    refuse_unless(node, str, "a node is named by a text", hint='as in "softmax"')
    id = session.graph.resolve(node)
    with session.document.transaction(expand_label(session.graph.node(id).name)) as t:
        return expand_node(t, id, session.check(), session.dtype).group


@usage_told
def fuse(session: Session, group: str) -> str:
    """Make a group, by its path or id, that `expand` has made the one node again; returns the node's id.

    Raises `EditError` where it was edited by hand since, and where what is within it is read elsewhere.
    """
    refuse_unless(session, Session, "fuse works on a Session", hint="gw.fuse(session, group)")
    refuse_unless(group, str, "a group is named by a text", hint='as in "softmax"')
    graph = session.graph
    id = next((id for id in graph.groups if graph.path(id) == group), group)
    with session.document.transaction(fuse_label(graph.group(id).name)) as t:
        return fuse_group(t, id, session.check(), session.dtype).node


def expand_label(name: str) -> str:
    """What the undo of an expansion is called."""
    return f"Expand {name} into simpler ops"


def fuse_label(name: str) -> str:
    """What the undo of a fusion is called."""
    return f"Fuse {name} again"
