"""Goes through the edits of a change and makes of each what the names of scripts have for it.

An edit says which cell has changed; what it holds then is asked of the graph after the change, so that of several edits
of one cell there is one line, and none where an earlier line has done it already (a group moves what lies within).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ...document.edit import Edit
from ...document.edits import (
    AddGroup,
    AddNode,
    RemoveGroup,
    RemoveNode,
    SetBends,
    SetDtype,
    SetTraining,
    SetWire,
)
from ...document.referring import referred
from ...errors import GradwireError
from ...graph import Graph
from ...graph.draft import Array
from .adding import Unsaid, Waits, add_group, add_node, copy, output
from .cells import Cells
from .comparing import same_training
from .draft import Drafted
from .going import Going
from .spelling import Port, place
from .trained import settings


class Follower:
    """Writes the lines of one change on a draft of what was before it."""

    def __init__(self, drafted: Drafted, before: Graph, after: Graph, values: Mapping[str, Array]) -> None:
        self._d, self._before, self._after = drafted, before, after
        self._view = drafted.t.graph
        known = {**before.nodes, **before.groups}
        stays = {**after.nodes, **after.groups}
        gone = {id for id, item in known.items() if not _lives_on(item, stays.get(id))}
        self._going = Going(drafted, gone)
        self._cells = Cells(drafted, after, values, self._going, self._is_there)
        self._new = {id for id, item in stays.items() if not _lives_on(known.get(id), item)}

    def follow(self, edits: Iterable[Edit], label: str) -> None:
        """Write all lines. Raises `Unsaid` where something has none."""
        waiting = list(edits)
        if label.startswith("Duplicate "):
            copy(self._d, self._before, self._after, self._new)
        while waiting:
            left = [edit for edit in waiting if not self._done(edit)]
            if len(left) == len(waiting):
                raise Unsaid
            waiting = left
        self._d.t.finish()

    def _done(self, edit: Edit) -> bool:
        """Whether what it has led to is there, or a line was written that makes it."""
        try:
            self._tell(edit)
        except (Waits, GradwireError):
            return False
        return True

    def _is_there(self, id: str) -> bool:
        return (id in self._d.ids or id not in self._new) and self._d.has(id)

    # One edit.

    def _tell(self, edit: Edit) -> None:
        if self._going.concerns(edit):
            self._going.remove()
            return
        match edit:
            case AddNode(item) | AddGroup(item):
                self._add(item.id)
            case RemoveNode() | RemoveGroup():
                pass  # it is there again, or was there for a moment only
            case SetTraining():
                self._set_training()
            case SetDtype():
                if self._view.dtype != self._after.dtype:
                    self._d.compute_in(self._after.dtype)
            case SetWire(target, port) | SetBends(target, port):
                self._tell_wire(edit, target, port)
            case _:
                self._cells.tell(edit, edit.id)  # type: ignore[attr-defined]  # all others are of an item

    def _add(self, id: str) -> None:
        after, node, group = self._after, self._after.nodes.get(id), self._after.groups.get(id)
        if id not in self._new or id in self._d.ids:
            return
        if node is not None:
            add_node(self._d, after, node, self._is_there)
            self._cells.set_flags(id)
        elif group is not None:
            add_group(self._d, after, group, self._is_there)
            if self._view.groups[self._d.here(id)].note != group.note:
                self._d.assign(id, "text", group.note)
            self._cells.collapse(id)

    def _tell_wire(self, edit: Edit, target: str, port: str) -> None:
        d, after = self._d, self._after
        if target not in after.nodes:
            return
        if not self._is_there(target):
            raise Waits
        wanted, here = after.fed(target, port), d.here(target)
        if wanted is not None and not self._is_there(wanted.node):
            raise Waits
        if self._view.fed(here, port) != d.source(wanted):
            if wanted is None:
                d.call("disconnect", Port(target, port))
            else:
                d.call("connect", output(d, wanted, d.here(target)), Port(target, port))
        points = after.bends.get((target, port), ())
        if isinstance(edit, SetBends) and self._view.bends.get((here, port), ()) != points:
            d.call("bend", Port(target, port), [place(point) for point in points])

    # Training.

    def _set_training(self) -> None:
        wanted, found = self._after.training, self._view.training
        if same_training(self._view, wanted, self._d.here, self._d.workspace.registry):
            return
        if wanted is None:
            self._d.call("training", None)
            return
        if not all(self._is_there(id) for id in referred(wanted)):
            raise Waits
        self._d.call("training", **settings(self._d, wanted, found))


def _lives_on(before: Any, after: Any) -> bool:
    """Whether a node or group of one graph is that of the other: an op never changes."""
    return before is not None and after is not None and getattr(before, "op", None) == getattr(after, "op", None)
