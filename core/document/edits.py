"""The edits: every change of a document is one of these, in the visible tuple EDITS.

To add one, write its dataclass here, or in fields.py where it sets one field, and name it in EDITS; history, undo,
journal and tests follow.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from ..errors import EditError
from ..graph.draft import Array, Draft
from ..graph.elements import Group, Node, Places, Source
from ..graph.loops import check_wire
from ..graph.normal_form import FrozenDict, frozen
from .edit import ABSENT, Edit, Swap, require_as_given
from .fields import (
    MoveNode,
    Rename,
    SetBuiltBy,
    SetCollapsed,
    SetDtype,
    SetFlags,
    SetGroup,
    SetNote,
    SetTraining,
)

__all__ = [
    "ABSENT",
    "EDITS",
    "AddGroup",
    "AddNode",
    "Edit",
    "MoveNode",
    "RemoveGroup",
    "RemoveNode",
    "Rename",
    "SetBends",
    "SetBuiltBy",
    "SetCollapsed",
    "SetDtype",
    "SetFlags",
    "SetGroup",
    "SetNote",
    "SetParam",
    "SetTraining",
    "SetValues",
    "SetWire",
    "edit_from_json",
]


@dataclass(frozen=True, slots=True)
class AddNode(Edit):
    """Add a node without wires."""

    node: Node
    codecs: ClassVar[Mapping[str, str]] = {"node": "node"}

    def apply(self, draft: Draft) -> None:
        draft.add_node(self.node)

    def inverse(self) -> Edit:
        return RemoveNode(self.node)


@dataclass(frozen=True, slots=True)
class RemoveNode(Edit):
    """Remove a node that is as given and has neither wires nor a value left."""

    node: Node
    codecs: ClassVar[Mapping[str, str]] = {"node": "node"}

    def apply(self, draft: Draft) -> None:
        require_as_given(draft, draft.node(self.node.id), self.node)
        draft.remove_node(self.node.id)

    def inverse(self) -> Edit:
        return AddNode(self.node)


@dataclass(frozen=True, slots=True)
class AddGroup(Edit):
    """Add an empty group."""

    group: Group
    semantic: ClassVar[bool] = False
    codecs: ClassVar[Mapping[str, str]] = {"group": "group"}

    def apply(self, draft: Draft) -> None:
        draft.add_group(self.group)

    def inverse(self) -> Edit:
        return RemoveGroup(self.group)


@dataclass(frozen=True, slots=True)
class RemoveGroup(Edit):
    """Remove an empty group that is as given."""

    group: Group
    semantic: ClassVar[bool] = False
    codecs: ClassVar[Mapping[str, str]] = {"group": "group"}

    def apply(self, draft: Draft) -> None:
        require_as_given(draft, draft.group(self.group.id), self.group)
        draft.remove_group(self.group.id)

    def inverse(self) -> Edit:
        return AddGroup(self.group)


# --- edits of one cell


@dataclass(frozen=True, slots=True)
class SetWire(Swap):
    """Put another value on a port: None stands for no wire. Refuses a loop, and names it."""

    target: str
    port: str
    old: Source | None
    new: Source | None
    codecs: ClassVar[Mapping[str, str]] = {"old": "source", "new": "source"}

    def read(self, draft: Draft) -> Source | None:
        return draft.fed(self.target, self.port)

    def write(self, draft: Draft) -> None:
        if self.new is not None:
            check_wire(draft, draft.node(self.new.node).id, self.target)
        draft.set_wire(self.target, self.port, self.new)

    def cell(self, draft: Draft) -> str:
        return f"the wire into {draft.path(self.target)}.{self.port}"


@dataclass(frozen=True, slots=True)
class SetParam(Swap):
    """Set a parameter of a node; ABSENT stands for one that is not given, so that its default holds."""

    id: str
    name: str
    old: Any
    new: Any
    free: ClassVar[bool] = True
    may_be_absent: ClassVar[tuple[str, ...]] = ("old", "new")

    def __post_init__(self) -> None:
        for side in self.may_be_absent:
            if (value := getattr(self, side)) is not ABSENT:
                object.__setattr__(self, side, frozen(value))

    def read(self, draft: Draft) -> Any:
        return draft.node(self.id).params.get(self.name, ABSENT)

    def write(self, draft: Draft) -> None:
        params = dict(draft.node(self.id).params)
        params.pop(self.name, None)
        if self.new is not ABSENT:
            params[self.name] = self.new
        draft.update(self.id, params=FrozenDict(params))

    def cell(self, draft: Draft) -> str:
        return f"the parameter {self.name!r} of {draft.path(self.id)}"


@dataclass(frozen=True, slots=True)
class SetBends(Swap):
    """Set the points (x, y) that the wire into a port is drawn through, in order from its source."""

    target: str
    port: str
    old: Places
    new: Places
    semantic: ClassVar[bool] = False
    free: ClassVar[bool] = True
    codecs: ClassVar[Mapping[str, str]] = {"old": "places", "new": "places"}

    def read(self, draft: Draft) -> Places:
        return draft.bends.get((draft.node(self.target).id, self.port), ())

    def write(self, draft: Draft) -> None:
        draft.set_bends(self.target, self.port, self.new)

    def cell(self, draft: Draft) -> str:
        return f"the bends of the wire into {draft.path(self.target)}.{self.port}"


@dataclass(frozen=True, slots=True)
class SetValues(Swap):
    """Set the value (weights) that the document holds for a node; None: none, it is initialised anew."""

    id: str
    old: Array | None
    new: Array | None
    free: ClassVar[bool] = True
    codecs: ClassVar[Mapping[str, str]] = {"old": "array", "new": "array"}

    def read(self, draft: Draft) -> Array | None:
        return draft.values.get(draft.node(self.id).id)

    def write(self, draft: Draft) -> None:
        if self.new is None:
            draft.values.pop(self.id, None)
        else:
            draft.values[self.id] = self.new

    def cell(self, draft: Draft) -> str:
        return f"the value of {draft.path(self.id)}"


EDITS: tuple[type[Edit], ...] = (
    AddNode,
    RemoveNode,
    AddGroup,
    RemoveGroup,
    SetWire,
    SetBends,
    SetParam,
    Rename,
    SetFlags,
    SetGroup,
    MoveNode,
    SetBuiltBy,
    SetCollapsed,
    SetNote,
    SetTraining,
    SetDtype,
    SetValues,
)


def edit_from_json(data: Any) -> Edit:
    """The edit that `to_json` wrote; EditError says what is wrong with `data`."""
    name = data.get("edit") if isinstance(data, Mapping) else None
    kind = next((kind for kind in EDITS if kind.__name__ == name), None)
    if kind is None:
        known = ", ".join(kind.__name__ for kind in EDITS)
        raise EditError(f"an edit must name its kind, found {name!r}", hint=f"kinds: {known}")
    return kind.from_json(data)
