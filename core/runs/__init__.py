"""Runs of training in a process of their own: commands, events, snapshots, curves on the disk, and their folders."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .changing import Change
    from .columns import Columns
    from .happening import Happened, Iterations
    from .record import RunRecord
    from .run import Run
    from .settings import RunSettings
    from .snapshots import Snapshot

# Loaded when first used: the process of a run needs only some of it, and starts the sooner.
_HOMES = {
    "Change": "changing",
    "Columns": "columns",
    "Happened": "happening",
    "Iterations": "happening",
    "Run": "run",
    "RunRecord": "record",
    "RunSettings": "settings",
    "Snapshot": "snapshots",
}

__all__ = ["Change", "Columns", "Happened", "Iterations", "Run", "RunRecord", "RunSettings", "Snapshot"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOMES[name]}", __name__), name)
