"""What stands for a node in a scene: itself, the collapsed group around it, or nothing where it is outside."""

from __future__ import annotations

from ..editing import cover
from .seen import Seen


class Faces:
    """Knows for the group that is entered which nodes and groups are shown, and what hides the others."""

    def __init__(self, editor: Seen) -> None:
        self._editor = editor
        self._covers: dict[str | None, str | None] = {}  # by group

    def forget(self) -> None:
        """Groups are others now."""
        self._covers = {}

    def of(self, id: str) -> str | None:
        """The id of what stands for a node or group here: itself, a collapsed group around it, or None: outside."""
        cover = self.cover(self._editor.graph.item(id).group)
        return id if cover == "" else cover

    def cover(self, group: str | None) -> str | None:
        """The collapsed group that stands for all that lies in `group`; "": none does; None: it is outside."""
        if group not in self._covers:
            self._covers[group] = cover(self._editor.graph, group, self._editor.group)
        return self._covers[group]

    def frame(self, id: str) -> str | None:
        """The frame that is drawn around an item, None where there is none."""
        group = self._editor.graph.item(id).group
        return None if group == self._editor.group else group
