"""The inside of a transaction: one private draft, the edits made in it, and the checks that need the ops."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import TYPE_CHECKING

from ..errors import EditError
from ..graph.draft import Array, Draft
from ..graph.elements import Node, Source
from ..graph.loops import checking_once
from ..graph.view import GraphView
from .edit import Swap, alike
from .edits import AddGroup, AddNode, Edit, RemoveGroup, RemoveNode, SetBends, SetBuiltBy, SetGroup, SetParam, SetWire
from .ports import Ports

if TYPE_CHECKING:
    from ..ops import Registry


class Editing:
    """A draft and the edits made in it so far; where `verbatim`, no further edits are derived from them."""

    def __init__(self, draft: Draft, registry: Registry, *, verbatim: bool = False) -> None:
        self._draft = draft
        self.ports = Ports(draft, registry)
        self._verbatim = verbatim
        self._open = True
        self._building: list[str] = []
        self._by_hand: dict[str, None] = {}  # groups whose interior was edited by hand, in order
        self.edits: list[Edit] = []
        self.unplaced: list[str] = []  # what was added without saying where: it may be given a place

    # --- reading

    @property
    def graph(self) -> GraphView:
        """The graph as it stands within this transaction."""
        return self._draft

    @property
    def values(self) -> Mapping[str, Array]:
        """The values by node id as they stand within this transaction."""
        return MappingProxyType(self._draft.values)

    def node(self, id: str) -> Node:
        """The node with this id as it stands within this transaction."""
        return self._draft.node(id)

    def inputs(self, id: str) -> Mapping[str, Source]:
        """What feeds a node's ports within this transaction."""
        return self._draft.inputs(id)

    def free_id(self, prefix: str) -> str:
        """`prefix` and the smallest number that gives an id not in use."""
        return self._draft.free_id(prefix)

    def free_name(self, name: str, group: str | None, *also: str | None) -> str:
        """`name`, or the first of `name_2`, `name_3` … that is free in a group (and in those of `also`)."""
        return self._draft.free_name(name, group, *also)

    # --- applying

    def apply(self, edit: Edit) -> None:
        """Apply one edit to the draft and keep it; EditError leaves the draft as it was."""
        if not self._open:
            raise EditError("this transaction is closed", hint="open another with document.transaction(...)")
        if isinstance(edit, SetWire):
            if edit.new is not None:
                self.ports.check_wire(edit.new, edit.target, edit.port)
            bends = self._draft.bends.get((edit.target, edit.port))
            if bends and edit.new != edit.old and not self._verbatim:  # another wire does not go the same way
                with self.step():
                    self.apply(SetBends(edit.target, edit.port, bends, ()))
                    self.apply(edit)
                return
        edit.apply(self._draft)
        self.edits.append(edit)
        if self._draft.groups and not self._verbatim:
            for group in _edited_groups(edit, self._draft):
                self._note_hand_edit(group)

    def apply_all(self, edits: Iterable[Edit]) -> None:
        """Apply all of these edits or none."""
        with self.bulk():
            for edit in edits:
                self.apply(edit)

    def swap(self, edit: Swap) -> None:
        """Apply an edit of one cell unless it changes nothing."""
        if not alike(edit.old, edit.new):
            self.apply(edit)

    @contextmanager
    def step(self) -> Iterator[None]:
        """All or nothing for several edits: where one is refused, those before it are taken back."""
        mark, by_hand = len(self.edits), dict(self._by_hand)
        try:
            yield
        except BaseException:
            with checking_once(self._draft):  # on the way back a loop may be there for a moment
                for edit in reversed(self.edits[mark:]):
                    edit.inverse().apply(self._draft)
            del self.edits[mark:]
            self._by_hand = by_hand
            raise

    @contextmanager
    def bulk(self) -> Iterator[None]:
        """Like `step`, for many wires: loops are sought once, at the end."""
        with self.step(), checking_once(self._draft):
            yield

    @contextmanager
    def building(self, *groups: str) -> Iterator[None]:
        """Edits within these groups are made by their layers: they keep their `built_by`."""
        self._building += groups
        try:
            yield
        finally:
            del self._building[len(self._building) - len(groups) :]

    def _note_hand_edit(self, group: str | None) -> None:
        by_hand: list[str] = []
        for outer in self._draft.chain(group):
            by_hand.append(outer)
            if outer in self._building:  # what a layer builds within is its own doing
                by_hand.clear()
        self._by_hand.update(dict.fromkeys(by_hand))

    def finish(self) -> None:
        """The last edits: groups edited by hand are no longer their layers'."""
        for id in self._by_hand:
            group = self._draft.groups.get(id)
            if group is not None and group.built_by is not None:
                self.apply(SetBuiltBy(id, group.built_by, None))

    def close(self) -> None:
        """No edit can be applied any more."""
        self._open = False


def _edited_groups(edit: Edit, view: GraphView) -> list[str | None]:
    """The innermost groups whose interior an edit, already applied, has changed."""
    match edit:
        case AddGroup(group) | RemoveGroup(group) if group.note is not None:
            return []  # a note is no part of what a layer builds
        case AddNode(item) | RemoveNode(item) | AddGroup(item) | RemoveGroup(item):
            return [item.group]
        case SetParam(id):
            return [view.node(id).group]
        case SetGroup(id):
            if view.is_note(id):
                return []
            return [edit.old, edit.new]
        case SetWire(target):
            around = view.chain(view.node(target).group)
            sources = [source for source in (edit.old, edit.new) if source is not None and around]
            chains = [set(view.chain(view.node(source.node).group)) for source in sources]
            return [next((group for group in around if group in chain), None) for chain in chains]
        case _:
            return []
