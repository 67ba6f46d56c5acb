"""What stands for a node in a scene: itself, the collapsed group around it, or nothing where it is outside."""

from __future__ import annotations

from ...core.graph import Graph
from ..editor import Editor
from .queries import Queries


class Showing(Queries):
    """The part of a scene that knows which items are shown."""

    editor: Editor
    _faces: dict[str | None, str | None]  # of each group what hides it

    @property
    def graph(self) -> Graph:
        return self.editor.graph

    def face(self, node: str) -> str | None:
        """The id of what stands for a node or group here: itself, a collapsed group around it, or None: outside."""
        cover = self.cover(self.graph.item(node).group)
        return node if cover == "" else cover

    def cover(self, group: str | None) -> str | None:
        """The collapsed group that stands for all that lies in `group`; "": none does; None: it is outside."""
        if group not in self._faces:
            self._faces[group] = self._cover(group)
        return self._faces[group]

    def _cover(self, group: str | None) -> str | None:
        chain, entered = self.graph.chain(group), self.editor.group
        if entered is not None:
            if entered not in chain:
                return None
            chain = chain[: chain.index(entered)]
        return next((id for id in reversed(chain) if self.graph.groups[id].collapsed), "")

    def parent(self, id: str) -> str | None:
        """The frame that is drawn around an item, None where there is none."""
        group = self.graph.item(id).group
        return None if group == self.editor.group else group
