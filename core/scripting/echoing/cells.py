"""What is set at one node or group, as the lines that set it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ...document.edit import ABSENT, Edit, alike
from ...document.edits import (
    MoveNode,
    Rename,
    SetBuiltBy,
    SetCollapsed,
    SetFlags,
    SetGroup,
    SetNote,
    SetParam,
    SetValues,
)
from ...graph import Graph
from ...graph.draft import Array
from ...graph.elements import same
from .adding import Unsaid, Waits
from .comparing import references
from .draft import Drafted
from .going import Going
from .spelling import Thing, place, short

MOST = 64  # numbers of a value that stand in a line


class Cells:
    """Writes these lines; `is_there` says whether something is in the draft by now."""

    def __init__(
        self, drafted: Drafted, after: Graph, values: Mapping[str, Array], going: Going, is_there: Callable[[str], bool]
    ) -> None:
        self._d, self._after, self._values, self._going, self._is_there = drafted, after, values, going, is_there
        self._view = drafted.t.graph

    def tell(self, edit: Edit, id: str) -> None:
        """Make its cell hold what it holds after the change."""
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
                self.set_flags(id)
            case SetGroup():
                self._put(id)
            case MoveNode():
                if self._view.item(self._d.here(id)).position != self._after.item(id).position:
                    self._move()  # all at once
            case SetBuiltBy():
                self._build(id)
            case SetCollapsed():
                self.collapse(id)
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

    def set_flags(self, id: str) -> None:
        """Give a node its flags."""
        changed = sorted(self._view.nodes[self._d.here(id)].flags ^ self._after.nodes[id].flags)
        for flag in changed:
            self._d.assign(id, flag, flag in self._after.nodes[id].flags)

    def _put(self, id: str) -> None:
        wanted = self._after.item(id).group
        if wanted is not None and not self._is_there(wanted):
            raise Waits
        here = None if wanted is None else self._d.here(wanted)
        left = self._view.item(self._d.here(id)).group
        if left != here and left is not None and left in self._going.ids:
            self._going.remove()  # its group goes, and leaves what lies within
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

    def collapse(self, id: str) -> None:
        """Show a group as it is shown after the change."""
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


def _shifted(at: tuple[float, float], old: tuple[float, float], new: tuple[float, float]) -> tuple[float, float]:
    """Where a group that moves takes what lies within, in the words of `move`."""
    return at[0] + new[0] - old[0], at[1] + new[1] - old[1]
