"""What a change takes away, as the lines that remove it."""

from __future__ import annotations

from ...document.edit import Edit
from ...document.edits import AddGroup, AddNode, RemoveGroup, RemoveNode, SetBends, SetDtype, SetTraining, SetWire
from .comparing import outermost
from .draft import Drafted
from .spelling import Thing


class Going:
    """`ids` are those of what is no more."""

    def __init__(self, drafted: Drafted, ids: set[str]) -> None:
        self._d, self.ids = drafted, ids
        self._left = set(ids)  # what no line has removed yet
        self._view = drafted.t.graph

    def concerns(self, edit: Edit) -> bool:
        """Whether it concerns only what is no more, or takes a wire from that."""
        match edit:
            case SetWire(target, _, old, new):
                return self._is_old(target) or (new is None and old is not None and self._is_old(old.node))
            case RemoveNode(item) | RemoveGroup(item):
                return self._is_old(item.id)
            case AddNode() | AddGroup() | SetTraining() | SetDtype():
                return False
            case SetBends(id):
                return self._is_old(id)
            case _:
                return self._is_old(getattr(edit, "id", ""))

    def _is_old(self, id: str) -> bool:
        return id in self.ids and id not in self._d.ids

    def remove(self) -> None:
        """Remove all of it; a group whose members live on leaves them where it was."""
        if not self._left:
            return
        old = [id for id in self._left if id not in self._d.ids and self._d.has(id)]
        emptied = [id for id in old if id in self._view.groups and self._keeps_members(id)]
        for id in outermost(self._view, emptied):
            self._d.call("ungroup", Thing(id))
        whole = sorted(outermost(self._view, [id for id in old if self._d.has(id)]), key=self._view.path)
        if whole:
            self._d.call("remove", *map(Thing, whole))
        self._left.clear()

    def _keeps_members(self, group: str) -> bool:
        """Whether what lies in a group outlives it."""
        return any(id not in self.ids for each in self._view.interior(group) for id in each)
