"""What of the graph is lit, and what is told of it: the part that is isolated, and over it the answer to a question."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QObject, Signal

from ...core.document import Change
from ...core.stepping.between import Region, between
from ...core.stepping.mending import Mend

if TYPE_CHECKING:
    from ..editor import Editor


class Answer(NamedTuple):
    """What was found out: `lines` to be read, a part of the graph to be lit, and nodes to be ringed, with a word each.

    `shown` is the node that it is about; `mends` are what would help, with what is `wrong` where that is another thing
    than the second line tells; `text` is the answer in one piece, where it takes more than one of the lines.
    """

    lines: tuple[str, ...]
    region: Region = Region()
    rings: Mapping[str, str] = MappingProxyType({})
    shown: str | None = None
    mends: tuple[Mend, ...] = ()
    text: str = ""
    wrong: str = ""


class Spotlight(QObject):
    """Of one editor. `changed` whenever something else is lit or told.

    An answer stands until the next step or edit; what is isolated, until it is ended or its nodes are gone.
    """

    changed = Signal()

    def __init__(self, editor: Editor) -> None:
        super().__init__(editor)
        self._editor = editor
        self.answer: Answer | None = None
        self._isolated: frozenset[str] = frozenset()  # the nodes that were selected for it
        self._region = Region()
        editor.replaced.connect(self._clear)
        editor.changed.connect(self._follow)
        editor.stepper.changed.connect(self.end_answer)

    @property
    def region(self) -> Region | None:
        """What is lit, all else being dimmed; None where nothing is."""
        if self.answer is not None and self.answer.region.nodes:
            return self.answer.region
        return self._region if self.isolates else None

    @property
    def isolates(self) -> bool:
        """Whether a part of the graph is isolated."""
        return bool(self._isolated)

    # What is isolated.

    def isolate(self, ids: Iterable[str]) -> bool:
        """Dim all but the ways between these nodes and groups, of one node all but what it is joined to.

        Whether there are such ways.
        """
        graph = self._editor.graph
        nodes = {node for id in ids for node in (graph.interior(id)[0] if id in graph.groups else [id])}
        region = between(graph, nodes) if nodes else Region()
        if region.nodes:
            self._isolated, self._region, self.answer = frozenset(nodes), region, None
            self.changed.emit()
        return bool(region.nodes)

    # What is told.

    def tell(self, answer: Answer) -> None:
        """Show an answer, in place of the last one."""
        self.answer = answer
        self.changed.emit()

    def end_answer(self) -> None:
        """Take the answer away."""
        if self.answer is not None:
            self.answer = None
            self.changed.emit()

    def end(self) -> bool:
        """Take away what was shown last: the answer, else what is isolated. Whether there was anything."""
        if self.answer is not None:
            self.end_answer()
            return True
        shown = self.isolates
        self._clear()
        return shown

    # Following the document.

    def _clear(self) -> None:
        if self.isolates or self.answer is not None:
            self._isolated, self._region, self.answer = frozenset(), Region(), None
            self.changed.emit()

    def _follow(self, change: Change) -> None:
        if not change.semantic:
            return
        self.end_answer()
        if self.isolates:
            left = [id for id in self._isolated if id in change.after.nodes]
            if len(left) < len(self._isolated) or not self.isolate(left):
                self._clear()
