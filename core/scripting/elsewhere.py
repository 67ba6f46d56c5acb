"""A document that another thread owns, as a script has it: read as it stands, edited through its owner."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager
from typing import Any

from ..document import Change, Transaction
from ..document.edits import Edit
from .workspace import SOURCE, Workspace


class DocumentElsewhere:
    """The window's document. What it has as a `Document` it has here too; its edits are made on the window's thread."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def transaction(
        self, label: str, source: str = SOURCE, undoable: bool = True
    ) -> AbstractContextManager[Transaction]:
        """Edit the document, one undo: made on a copy, and all at once where the block ends.

        with doc.transaction("Add two") as t:
            id = t.add("relu", inputs={"x": "fc1"})

        Where the block raises none of it is made; EditError where the window has edited the same meanwhile.
        """
        return self._workspace.transaction(label, source, undoable)

    def replay(self, edits: Iterable[Edit], label: str, source: str = SOURCE, undoable: bool = True) -> Change | None:
        """Apply edits that were made elsewhere, exactly as they are; EditError where they no longer fit."""
        given = tuple(edits)
        return self._on_owner("nothing is replayed", lambda document: document.replay(given, label, source, undoable))

    def undo(self) -> Change | None:
        """Take back the last entry of the history, None if there is none."""
        return self._on_owner("nothing is undone", lambda document: document.undo())

    def redo(self) -> Change | None:
        """Bring back the entry that was undone last, None if there is none."""
        return self._on_owner("nothing is redone", lambda document: document.redo())

    def mark_saved(self) -> None:
        """Say that the document as it stands is saved."""
        self._on_owner("nothing is marked", lambda document: document.mark_saved())

    def _on_owner(self, within: str, work: Any) -> Any:
        self._workspace.refuse_within_edits(within)
        document = self._workspace.session.document
        return self._workspace.host.on_owner(lambda: work(document))

    def __getattr__(self, name: str) -> Any:
        """All that is only read: graph, values, versions, dirty, history, registry, observe."""
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self._workspace.session.document, name)

    def __dir__(self) -> list[str]:
        return sorted({name for name in dir(self._workspace.session.document) if not name.startswith("_")})

    def __repr__(self) -> str:
        graph, history = self.graph, self.history
        last = f", undo takes back {history.undo_label!r}" if history.undo_label else ""
        return f"<the window's document: {len(graph.nodes)} nodes{last}>"
