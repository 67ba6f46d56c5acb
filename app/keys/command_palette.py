"""The command palette: every action by a few letters of its name, with its keys beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..actions import ACTIONS, Action
from ..lists.popup import ListPopup
from ..lists.view import Row
from ..search.candidates import match
from .names import key_text

if TYPE_CHECKING:
    from ..window import Window


class CommandPalette(ListPopup):
    """Shows what can be done now; Enter does it."""

    placeholder = "What do you want to do?"

    def __init__(self, window: Window) -> None:
        self._window = window
        self.found: list[tuple[Action, tuple[int, ...]]] = []
        super().__init__(window.theme, window)

    def refresh(self) -> None:
        """Show the actions that match the text, best first; ones that cannot be done now stand below and are faded."""
        words = self.field.text().strip()
        ranked: list[tuple[tuple[bool, float, int], Action, tuple[int, ...]]] = []
        for place, action in enumerate(ACTIONS):
            met = match(words, title(action))
            if met is not None:
                ranked.append(((not action.enabled(self._window), met.rank, place), action, met.found))
        ranked.sort(key=lambda one: one[0])
        self.found = [(action, letters) for _, action, letters in ranked]
        self.list.empty = "No match"
        self.list.show_rows(len(self.found), self._row)
        self._tell()

    def _row(self, row: int) -> Row:
        action, letters = self.found[row]
        keys = self._window.application.keymap.keys(action)
        return Row(
            title(action),
            note=", ".join(map(key_text, keys)),
            found=letters,
            faded=not action.enabled(self._window),
            tip=action.about,
            ticked=action.checked is not None and action.checked(self._window),
        )

    def footer_text(self, row: int) -> str:
        """What the action is for, or that it cannot be done now."""
        if not 0 <= row < len(self.found):
            return ""
        action = self.found[row][0]
        if action.enabled(self._window):
            return action.about
        reason = "" if action.refusal is None else f": {action.refusal(self._window)}"
        return f"Not now{reason}. {action.about}"

    def choose(self, row: int) -> None:
        """Do it."""
        self._window.menus.start(self.found[row][0])


def title(action: Action) -> str:
    """What the action is called outside of its menu: `Theme: Dark`, but `Nudge left`, which says where it stands."""
    place = (action.menu or "").rpartition("/")
    text = action.text.rstrip("…")
    return f"{place[2]}: {text}" if place[0] and not text.startswith(place[2]) else text
