"""Diagnoses of what training does to parameters: steps too long or too short, none at all."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..measures import HIGH, LOW
from ..updates import RATE
from .diagnosis import ALERT, HINT, Diagnosis, Judge, Lasting, Limits, Threshold, Verdict, count, told
from .facts import Array, Look, Subject
from .pace import SCALES

FEW = 32  # elements


def update_size(subject: Subject, limits: Limits) -> Judge:
    """The norm of what changes a parameter beside its own; that is the actual update, whatever the optimiser."""
    lasting = Lasting()

    def judge(look: Look) -> Iterator[Verdict]:
        for id in subject.trained:
            update, value = look.update(id), look.value(id)
            if update is None or value is None or subject.graph.nodes[id].params.get("init", SCALES) == SCALES:
                continue
            moved, size = look.norm("update", id), look.norm("value", id)
            # A schedule may come down to a rate of 0, and training may arrive, which is no mistake.
            ratio = moved / size if size and look.rates[subject.settings(id)["lr"]] else float("nan")
            high = ratio > limits["high"]
            low = 0 < ratio < limits["low"] and not subject.level.arrived  # one of 0 is `unchanged`
            for side, holds in (("high", high), ("low", low)):
                if lasting.checks((id, side), look.number, holds) >= limits["checks"]:
                    yield _verdict(subject, id, moved, size, limits, high)

    return judge


def _verdict(subject: Subject, id: str, moved: float, size: float, limits: Limits, high: bool) -> Verdict:
    band = limits["low"], limits["high"]
    text = f"norm of Δ / norm of w = {told(moved)} / {told(size)} = {told(moved / size)}"
    text += f" (usual: {told(band[0])} to {told(band[1])})"
    mend, edit = subject.pace.larger(subject, [id])
    if high:
        mend, edit = f"a smaller learning rate than {subject.rate()}", None
    return Verdict(text, moved / size, band, id, mend=mend, edit=edit)


def unchanged(subject: Subject, limits: Limits) -> Judge:
    """Parameters that are, some updates later, what they were; an alert where that is so of all of them.

    Where the learning rate is 0 that is told once: it is no fault of any parameter.
    """
    held: dict[str, tuple[int, Array]] = {}
    still: dict[str, int] = {}  # over how many updates a parameter has stayed

    def judge(look: Look) -> Iterator[Verdict]:
        trained = subject.trained
        for id in trained:
            value = look.value(id)
            if value is None or look.gradient(id) is None:
                continue  # what no gradient comes to is told by `no gradient`
            number, before = held.setdefault(id, (look.number, value))
            if look.number - number < limits["updates"]:
                continue
            alike = not subject.level.arrived and _alike(value, before, limits)
            still[id] = still.get(id, 0) + look.number - number if alike else 0
            held[id] = look.number, value
        quiet = [id for id in trained if still.get(id)]
        level = ALERT if quiet and len(quiet) == len(trained) else HINT
        if quiet and not any(subject.learning_rates):
            text = f"the learning rate is 0: no parameter has changed in {max(still.values())} iterations"
            band, mend = (limits["relative"], None), f"a learning rate of about {RATE}"
            yield Verdict(text, 0.0, band, subject.loss, level, mend, {"optimiser": {"lr": RATE}})
            return
        for id in quiet:
            text = f"it has not changed in {still[id]} iterations (usual: by more than {told(limits['relative'])} of it"
            text += f" in {limits['updates']:g})"
            mend, edit = subject.pace.larger(subject, [id])
            yield Verdict(text, 0.0, (limits["relative"], None), id, level, mend, edit)

    return judge


def _alike(value: Array, before: Array, limits: Limits) -> bool:
    """Whether two arrays are the same but for rounding: a few of their elements tell most that are not."""
    for step in (max(value.size // FEW, 1), 1):
        now, then = value.ravel()[::step], before.ravel()[::step]
        if not (np.abs(now - then) <= limits["absolute"] + limits["relative"] * np.abs(then)).all():
            return False
    return True


DIAGNOSES = (
    Diagnosis(
        "update size",
        "How long a step is beside the parameter that takes it says more than the learning rate: about a thousandth is"
        " usual. Far more forgets what was learnt, far less learns nothing.",
        Look,
        {
            "low": Threshold(LOW, "least norm of the update over that of the parameter", "CS231n: about 1e−3"),
            "high": Threshold(
                HIGH, "greatest norm of the update over that of the parameter", "TheDeepChecker, DeepDiagnosis"
            ),
            "checks": count(5, "checks in a row", "TheDeepChecker"),
        },
        update_size,
        plot="update ratio",
    ),
    Diagnosis(
        "unchanged",
        "Training is to change it, and does not: a learning rate near 0, a gradient of 0, or a step lost in rounding.",
        Look,
        {
            "updates": count(10, "iterations from one comparison to the next, at least", "Gradwire"),
            "relative": Threshold(1e-5, "of each element, beside its size", "SageMaker Debugger"),
            "absolute": Threshold(1e-8, "of each element, as it is", "SageMaker Debugger"),
        },
        unchanged,
        plot="update ratio",
        level=ALERT,
    ),
)
