"""Watches a run: fed with facts, it says what begins to go wrong, what goes on, and what has come to an end."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from ..finding import ALERT, HINT
from .activations import DIAGNOSES as ACTIVATIONS
from .data import DIAGNOSES as DATA
from .diagnosis import Diagnosis, Judge, Verdict, limits
from .epochs import DIAGNOSES as EPOCHS
from .facts import Fact, Look, Stretch, Subject
from .finding import BEGINS, ENDS, GOES_ON, WORSENS, RunFinding
from .forks import DIAGNOSES as FORKS
from .gradients import DIAGNOSES as GRADIENTS
from .losses import DIAGNOSES as LOSSES
from .not_finite import DIAGNOSES as NOT_FINITE
from .penalties import DIAGNOSES as PENALTIES
from .symmetry import DIAGNOSES as SYMMETRY
from .updates import DIAGNOSES as UPDATES
from .wiring import DIAGNOSES as WIRING

DIAGNOSES: tuple[Diagnosis, ...] = (
    *NOT_FINITE,
    *WIRING,
    *LOSSES,
    *SYMMETRY,
    *PENALTIES,
    *GRADIENTS,
    *UPDATES,
    *ACTIVATIONS,
    *FORKS,
    *EPOCHS,
    *DATA,
)


FIRST = "first its cause, "  # begins the mend of what follows from something else
_CAUSES = {each.name: each.causes for each in DIAGNOSES}


class Watcher:
    """Of one run. `thresholds` are those that the user has set, by diagnosis and name; None in place of a diagnosis's
    own says that it is not made. Raises `RunError` for others.

    A diagnosis that fails ends no run: it is made no more, which is told as a finding of its name.
    """

    def __init__(self, subject: Subject, thresholds: Mapping[str, Any] | None = None) -> None:
        self.subject = subject
        chosen = limits(DIAGNOSES, thresholds)
        self._judges: dict[type[Fact], list[tuple[Diagnosis, Judge]]] = {}
        for each in DIAGNOSES:
            if each.name in chosen:
                judge = each.judge(subject, chosen[each.name])
                self._judges.setdefault(each.reads, []).append((each, judge))
        self._found: dict[tuple[str, str], RunFinding] = {}
        self._of: dict[tuple[str, str], str] = {}  # of what each of them is, where a diagnosis looks at several things

    @property
    def findings(self) -> tuple[RunFinding, ...]:
        """What is wrong now, alerts first."""
        return tuple(sorted(self._found.values(), key=lambda each: each.level != ALERT))

    def take(self, fact: Fact) -> list[RunFinding]:
        """Look at one more fact; what begins with it, worsens, goes on with another number, or ends."""
        told: list[RunFinding] = []
        with np.errstate(all="ignore"):
            if isinstance(fact, Look):
                self.subject.pace.take(self.subject, fact)
                self.subject.level.look(self.subject, fact)
            elif isinstance(fact, Stretch):
                self.subject.level.stretch(fact)
                self.subject.pace.stretch(fact)
            for diagnosis, judge in self._judges.get(type(fact), ())[:]:
                try:
                    verdicts = {verdict.node: verdict for verdict in judge(fact)}
                except Exception as error:  # of whatever kind: what is watched goes on
                    self._judges[type(fact)].remove((diagnosis, judge))
                    told += self._ended(diagnosis, {}, fact.number)
                    verdicts = {self.subject.loss: _failed(self.subject, error)}
                told += self._ended(diagnosis, verdicts, fact.number)
                for verdict in verdicts.values():
                    found = self._taken(diagnosis, self._in_its_place(diagnosis, verdict), fact.number)
                    if found is not None:
                        told.append(found)
                told += self._worsened(diagnosis, fact.number)
                told += self._explained(diagnosis, fact.number)
        return told

    def _in_its_place(self, diagnosis: Diagnosis, verdict: Verdict) -> Verdict:
        """A verdict beside what else is wrong: what follows from something is mended there, and what is the cause of an
        alert is one.
        """
        if any(each.rule in diagnosis.causes and each.level == ALERT for each in self._found.values()):
            verdict = verdict._replace(level=ALERT)
        cause = next((each for each in self._found.values() if diagnosis.name in _CAUSES.get(each.rule, ())), None)
        if cause is None:
            return verdict
        return verdict._replace(mend=f"{FIRST}{cause.rule}: {cause.mend}", edit=None)

    def _worsened(self, diagnosis: Diagnosis, number: int) -> list[RunFinding]:
        """Hints from which follows what this diagnosis tells, where that is an alert: they are alerts too."""
        if not any(each.rule == diagnosis.name and each.level == ALERT for each in self._found.values()):
            return []
        causes = [each for each in self._found.values() if diagnosis.name in _CAUSES.get(each.rule, ())]
        told = [replace(each, level=ALERT, state=WORSENS, number=number) for each in causes if each.level == HINT]
        self._found.update((each.key, each) for each in told)
        return told

    def _explained(self, diagnosis: Diagnosis, number: int) -> list[RunFinding]:
        """Findings that were told before their cause was found, which is told with them now."""
        cause = next((each for each in self._found.values() if each.rule == diagnosis.name), None)
        if cause is None:
            return []
        follow = [each for each in self._found.values() if each.rule in diagnosis.causes]
        mend = f"{FIRST}{cause.rule}: {cause.mend}"
        told = [
            replace(each, mend=mend, edit=None, state=GOES_ON, number=number)
            for each in follow
            if not each.mend.startswith(FIRST)
        ]
        self._found.update((each.key, each) for each in told)
        return told

    def _taken(self, diagnosis: Diagnosis, verdict: Verdict, number: int) -> RunFinding | None:
        before = self._found.get((diagnosis.name, verdict.node))
        low, high = verdict.band
        # What a verdict says anew, or of another thing than before, did not begin with what it said then.
        anew = before is None or verdict.of != self._of.get(before.key, "")
        began = verdict.since or (number if before is None or anew else before.began)
        now = RunFinding(
            rule=diagnosis.name,
            level=verdict.level,
            node=verdict.node,
            text=verdict.text,
            mend=verdict.mend,
            word=verdict.word,
            about=diagnosis.about,
            measured=float(verdict.measured),
            band=(_number(low), _number(high)),
            plot=diagnosis.plot,
            began=began,
            number=number,
            state=BEGINS if before is None else GOES_ON,
            edit=verdict.edit,
        )
        if before is not None and before.level == HINT and now.level == ALERT:
            now = replace(now, state=WORSENS)
        self._found[now.key], self._of[now.key] = now, verdict.of
        alike = before is not None and (now.text, now.mend) == (before.text, before.mend)
        return None if alike and now.state == GOES_ON else now

    def _ended(self, diagnosis: Diagnosis, now: Mapping[str, Verdict], number: int) -> list[RunFinding]:
        over = [key for key in self._found if key[0] == diagnosis.name and key[1] not in now]
        return [replace(self._found.pop(key), state=ENDS, number=number) for key in over]


def _failed(subject: Subject, error: Exception) -> Verdict:
    """That a diagnosis could not be made."""
    text = f"this diagnosis failed and is made no more ({type(error).__name__}: {error}); training goes on"
    return Verdict(" ".join(text.split()), math.nan, (None, None), subject.loss, mend="report it with the file")


def _number(limit: float | None) -> float | None:
    return None if limit is None else float(limit)
