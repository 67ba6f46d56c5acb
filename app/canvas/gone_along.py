"""How the view comes back with an undo: where it has gone along with an edit, and nobody has moved it since."""

from __future__ import annotations

from ...core.document import Change
from ..editor import Editor
from .view import View

Seen = tuple[float, float, float]  # as `View.place_and_zoom`


class GoneAlong:
    """Of one canvas: the last time that the view went along."""

    def __init__(self, editor: Editor, view: View) -> None:
        self._editor, self._view = editor, view
        self._to: object = None  # the state to which undo would lead, when it went
        self._before: Seen = view.place_and_zoom
        self._after: Seen | None = None

    def went(self, before: Seen) -> None:
        """It has gone from `before` to where it is now, to show what the last edit has made."""
        history = self._editor.document.history
        entry = history.next_undo
        to = None if entry is None else (history.state[0], entry.before)
        if to != self._to or before != self._after:  # else it went in several steps
            self._to, self._before = to, before
        self._after = self._view.place_and_zoom

    def follow(self, change: Change) -> bool:
        """Whether it has come back, since that edit was undone."""
        undone = change.source == "undo" and self._to == self._editor.document.history.state
        if not undone or self._after != self._view.place_and_zoom:
            return False
        self._view.x, self._view.y, self._view.scale = self._before
        self._to = self._after = None
        return True
