"""All that a user can do in a window: one table, which menus, keys, command palette and key sheet read.

Plugins add to it and take away again what they have added.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from operator import attrgetter

from ...core.catalogue import Catalogue
from .action import Action, always

_NAMES = (
    *("files", "edit", "selecting", "nudging", "find"),
    *("adding", "wires", "nodes", "groups", "composite", "values", "drawing"),
    *("arrange", "step", "questions", "recording", "training", "runs", "view", "macros", "export", "help"),
)
ACTIONS: Catalogue[Action] = Catalogue(
    "an action",
    (
        action
        for name in _NAMES
        if find_spec(f"{__name__}.{name}")
        for action in import_module(f".{name}", __name__).ACTIONS
    ),
    attrgetter("id"),
)

__all__ = ["ACTIONS", "Action", "always"]
