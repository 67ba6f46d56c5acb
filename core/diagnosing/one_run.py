"""All diagnoses of one run, and how they are made."""

from __future__ import annotations

from ..cancelling import Cancelled, never
from ..catalogue import Catalogue
from ..errors import GradwireError
from ..stepping import Timeline
from ..stepping.recorder import Recorder
from . import backward, forward, modes, structure, updates
from .finding import ALERT, Finding, Rule

RULES: Catalogue[Rule] = Catalogue(
    "a diagnosis", (*forward.RULES, *backward.RULES, *structure.RULES, *updates.RULES, *modes.RULES)
)


def diagnose(timeline: Timeline, cancelled: Cancelled = never) -> tuple[Finding, ...]:
    """All findings of a run, alerts first; those so far where the work was cancelled."""
    found: list[Finding] = []
    training = _in_training(timeline, cancelled)
    for rule in RULES:
        looked_at = training if rule.trains else timeline
        if cancelled() or looked_at is None:
            continue
        found += rule.find(looked_at)
    return tuple(sorted(found, key=lambda finding: finding.level != ALERT))


def found_by(rule: str, timeline: Timeline, cancelled: Cancelled = never) -> tuple[Finding, ...]:
    """What one rule finds of a run."""
    found = RULES.get(rule)
    looked_at = _in_training(timeline, cancelled) if found is not None and found.trains else timeline
    return () if looked_at is None or found is None else tuple(found.find(looked_at))


def _in_training(timeline: Timeline, cancelled: Cancelled) -> Timeline | None:
    """The iteration that training would do with these values; None where there is none."""
    asked = timeline.run.asked
    if timeline.updated:
        return timeline
    if asked.graph.training is None or asked.graph.training.loss not in asked.graph.nodes or timeline.run.errors:
        return None
    try:
        iteration = Recorder(asked._replace(roots=()), timeline.registry).iteration(1, cancelled)
    except GradwireError:  # of settings that training refuses, which a check tells
        return None
    return None if iteration is None or not iteration.timeline.updated else iteration.timeline
