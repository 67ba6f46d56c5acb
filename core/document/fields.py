"""The edits of one field: of a node, of a group, of either, and of the graph itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from ..errors import EditError
from ..graph.draft import Draft
from ..graph.elements import DTYPES, PINS, BuiltBy, Training
from .edit import Swap

Place = tuple[float, float]


class FieldSwap(Swap):
    """An edit of one field of a node, a group or either (an item)."""

    owner: ClassVar[str]  # "node", "group" or "item": how a draft finds it
    field: ClassVar[str]
    id: str

    __slots__ = ()

    def read(self, draft: Draft) -> Any:
        return getattr(getattr(draft, self.owner)(self.id), self.field)

    def write(self, draft: Draft) -> None:
        draft.update(self.id, **{self.field: self.new})

    def cell(self, draft: Draft) -> str:
        return f"the {self.field} of {draft.path(self.id)}"


@dataclass(frozen=True, slots=True)
class Rename(FieldSwap):
    """Give a node or group another name."""

    owner, field, semantic = "item", "name", False
    id: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class SetFlags(FieldSwap):
    """Set all flags of a node: bypass, detach, freeze, keep."""

    owner, field = "node", "flags"
    codecs: ClassVar[Mapping[str, str]] = {"old": "flags", "new": "flags"}
    id: str
    old: frozenset[str]
    new: frozenset[str]

    @property
    def semantic(self) -> bool:  # type: ignore[override]
        """Whether another flag changes than one of what is shown."""
        return not self.old ^ self.new <= PINS


@dataclass(frozen=True, slots=True)
class SetGroup(FieldSwap):
    """Put a node or group into another group; None is the top."""

    owner, field, semantic = "item", "group", False
    id: str
    old: str | None
    new: str | None


@dataclass(frozen=True, slots=True)
class MoveNode(FieldSwap):
    """Move a node or group on the canvas; positions (x, y) in scene units."""

    owner, field, semantic, free = "item", "position", False, True
    codecs: ClassVar[Mapping[str, str]] = {"old": "place", "new": "place"}
    id: str
    old: Place
    new: Place


@dataclass(frozen=True, slots=True)
class SetBuiltBy(FieldSwap):
    """Set the layer that a group is built by; None: it is edited by hand."""

    owner, field, semantic = "group", "built_by", False
    codecs: ClassVar[Mapping[str, str]] = {"old": "built_by", "new": "built_by"}
    id: str
    old: BuiltBy | None
    new: BuiltBy | None


@dataclass(frozen=True, slots=True)
class SetCollapsed(FieldSwap):
    """Collapse or expand a group. Its ports are derived from wires, so nothing else changes."""

    owner, field, semantic = "group", "collapsed", False
    id: str
    old: bool
    new: bool


@dataclass(frozen=True, slots=True)
class SetNote(FieldSwap):
    """Set the text of a group, which is a note where it holds nothing; None: it has none."""

    owner, field, semantic = "group", "note", False
    id: str
    old: str | None
    new: str | None


class GraphSwap(Swap):
    """An edit of one field of the graph itself."""

    field: ClassVar[str]

    __slots__ = ()

    def read(self, draft: Draft) -> Any:
        return getattr(draft, self.field)

    def write(self, draft: Draft) -> None:
        setattr(draft, self.field, self.new)

    def cell(self, draft: Draft) -> str:
        return f"the graph's {self.field}"


@dataclass(frozen=True, slots=True)
class SetTraining(GraphSwap):
    """Set how the graph is trained; None: not at all."""

    field = "training"
    codecs: ClassVar[Mapping[str, str]] = {"old": "training", "new": "training"}
    old: Training | None
    new: Training | None


@dataclass(frozen=True, slots=True)
class SetDtype(GraphSwap):
    """Set the dtype in which the document computes, one of DTYPES."""

    field = "dtype"
    old: str
    new: str

    def __post_init__(self) -> None:
        if self.new not in DTYPES:
            raise EditError(f"a document's dtype must be {' or '.join(DTYPES)}, found {self.new!r}")
