"""What a user can do, as data: menu, shortcut, command palette, key sheet and enablement all read it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from ..window import Window


def always(_: Window) -> bool:
    """An action that can be done at any time."""
    return True


def not_empty(window: Window) -> bool:
    """Whether there is a graph to do it to."""
    return bool(window.editor.graph.nodes)


@dataclass(frozen=True)
class Action:
    """One thing to do in a window.

    `keys` are the default ones, as Qt spells them ("Ctrl+Shift+Z"). With a `focus` of "canvas" they act only while
    the canvas has the keyboard, so that letters typed into a field are letters. `menu` is its place in the menu bar:
    "Edit" or, in a submenu, "Edit/Align"; None: command palette and keys only.
    """

    id: str  # "edit.undo": what key presets and tests call it
    text: str
    run: Callable[[Window], object]
    keys: tuple[str, ...] = ()
    menu: str | None = None
    focus: str = "window"
    enabled: Callable[[Window], bool] = always
    checked: Callable[[Window], bool] | None = None
    about: str = ""  # one line: the tooltip, and what the key sheet says
    line: bool = False  # whether a line parts it from what stands above it in its menu
    on_rows: bool = False  # whether it acts, in a list whose rows are about nodes, on the node of the row
    words: tuple[str, ...] = ()  # by which it is sought as well, where its text has other ones
    refusal: Callable[[Window], str] | None = None  # what is told where a key asks for what cannot be done now
    tap: str = ""  # the key that does it where canvas or timeline take it themselves: menus show it beside the text


class Menu(NamedTuple):
    """What the actions of one menu have in common, said once: its path, what their ids begin with, when they can be
    done, where their keys act, and what is told where they cannot be done.
    """

    path: str
    prefix: str
    enabled: Callable[[Window], bool] = always
    focus: str = "window"
    refusal: Callable[[Window], str] | None = None

    def action(
        self, name: str, text: str, about: str, run: Callable[[Window], object], *keys: str, **other: Any
    ) -> Action:
        """One of them; `other` fields of an `Action` are its own, also in the place of what they have in common."""
        common = {"menu": self.path, "enabled": self.enabled, "focus": self.focus, "refusal": self.refusal}
        return Action(f"{self.prefix}.{name}", text, run, keys, about=about, **{**common, **other})
