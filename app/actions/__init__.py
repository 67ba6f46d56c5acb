"""All that a user can do in a window: one table, which menus, keys, command palette and key sheet read."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from .action import Action, always

_NAMES = (
    *("files", "edit", "selecting", "nudging", "find"),
    *("adding", "wires", "nodes", "groups", "composite", "values", "drawing"),
    *("arrange", "step", "questions", "recording", "training", "runs", "view", "export", "help"),
)
ACTIONS: tuple[Action, ...] = tuple(
    action
    for name in _NAMES
    if find_spec(f"{__name__}.{name}")
    for action in import_module(f".{name}", __name__).ACTIONS
)

__all__ = ["ACTIONS", "Action", "always"]
