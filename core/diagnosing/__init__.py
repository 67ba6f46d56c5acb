"""Diagnoses: what is unusual about one run, told with what was measured and what is usual.

A rule is a function of a timeline that yields findings; `RULES` is all of them. None is a verdict: thresholds of the
field differ by orders of magnitude, so each finding tells its number and its band. Those of a whole training are in
`over_training`, those that need runs of their own in `trials`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .finding import ALERT, HINT, Finding, Rule
    from .one_run import RULES, diagnose

# Loaded when first used: the process of a run needs none of what one iteration is looked at with.
_HOMES = {
    "ALERT": "finding",
    "HINT": "finding",
    "Finding": "finding",
    "Rule": "finding",
    "RULES": "one_run",
    "diagnose": "one_run",
}

__all__ = ["ALERT", "HINT", "RULES", "Finding", "Rule", "diagnose"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOMES[name]}", __name__), name)
