"""How each group was looked at when it was left, so that coming back to it finds everything where it was."""

from __future__ import annotations

from ...core.session import Session
from .view import View

Shown = tuple[Session, str | None]  # a session, and which of its groups, None for the top


class Visits:
    """By what was shown: zoom and place of the view when it was left."""

    def __init__(self) -> None:
        self._left: dict[Shown, tuple[float, float, float]] = {}

    def leave(self, shown: Shown, view: View) -> None:
        """Keep how a group is shown now."""
        self._left[shown] = view.scale, view.x, view.y

    def recall(self, shown: Shown, view: View) -> bool:
        """Show a group as it was when it was left; False where it has not been shown yet."""
        if shown not in self._left:
            return False
        view.scale, view.x, view.y = self._left[shown]
        return True

    def keep(self, *sessions: Session) -> None:
        """Nobody comes back to any other."""
        self._left = {shown: view for shown, view in self._left.items() if shown[0] in sessions}
