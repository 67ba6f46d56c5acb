"""Goes through the edits of a change and makes of each what the names of scripts have for it.

An edit says which cell has changed; what it holds then is asked of the graph after the change, so that of several edits
of one cell there is one line, and none where an earlier line has done it already (a group moves what lies within).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ...document.edit import ABSENT, Edit, alike
from ...document.edits import (
    AddGroup,
    AddNode,
    MoveNode,
    RemoveGroup,
    RemoveNode,
    Rename,
    SetBends,
    SetBuiltBy,
    SetCollapsed,
    SetDtype,
    SetFlags,
    SetGroup,
    SetNote,
    SetParam,
    SetTraining,
    SetValues,
    SetWire,
)
from ...errors import GradwireError
from ...graph import Graph
from ...graph.draft import Array
from ...graph.elements import same
from .adding import Waits, add_group, add_node, copy, output
from .comparing import outermost, references, same_training
from .draft import Drafted
from .spelling import Port, Thing, place, short
from .trained import settings

MOST = 64  # numbers of a value that stand in a line


class Unsaid(Exception):  # noqa: N818 - no error: the change is told as data
    """There are no names for this change."""


class Follower:
    """Writes the lines of one change on a draft of what was before it."""

    def __init__(self, drafted: Drafted, before: Graph, after: Graph, values: Mapping[str, Array]) -> None:
        self._d, self._before, self._after, self._values = drafted, before, after, values
        self._view = drafted.t.graph
        known = {**before.nodes, **before.groups}
        stays = {**after.nodes, **after.groups}
        self._gone = {id for id, item in known.items() if not _lives_on(item, stays.get(id))}
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

    # What is no more.

    def _is_going(self, edit: Edit) -> bool:
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
        return id in self._gone and id not in self._d.ids

    def _remove(self) -> None:
        old = [id for id in self._gone if id not in self._d.ids and self._d.has(id)]
        emptied = [id for id in old if id in self._view.groups and self._keeps_members(id)]
        for id in outermost(self._view, emptied):
            self._d.call("ungroup", Thing(id))
        whole = sorted(outermost(self._view, [id for id in old if self._d.has(id)]), key=self._view.path)
        if whole:
            self._d.call("remove", *map(Thing, whole))

    def _keeps_members(self, group: str) -> bool:
        """Whether what lies in a group outlives it."""
        return any(id not in self._gone for each in self._view.interior(group) for id in each)

    # One edit.

    def _tell(self, edit: Edit) -> None:
        if self._is_going(edit):
            self._remove()
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
                self._tell_item(edit, edit.id)  # type: ignore[attr-defined]  # all others are of an item

    def _add(self, id: str) -> None:
        after, node, group = self._after, self._after.nodes.get(id), self._after.groups.get(id)
        if id not in self._new or id in self._d.ids:
            return
        if node is not None:
            add_node(self._d, after, node, self._is_there)
            self._set_flags(id)
        elif group is not None:
            add_group(self._d, after, group, self._is_there)
            if self._view.groups[self._d.here(id)].note != group.note:
                self._d.assign(id, "text", group.note)
            self._collapse(id)

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

    def _tell_item(self, edit: Edit, id: str) -> None:
        if id not in self._after.nodes and id not in self._after.groups:
            return
        if not self._is_there(id):
            raise Waits
        match edit:
            case SetParam(_, name):
                self._set_param(id, name)
            case Rename():
                self._rename(id)
            case SetFlags():
                self._set_flags(id)
            case SetGroup():
                self._put(id)
            case MoveNode():
                self._move()
            case SetBuiltBy():
                self._build(id)
            case SetCollapsed():
                self._collapse(id)
            case SetNote():
                if self._view.groups[self._d.here(id)].note != self._after.groups[id].note:
                    self._d.assign(id, "text", self._after.groups[id].note)
            case SetValues():
                self._set_value(id)
            case _:
                raise Unsaid

    def _set_param(self, id: str, name: str) -> None:
        node, found = self._after.nodes[id], self._view.nodes[self._d.here(id)].params.get(name, ABSENT)
        registry = self._d.workspace.registry
        wanted = references(node, registry, self._d.here).get(name, ABSENT)
        if alike(found, wanted):
            return
        op = registry.get(node.op)
        if wanted is ABSENT:
            self._d.clear(id, name)
        elif op is not None and op.reference == name and wanted:
            named = str(node.params[name])
            if not self._is_there(named):
                raise Waits
            self._d.set(id, **{name: Thing(named)})
        else:
            self._d.set(id, **{name: wanted})

    def _rename(self, id: str) -> None:
        wanted = self._after.item(id).name
        if self._view.item(self._d.here(id)).name != wanted:
            self._d.call("rename", Thing(id), wanted)

    def _set_flags(self, id: str) -> None:
        changed = sorted(self._view.nodes[self._d.here(id)].flags ^ self._after.nodes[id].flags)
        for flag in changed:
            self._d.assign(id, flag, flag in self._after.nodes[id].flags)

    def _put(self, id: str) -> None:
        wanted = self._after.item(id).group
        if wanted is not None and not self._is_there(wanted):
            raise Waits
        here = None if wanted is None else self._d.here(wanted)
        left = self._view.item(self._d.here(id)).group
        if left != here and left is not None and left in self._gone:
            self._remove()  # its group goes, and leaves what lies within
        if self._view.item(self._d.here(id)).group != here:
            self._d.assign(id, "within", None if wanted is None else Thing(wanted))

    def _move(self) -> None:
        """All that stands elsewhere in one line; what a group takes with it is not named."""
        view, d = self._view, self._d
        there = [id for items in (self._after.groups, self._after.nodes) for id in items if self._is_there(id)]
        places = {id: self._after.item(id).position for id in there}
        moved = {id: at for id, at in places.items() if view.item(d.here(id)).position != at}
        named: dict[str, tuple[float, float]] = {}
        for id in sorted(moved, key=lambda id: len(self._after.chain(self._after.item(id).group))):
            around = [group for group in self._after.chain(self._after.item(id).group) if group in named]
            if (
                not around
                or _shifted(view.item(d.here(id)).position, view.item(d.here(around[0])).position, named[around[0]])
                != moved[id]
            ):
                named[id] = moved[id]
        for id in [id for id in named if id in self._after.groups]:
            within = [each for ids in self._after.interior(id) for each in ids]
            named.update({each: places[each] for each in within if each in places and each not in moved})
        if len(named) == 1:
            ((id, at),) = named.items()
            d.assign(id, "at", place(at))
        elif named:
            d.call("move", {Thing(id): place(at) for id, at in named.items()})

    def _build(self, id: str) -> None:
        wanted, found = self._after.groups[id].built_by, self._view.groups[self._d.here(id)].built_by
        if wanted is None or found is None or wanted == found:
            return  # what was edited by hand is no layer's any more, without a line of its own
        if wanted.layer != found.layer:
            raise Unsaid
        changed = {name: value for name, value in wanted.params.items() if not same(value, found.params.get(name))}
        if changed:
            self._d.set(id, **changed)

    def _collapse(self, id: str) -> None:
        wanted = self._after.groups[id].collapsed
        if self._view.groups[self._d.here(id)].collapsed != wanted:
            self._d.assign(id, "collapsed", wanted)

    def _set_value(self, id: str) -> None:
        wanted = self._values.get(id)
        if alike(self._d.t.values.get(self._d.here(id)), wanted):
            return
        if self._after.nodes[id].op != "parameter" or (wanted is not None and wanted.size > MOST):
            raise Unsaid
        self._d.assign(id, "value", None if wanted is None else short(wanted))

    # Training.

    def _set_training(self) -> None:
        wanted, found = self._after.training, self._view.training
        if same_training(found, wanted, self._d.here):
            return
        if wanted is None:
            self._d.call("training", None)
            return
        named = [wanted.loss, *(wanted.penalised or ())]
        if not all(self._is_there(id) for id in named):
            raise Waits
        self._d.call("training", **settings(self._d, wanted, found, self._is_there))


def _lives_on(before: Any, after: Any) -> bool:
    """Whether a node or group of one graph is that of the other: an op never changes."""
    return before is not None and after is not None and getattr(before, "op", None) == getattr(after, "op", None)


def _shifted(at: tuple[float, float], old: tuple[float, float], new: tuple[float, float]) -> tuple[float, float]:
    """Where a group that moves takes what lies within, in the words of `move`."""
    return at[0] + new[0] - old[0], at[1] + new[1] - old[1]
