"""The action that finds a node and goes there."""

from __future__ import annotations

from .action import Action

ACTIONS: tuple[Action, ...] = (
    Action(
        "find.node",
        "Find node…",
        lambda w: w.popups.open_find(),
        ("Ctrl+F",),
        "Edit",
        enabled=lambda w: w.shows_canvas,
        about="Find a node by name, op, path or problem, in any group, and go there",
        line=True,
    ),
)
