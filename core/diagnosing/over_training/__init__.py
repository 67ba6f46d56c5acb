"""Diagnoses of a whole training run: what begins to go wrong, goes on and ends, with its number and its band.

`DIAGNOSES` are all of them. A `Watcher` is fed with facts, which a `Follower` makes of a trainer; a `RunFinding` says
what was found, and `mending` makes the edit that would mend it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .diagnosis import Diagnosis, Threshold, Verdict, limits, usual
    from .facts import Epoch, Look, Start, Stretch, Subject
    from .finding import BEGINS, ENDS, GOES_ON, WORSENS, RunFinding
    from .following import Follower
    from .watcher import DIAGNOSES, Watcher

# Loaded when first used: who only reads findings needs no diagnoses.
_HOMES = {
    **dict.fromkeys(("Diagnosis", "Threshold", "Verdict", "limits", "usual"), "diagnosis"),
    **dict.fromkeys(("Epoch", "Look", "Start", "Stretch", "Subject"), "facts"),
    **dict.fromkeys(("BEGINS", "ENDS", "GOES_ON", "WORSENS", "RunFinding"), "finding"),
    **dict.fromkeys(("DIAGNOSES", "Watcher"), "watcher"),
    "Follower": "following",
}

__all__ = [
    "BEGINS",
    "DIAGNOSES",
    "ENDS",
    "GOES_ON",
    "WORSENS",
    "Diagnosis",
    "Epoch",
    "Follower",
    "Look",
    "RunFinding",
    "Start",
    "Stretch",
    "Subject",
    "Threshold",
    "Verdict",
    "Watcher",
    "limits",
    "usual",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOMES[name]}", __name__), name)
