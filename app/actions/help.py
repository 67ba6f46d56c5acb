"""The actions that find other actions and explain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .action import Action
from .selected import takes_one_node

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
        about="Type a few letters of what you want to do, or an edit: fc1 -> relu",
    ),
    Action(
        "help.say",
        "Type an edit…",
        lambda w: w.popups.open_palette(saying=True),
        ("Shift+:", ":"),  # as with ?: X asks for the sign alone, other systems for both
        "Help",
        focus="canvas",
        enabled=lambda w: w.shows_canvas,
        about="Build by typing: add relu, fc1 -> relu, set fc1.units 64, f = sin(x) + x*y",
    ),
    Action(
        "help.card",
        "What this op does",
        _open_card,
        ("F1",),
        "Help",
        enabled=_has_card,
        refusal=takes_one_node,
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
        "help.plugins",
        "Plugins…",
        lambda w: w.popups.open_plugins(),
        (),
        "Help",
        about="What others have added: enable, disable, load again, or begin one of your own",
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
