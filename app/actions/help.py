"""The actions that find other actions and explain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .action import Action

if TYPE_CHECKING:
    from ..window import Window


def _has_card(window: Window) -> bool:
    return window.editor.active is not None


ACTIONS: tuple[Action, ...] = (
    Action(
        "help.palette",
        "Find an action…",
        lambda w: w.open_palette(),
        ("Ctrl+Shift+P", "Ctrl+K"),
        "Help",
        about="Type a few letters of what you want to do",
    ),
    Action(
        "help.card",
        "What this op does",
        lambda w: w.open_card(w.editor.active),
        ("F1",),
        "Help",
        enabled=_has_card,
        about="Formula, shapes, forward and backward rule, an example",
    ),
    Action(
        "help.keys",
        "Keys…",
        lambda w: w.open_key_sheet(),
        ("Shift+?",),
        "Help",
        about="All keys; choose a preset, or press other ones",
    ),
    Action("help.about", "About Gradwire", lambda w: w.show_about(), (), "Help", about="Version and licences"),
)
