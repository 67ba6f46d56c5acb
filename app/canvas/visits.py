"""How each group was looked at when it was left, so that coming back to it finds everything where it was."""

from __future__ import annotations

from .view import View


class Visits:
    """By group, None for the top: zoom and place of the view when it was left."""

    def __init__(self) -> None:
        self._left: dict[str | None, tuple[float, float, float]] = {}

    def leave(self, group: str | None, view: View) -> None:
        """Keep how a group is shown now."""
        self._left[group] = view.scale, view.x, view.y

    def recall(self, group: str | None, view: View) -> bool:
        """Show a group as it was when it was left; False where it has not been shown yet."""
        if group not in self._left:
            return False
        view.scale, view.x, view.y = self._left[group]
        return True

    def forget(self) -> None:
        """These are other groups."""
        self._left = {}
