"""Another graph that is looked at in the place of the document, not to be edited, and coming back to where one was."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from .undoing import is_looked_at

if TYPE_CHECKING:
    from ..core.evaluating import Root
    from ..core.session import Session
    from .editor import Editor
    from .stepping.breakpoints import Marks


class Place(NamedTuple):
    """Where one was in the document: what was selected, and which group entered; the roots that were chosen; what halts
    and what is watched there.
    """

    selection: frozenset[str]
    active: str | None
    group: str | None
    roots: tuple[Root, ...]
    marks: Marks
    watched: tuple[str, ...]


def look_away(editor: Editor, session: Session, computes: bool = True) -> None:
    """Show another session in the place of the document, which Live `computes`."""
    if not is_looked_at(editor):
        roots, marks, watched = editor.live.chosen, editor.breakpoints.marks, editor.watching.texts
        editor.place = Place(editor.selection, editor.active, editor.group, roots, marks, watched)
    editor.look_at(session, computes)


def come_back(editor: Editor) -> None:
    """Show the document again, as it was left."""
    if not is_looked_at(editor):
        return
    editor.stepper.leave()
    editor.look_at(editor.home)
    place, graph = editor.place, editor.graph
    if place is not None:
        editor.live.set_roots(*place.roots)
        editor.breakpoints.take_up(place.marks)
        editor.watching.take_up(place.watched)
        editor.enter(place.group if place.group in graph.groups else None)
        there = [id for id in place.selection if id in graph.nodes or id in graph.groups]
        editor.select(there, place.active if place.active in there else None)
