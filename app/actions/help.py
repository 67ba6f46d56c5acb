"""The actions that find other actions and explain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .action import Action

if TYPE_CHECKING:
    from ..window import Window


def _has_card(window: Window) -> bool:
    return window.editor.active is not None


def _open_card(window: Window) -> None:
    active = window.editor.active
    assert active is not None
    window.popups.open_card(active)


ACTIONS: tuple[Action, ...] = (
    Action(
        "help.palette",
        "Find an action…",
        lambda w: w.popups.open_palette(),
        ("Ctrl+Shift+P", "Ctrl+K"),
        "Help",
        about="Type a few letters of what you want to do",
    ),
    Action(
        "help.card",
        "What this op does",
        _open_card,
        ("F1",),
        "Help",
        enabled=_has_card,
        about="Formula, shapes, forward and backward rule, an example",
    ),
    Action(
        "help.keys",
        "Keys…",
        lambda w: w.popups.open_key_sheet(),
        ("Shift+?", "?"),  # X asks for the sign alone, as Shift is what makes it; other systems for both
        "Help",
        about="All keys; choose a preset, or press other ones",
    ),
    Action(
        "help.about",
        "About Gradwire",
        lambda w: w.popups.show_about(),
        (),
        "Help",
        about="Version and licences",
        line=True,
    ),
)
