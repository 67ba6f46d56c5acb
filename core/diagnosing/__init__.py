"""Diagnoses: what is unusual about one run, told with what was measured and what is usual.

A rule is a function of a timeline that yields findings; `RULES` is all of them. None is a verdict: thresholds of the
field differ by orders of magnitude, so each finding tells its number and its band.
"""

from __future__ import annotations

from ..cancelling import Cancelled, never
from ..stepping import Timeline
from . import backward, forward, structure
from .finding import ALERT, HINT, Finding, Rule

RULES: tuple[Rule, ...] = (*forward.RULES, *backward.RULES, *structure.RULES)


def diagnose(timeline: Timeline, cancelled: Cancelled = never) -> tuple[Finding, ...]:
    """All findings of a run, alerts first; those so far where the work was cancelled."""
    found: list[Finding] = []
    for rule in RULES:
        if cancelled():
            break
        found += rule.find(timeline)
    return tuple(sorted(found, key=lambda finding: finding.level != ALERT))


__all__ = ["ALERT", "HINT", "RULES", "Finding", "Rule", "diagnose"]
