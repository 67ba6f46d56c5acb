"""What a cell says of what its window looks at. Called on the window's thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...core.evaluating import Root

if TYPE_CHECKING:
    from ..editor import Editor


class Looking:
    """The part of a host that is about what is shown."""

    _editor: Editor

    def roots(self) -> tuple[Root, ...]:
        """Those that were chosen in the window."""
        return self._editor.live.chosen if self._editor.session is self._editor.home else ()

    def take_roots(self, roots: tuple[Root, ...]) -> None:
        """As *Make this the root* does."""
        self._editor.live.set_roots(*roots)

    def select(self, ids: tuple[str, ...]) -> None:
        """In the group in which they all lie."""
        if ids:
            graph = self._editor.graph
            first, *others = (graph.chain(graph.item(id).group) for id in ids)
            self._editor.enter(next((group for group in first if all(group in each for each in others)), None))
        self._editor.select(ids, active=ids[-1] if ids else None)

    def reveal(self, ids: tuple[str, ...]) -> None:
        """Of one group."""
        self._editor.enter(self._editor.graph.item(ids[0]).group)
        self._editor.select(ids)
        self._editor.wishes.sight.emit(ids)

    def enter(self, group: str | None) -> None:
        """As a double click does."""
        self._editor.enter(group)
