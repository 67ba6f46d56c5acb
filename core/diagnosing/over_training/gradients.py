"""Diagnoses of gradients on their way back, and of those that nothing sets to zero."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from ..edits import Edit
from ..measures import GROWS, SHRINKS, TINY
from .diagnosis import ALERT, Diagnosis, Judge, Lasting, Limits, Threshold, Verdict, count, times, told
from .facts import Array, Look, Subject

CLIPPED = 1.0
NAMED = 3  # parameters that one text names


def _ends(subject: Subject, look: Look) -> tuple[tuple[str, Array], tuple[str, Array]] | None:
    """The first and the last weight with their gradients; None where there are not two."""
    found = [(id, gradient) for id in subject.weights if (gradient := look.gradient(id)) is not None]
    return (found[0], found[-1]) if len(found) > 1 else None


def vanishing(subject: Subject, limits: Limits) -> Judge:
    """The gradient of the first weight, beside that of the last, for some checks in a row."""
    lasting = Lasting()

    def judge(look: Look) -> Iterator[Verdict]:
        ends = _ends(subject, look)
        if ends is None:
            return
        (first, gradient), (last, _) = ends
        here, there = look.norm("gradient", first), look.norm("gradient", last)
        holds = there > 0 and here / there < limits["ratio"]
        holds = holds and float(np.mean(np.abs(gradient), dtype=np.float64)) < limits["mean"]
        checks = lasting.checks(first, look.number, holds)
        if 0 < checks < limits["checks"]:
            subject.look_closer()
        if checks >= limits["checks"]:
            ratio = here / there
            text = f"its gradient has norm {told(here)}, that of {subject.path(last)} {told(there)}: {times(ratio)}×"
            text += f" (usual: not below {told(limits['ratio'])}×)"
            mend = "relu in place of sigmoids and tanhs, residual ways, or batch_norm"
            yield Verdict(text, ratio, (limits["ratio"], None), first, mend=mend)

    return judge


def exploding(subject: Subject, limits: Limits) -> Judge:
    """The gradient of the first weight far above that of the last, or all of them growing from check to check."""
    lasting = Lasting()
    before: list[float] = []

    def judge(look: Look) -> Iterator[Verdict]:
        ends = _ends(subject, look)
        whole = math.hypot(*(look.norm("gradient", id) for id in subject.trained if look.gradient(id) is not None))
        grows = bool(before) and before[-1] > 0 and whole >= limits["growth"] * before[-1]
        last = before[-1] if before else whole
        before[:] = [whole]
        growing = lasting.checks("grows", look.number, grows)
        mend = f"a smaller learning rate than {subject.rate()}, or gradients clipped to norm {CLIPPED:g}"
        clipped: Edit = {"training": {"clip_norm": CLIPPED}}
        edit = clipped if subject.training.clip_norm is None else None
        if ends is not None:
            (first, _), (end, _) = ends
            ratio = look.norm("gradient", first) / max(look.norm("gradient", end), 1e-30)
            checks = lasting.checks(first, look.number, ratio > limits["ratio"])
            if 0 < checks < limits["checks"]:
                subject.look_closer()
            if checks >= limits["checks"]:
                text = f"its gradient is {times(ratio)} times as long as that of {subject.path(end)}"
                text += f" (usual: at most {limits['ratio']:g}×)"
                yield Verdict(text, ratio, (None, limits["ratio"]), first, mend=mend, edit=edit)
        if growing >= limits["checks"]:
            text = f"the norm of all gradients has grown at {growing} checks in a row, at the last from {told(last)} to"
            text += f" {told(whole)} (usual: below {limits['growth']:g}× each)"
            yield Verdict(text, whole / last, (None, limits["growth"]), subject.loss, mend=mend, edit=edit)

    return judge


def not_zeroed(subject: Subject, limits: Limits) -> Judge:
    """Gradients to which each iteration adds its own."""

    def judge(look: Look) -> Iterator[Verdict]:
        if subject.training.zero_gradients or look.number < 2:
            return
        text = (
            f"nothing sets gradients to zero: iteration {look.number:,} follows the sum of {look.number:,} passes back"
        )
        carrying = subject.trained or [subject.loss]
        names = ", ".join(subject.path(id) for id in carrying[:NAMED])
        more = f" and {len(carrying) - NAMED:,} more" if len(carrying) > NAMED else ""
        text += f", in the gradient{'s' if len(carrying) > 1 else ''} of {names}{more} (usual: its own)"
        edit: Edit = {"training": {"zero_gradients": True}}
        mend = "zero gradients, among the settings of training"
        yield Verdict(text, look.number, (None, 1.0), carrying[0], ALERT, mend, edit)

    return judge


STANDSTILL = ("loss not decreasing", "update size", "unchanged", "slow", "no gain")  # diagnoses of it
_CHECKS = count(5, "checks in a row", "TheDeepChecker")

DIAGNOSES = (
    Diagnosis(
        "vanishing gradient",
        "Each layer on the way back multiplies the gradient, and too often by less than 1: the first hardly learn.",
        Look,
        {
            "ratio": Threshold(SHRINKS, "first weight's norm over the last one's", "AutoTrainer"),
            "mean": Threshold(TINY, "mean of |g| of the first weight", "TheDeepChecker; SageMaker Debugger: 1e−7"),
            "checks": _CHECKS,
        },
        vanishing,
        plot="gradient norm",
        level=ALERT,
        causes=STANDSTILL,
    ),
    Diagnosis(
        "exploding gradient",
        "Gradients grow on their way back, or from one iteration to the next: the steps that follow are wild.",
        Look,
        {
            "ratio": Threshold(GROWS, "first weight's norm over the last one's", "AutoTrainer"),
            "growth": Threshold(2.0, "times the check before", "TheDeepChecker"),
            "checks": _CHECKS,
        },
        exploding,
        plot="gradient norm",
    ),
    Diagnosis(
        "gradients not zeroed",
        "Gradients of earlier passes stay and are added to: each step repeats those before it.",
        Look,
        {},
        not_zeroed,
        plot="gradient norm",
        level=ALERT,
        causes=(*STANDSTILL, "diverging", "oscillating", "exploding gradient", "dead units", "loss not finite"),
    ),
)
