"""Transactions' verbs for what is only drawn: the bends of wires, and notes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..errors import EditError
from ..graph.elements import Group, Places, check_note, place
from .editing import Editing
from .edits import AddGroup, SetBends, SetNote


class Drawing(Editing):
    """The verbs that change nothing of what is computed."""

    def set_bends(self, target: str, port: str, points: Iterable[tuple[float, float]]) -> None:
        """Let the wire into a port be drawn through these points (x, y), in order from its source; none: straight."""
        self.node(target)
        old = self.graph.bends.get((target, port), ())
        self.swap(SetBends(target, port, old, tuple(map(place, points))))

    def copy_bends(
        self, bends: Mapping[tuple[str, str], Places], ids: Mapping[str, str], offset: tuple[float, float] = (0.0, 0.0)
    ) -> None:
        """Bend the wires of copies (old id -> new id) as those that they were copied from, by `offset` elsewhere."""
        for (target, port), points in bends.items():
            if target not in ids:
                raise EditError(f"what is pasted has bends of a wire into {target!r}, which is no part of it")
            if self.graph.fed(ids[target], port) is not None:
                self.set_bends(ids[target], port, [(x + offset[0], y + offset[1]) for x, y in points])

    def add_note(self, text: str, *, group: str | None = None, position: tuple[float, float] = (0.0, 0.0)) -> str:
        """Add a note, a group that holds nothing but a text, in `group` or at the top; returns its id."""
        new = self.free_id("note")
        self.apply(AddGroup(Group(new, self.free_name("note", group), group, position=position, note=check_note(text))))
        return new

    def set_note(self, id: str, text: str | None) -> None:
        """Set the text of a note or a group; None: it has none, and a note becomes an empty frame."""
        self.swap(SetNote(id, self.graph.group(id).note, None if text is None else check_note(text)))
