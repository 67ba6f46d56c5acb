"""Optimisers: update rules written with ops, so that they become steps of the plan like everything else.

A rule gets a parameter, its gradient and the learning rate, and reads and writes slots of state of its own.
The same text updates the arrays of an eager run.
"""

from __future__ import annotations

from .groups import MEMBERS, group_settings
from .rule import Slots
from .updating import COUNT, LEARNING_RATE, OPTIMISERS, OWN, kept_slot, optimiser, update

__all__ = [
    "COUNT",
    "LEARNING_RATE",
    "MEMBERS",
    "OPTIMISERS",
    "OWN",
    "Slots",
    "group_settings",
    "kept_slot",
    "optimiser",
    "update",
]
