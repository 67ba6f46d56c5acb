"""Diagnoses of the loss over iterations: where it begins, whether it falls, whether it swings."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator

from ..measures import START, guess
from .diagnosis import ALERT, HINT, Diagnosis, Judge, Lasting, Limits, Threshold, Verdict, count, share, told
from .facts import Look, Start, Stretch, Subject

SMALLER, LARGER = 0.1, 3.0  # times the learning rate, of mends


def _rate(subject: Subject, factor: float) -> tuple[str, dict[str, object]]:
    """Another learning rate, in words and as an edit."""
    rate = float(f"{subject.learning_rate * factor:.3g}")
    text = f"a learning rate of {rate:g} in place of {subject.rate()}".replace("e-", "e−")
    return text, {"optimiser": {"lr": rate}}


def loss_at_start(subject: Subject, limits: Limits) -> Judge:
    """A loss of classes that does not begin where guessing does."""

    def judge(start: Start) -> Iterator[Verdict]:
        if subject.fresh:
            yield from _at_start(subject, start.look, limits["share"])

    return judge


def _at_start(subject: Subject, look: Look, share: float) -> Iterator[Verdict]:
    for source, value in look.of("value"):
        found = guess(subject.graph, subject.registry, source, value, lambda fed: look.value(*fed))
        if found is not None and found.away > share:
            band = (1 - share) * found.guessing, (1 + share) * found.guessing
            text = f"{found.text} (usual: within {share:.0%} of it)"
            yield Verdict(text, found.loss, band, source.node, mend="smaller initial weights in the last layer")


def not_decreasing(subject: Subject, limits: Limits) -> Judge:
    """The lowest smoothed loss of the last steps, beside the lowest before them."""
    steps = int(limits["steps"])
    recent: deque[tuple[int, float]] = deque()  # the lowest of each stretch of the last steps
    best = [math.inf]  # before them

    def judge(stretch: Stretch) -> Iterator[Verdict]:
        recent.append((stretch.number, min(stretch.smoothed)))
        while recent[0][0] <= stretch.number - steps:
            best[0] = min(best[0], recent.popleft()[1])
        lowest = min(low for _, low in recent)
        if math.isinf(best[0]) or not best[0]:
            return
        fall = (best[0] - lowest) / abs(best[0])
        if fall < limits["fall"]:
            fallen = f"has fallen by {max(fall, 0.0):.2%}" if fall > 0 else "has not fallen"
            text = f"the smoothed loss {fallen} in {steps} iterations (usual: at least {limits['fall']:.0%})"
            mend = "if it is still high: another learning rate; if it is low, training has arrived"
            yield Verdict(text, fall, (limits["fall"], None), subject.loss, mend=mend)

    return judge


def diverging(subject: Subject, limits: Limits) -> Judge:
    """The smoothed loss beside the lowest that it has been, and beside the one at the start."""
    lasting = Lasting()
    best, start = [math.inf], [math.inf]

    def judge(stretch: Stretch) -> Iterator[Verdict]:
        now = stretch.smoothed[-1]
        if math.isinf(start[0]):
            start[0] = stretch.smoothed[0]
        best[0] = min(best[0], *stretch.smoothed)
        if not best[0] > 0 or math.isinf(now):
            return
        # Of a loss that has come to nearly nothing twice as much is still nearly nothing.
        high = now >= limits["times"] * max(best[0], limits["floor"] * start[0])
        checks = lasting.checks(0, stretch.number, high)
        if checks >= limits["checks"]:
            text = f"the smoothed loss is {told(now)}, {told(now / best[0])}× its lowest of {told(best[0])}"
            text += f" (usual: below {limits['times']:g}×)"
            mend, edit = _rate(subject, SMALLER)
            level = ALERT if now >= limits["alert"] * start[0] else HINT
            yield Verdict(text, now / best[0], (None, limits["times"]), subject.loss, level, mend, edit)

    return judge


def oscillating(subject: Subject, limits: Limits) -> Judge:
    """How often the loss of an iteration falls on the other side of its moving average than the one before."""
    window = int(limits["window"])
    turned: deque[bool] = deque(maxlen=window)
    swings: deque[float] = deque(maxlen=window)
    lasting, side = Lasting(), [0.0]

    def judge(stretch: Stretch) -> Iterator[Verdict]:
        for loss, average in zip(stretch.losses, stretch.smoothed, strict=True):
            away = loss - average
            turned.append(away * side[0] < 0)
            swings.append(abs(away) / abs(average) if average else 0.0)
            side[0] = away
        if len(turned) < window:
            return
        turns, swing = sum(turned) / window, sum(swings) / window
        holds = turns > limits["share"] and swing > limits["swing"]
        if lasting.checks(0, stretch.number, holds) >= limits["checks"]:
            text = f"the loss turned in {turns:.0%} of the last {window} iterations, by {swing:.0%} of itself"
            text += f" (usual: at most {limits['share']:.0%})"
            mend, edit = _rate(subject, 0.5)
            yield Verdict(text, turns, (None, limits["share"]), subject.loss, mend=mend, edit=edit)

    return judge


DIAGNOSES = (
    Diagnosis(
        "loss at start",
        "Before anything is learnt a classifier should think all classes equally likely, which costs ln C. A loss well"
        " above it says that the last layer is sure of wrong answers, and the first iterations only undo that.",
        Start,
        {"share": Threshold(START, "of the loss of guessing, above or below", "CS231n, Karpathy; TheDeepChecker")},
        loss_at_start,
        plot="loss",
    ),
    Diagnosis(
        "loss not decreasing",
        "The loss, averaged over its last iterations, has come to a stop: training has arrived, or it is stuck.",
        Stretch,
        {
            "steps": count(200, "iterations", "SageMaker Debugger: 10 steps; TheDeepChecker: 5 checks"),
            "fall": Threshold(0.01, "of the loss", "SageMaker Debugger: 0.1 %; TheDeepChecker: 5 %"),
        },
        not_decreasing,
        plot="loss",
    ),
    Diagnosis(
        "diverging",
        "The loss grows instead of falling: steps are so long that they lead out of the valley.",
        Stretch,
        {
            "times": Threshold(2.0, "times the lowest smoothed loss", "TheDeepChecker"),
            "checks": count(5, "checks in a row, of twenty iterations each", "TheDeepChecker"),
            "floor": Threshold(0.01, "of the loss at the start; of less than that nothing is said", "Gradwire"),
            "alert": Threshold(10.0, "times the loss at the start: an alert", "Gradwire"),
        },
        diverging,
        plot="loss",
        level=ALERT,
    ),
    Diagnosis(
        "oscillating",
        "The loss jumps up and down from one iteration to the next: steps lead across the valley and back.",
        Stretch,
        {
            "share": share(0.75, "of iterations", "TheDeepChecker: 0.5; the chance of batches alone makes one half"),
            "window": count(50, "iterations", "TheDeepChecker"),
            "swing": Threshold(0.01, "of the loss, at least", "Gradwire"),
            "checks": count(2, "checks in a row, of twenty iterations each", "Gradwire"),
        },
        oscillating,
        plot="loss",
    ),
)
