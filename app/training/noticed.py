"""What diagnoses have found of a run, over all of its course: what is wrong now, and what was and is over."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from ...core.diagnosing.over_training.finding import ENDS, RunFinding
from ...core.runs.happening import FINDING, Happened, Iterations
from ..plots.data import Region
from ..results.findings import AT_START

if TYPE_CHECKING:
    from ...core.runs.record import RunRecord

ALERT = "alert"


class Noticed:
    """`now` by what each is the same finding; `over` those that have ended, in that order."""

    def __init__(self) -> None:
        self.now: dict[tuple[str, str], RunFinding] = {}
        self.over: list[RunFinding] = []

    @classmethod
    def of(cls, record: RunRecord, behind: int, ended: bool) -> Noticed:
        """What a run has behind it. Where it has `ended` what held then still holds; where it goes on that begins anew
        or is found again, if it does. Raises `GradwireError`.
        """
        found = cls()
        for told in record.events(FINDING):
            if told["iteration"] <= behind:
                found._take_finding(RunFinding.from_json(told))
        if ended:
            return found
        found.over += [replace(each, state=ENDS, number=behind) for each in found.now.values()]
        found.now = {}
        return found

    def take(self, event: Happened | Iterations) -> None:
        """More has happened."""
        if isinstance(event, Iterations):
            self.now.update((each.key, each) for each in event.findings if each.key in self.now)
        elif event.name == FINDING:
            self._take_finding(event.finding)

    def _take_finding(self, finding: RunFinding) -> None:
        if finding.ended:
            self.now.pop(finding.key, None)
            self.over.append(finding)
        else:
            # What a run that goes on has found again is the same as before, and not over.
            self.over = [each for each in self.over if (each.key, each.began) != (finding.key, finding.began)]
            self.now[finding.key] = finding

    @property
    def worst_first(self) -> tuple[RunFinding, ...]:
        """What is wrong now, alerts first, and then what began first."""
        return tuple(sorted(self.now.values(), key=lambda each: (each.level != ALERT, each.began)))

    def regions(self) -> list[Region]:
        """Where plots show it; one for all nodes of which the same is told at the same time."""
        found = [_region([each]) for each in self.over]
        rules: dict[tuple[str, str], list[RunFinding]] = {}
        for each in self.now.values():
            rules.setdefault((each.rule, each.plot), []).append(each)
        return [*found, *map(_region, rules.values())]


def _region(of: Iterable[RunFinding]) -> Region:
    """Of findings of one rule."""
    all = list(of)
    first = all[0]
    text = first.rule if len(all) == 1 else f"{first.rule} ×{len(all)}"
    ended = max(each.number for each in all) if first.ended or first.rule in AT_START else None
    return Region(first.plot, min(each.began for each in all), ended, text, any(each.level == ALERT for each in all))
