"""∂B/∂A asked of two nodes, one after the other: the first is kept until the other one is clicked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..editor import Editor


class Pairing:
    """Of one editor: `ask(first, second)` once both are known."""

    def __init__(self, editor: Editor, ask: Callable[[str, str], None]) -> None:
        self._editor, self._ask = editor, ask
        self._first: str | None = None

    def take(self, nodes: Sequence[str]) -> None:
        """Two nodes; or one, which goes with the one for which this was asked before."""
        editor, known = self._editor, self._first
        self._first = None
        if len(nodes) == 2:
            self._ask(*nodes)
        elif known in editor.graph.nodes and known != nodes[0]:
            self._ask(str(known), nodes[0])
        else:
            self._first = nodes[0]
            editor.told.emit(f"∂B/∂A of {editor.graph.path(nodes[0])} and: click the other node, Esc ends it", "note")

    def take_other(self, node: str) -> None:
        """A node was clicked: where one of two is asked for, it is the other."""
        if self._first is not None and node in self._editor.graph.nodes and node != self._first:
            self.take([node])

    def end(self) -> bool:
        """Ask for no other node any more; whether one was asked for."""
        asked, self._first = self._first is not None, None
        if asked:
            self._editor.told.emit("", "note")
        return asked

    def forget(self) -> None:
        """The nodes are those of another document."""
        self._first = None
