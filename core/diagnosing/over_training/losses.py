"""Diagnoses of the loss over iterations: where it begins, whether it falls, whether it swings."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator

from ..edits import Edit
from ..measures import START, guess
from .diagnosis import (
    ALERT,
    HINT,
    Diagnosis,
    Judge,
    Lasting,
    Limits,
    Threshold,
    Verdict,
    count,
    share,
    times,
    told,
)
from .facts import Look, Start, Stretch, Subject

MOVES = 2.0  # times the fall of a loss that has come to a stop, from which on it moves again
LONGER = 2  # times the steps, of the means that the chance of batches hardly moves
HALF = 0.5  # times the learning rate, of the mend of what swings


def _rate(subject: Subject, factor: float) -> tuple[str, Edit]:
    """Another learning rate, in words and as an edit."""
    rate = float(f"{subject.learning_rate * factor:.2g}")
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
            text = f"{found.text} (usual: within {100 * share:g}% of it)"
            yield Verdict(text, found.loss, band, source.node, mend="smaller initial weights in the last layer")


class _Means:
    """The mean loss of the first `steps` iterations, and of the last: NaN until they do not overlap."""

    def __init__(self, steps: int) -> None:
        self.steps = steps
        self.first = self.last = math.nan
        self._stretches: deque[tuple[int, int, float]] = deque()  # the last iteration of each, how many, their sum

    def take(self, stretch: Stretch) -> None:
        """More iterations."""
        self._stretches.append((stretch.number, len(stretch.losses), sum(stretch.losses)))
        if math.isnan(self.first) and stretch.number >= self.steps:
            self.first = self._mean()
            self._stretches.clear()
        while self._stretches and self._stretches[0][0] <= stretch.number - self.steps:
            self._stretches.popleft()
        if self._stretches and stretch.number >= 2 * self.steps:
            self.last = self._mean()

    def _mean(self) -> float:
        return sum(each for *_, each in self._stretches) / sum(count for _, count, _ in self._stretches)

    @property
    def fall(self) -> float:
        """By which share of the first the last is less."""
        return (self.first - self.last) / abs(self.first) if self.first else math.nan


class _Halves:
    """The mean loss of the last `steps` iterations, beside that of as many before."""

    def __init__(self, steps: int) -> None:
        self._steps = steps
        self._stretches: deque[Stretch] = deque()

    def take(self, stretch: Stretch) -> None:
        """More iterations."""
        self._stretches.append(stretch)
        while self._stretches[0].number <= stretch.number - 2 * self._steps:
            self._stretches.popleft()

    def fall(self, nothing: float) -> float:
        """By which share of the earlier mean, or of what is `nothing`, the later one is less; 0 until there are so
        many iterations.
        """
        losses = [loss for stretch in self._stretches for loss in stretch.losses]
        if len(losses) < 2 * self._steps:
            return 0.0
        before, now = math.fsum(losses[: -self._steps]), math.fsum(losses[-self._steps :])
        return (before - now) / max(abs(before), nothing * self._steps)


def not_decreasing(subject: Subject, limits: Limits) -> Judge:
    """The lowest smoothed loss of the last steps, beside the lowest before them, and the mean loss of more; and that
    of the last steps beside that of the first, which no chance of batches moves.
    """
    steps = int(limits["steps"])
    recent: deque[tuple[int, float]] = deque()  # the lowest of each stretch of the last steps
    best = [math.inf]  # before them
    means, halves, held = _Means(steps), _Halves(LONGER * steps), [False]

    def judge(stretch: Stretch) -> Iterator[Verdict]:
        means.take(stretch)
        halves.take(stretch)
        recent.append((stretch.number, min(stretch.smoothed)))
        while recent[0][0] <= stretch.number - steps:
            best[0] = min(best[0], recent.popleft()[1])
        lowest = min(low for _, low in recent)
        if math.isinf(best[0]) or not best[0]:
            return
        # Of what is next to nothing half as much is no fall. One low number keeps the lowest from falling for long,
        # while the mean falls: both must have stopped, and both move again, by more than that. Else this would come
        # and go by the chance of batches.
        fall = (best[0] - lowest) / max(abs(best[0]), subject.level.nothing)
        usual = limits["fall"] * (MOVES if held[0] else 1.0)
        stopped = fall < usual, halves.fall(subject.level.nothing) < usual
        held[0] = any(stopped) if held[0] else all(stopped)
        if subject.fresh and means.fall < limits["fall"]:
            text = f"the mean loss of the last {steps} iterations is {told(means.last)}, that of the first {steps}"
            text += f" {told(means.first)} (usual: at least {limits['fall']:.0%} less)"
            mend, edit = _stirred(subject)
            yield Verdict(text, means.fall, (limits["fall"], None), subject.loss, ALERT, mend, edit, of="mean")
        elif held[0]:
            fallen = f"has fallen by {max(fall, 0.0):.2%}" if fall > 0 else "has not fallen"
            text = f"the smoothed loss {fallen} in {steps} iterations (usual: at least {limits['fall']:.0%})"
            if abs(best[0]) < subject.level.nothing:
                text = f"the smoothed loss is {told(stretch.smoothed[-1])}, next to nothing beside"
                text += f" {told(subject.level.reference)}: there is nothing left by which it could fall"
            mend = subject.level.arrived or "if it is high: another learning rate; if it is low, training has arrived"
            yield Verdict(text, fall, (limits["fall"], None), subject.loss, mend=mend)

    return judge


def _stirred(subject: Subject) -> tuple[str, Edit | None]:
    """What lets a loss move that has not."""
    pace = subject.pace
    if pace.too_short or pace.too_long:
        return pace.larger(subject, [])
    return "another learning rate: the learning rate range test tells which", None


def diverging(subject: Subject, limits: Limits) -> Judge:
    """The smoothed loss beside the lowest that it has been, and beside the one at the start or of knowing nothing.

    Where it has been far above the latter one check says enough, and that stays so until it is low again.
    """
    lasting = Lasting()
    best, start, most = [math.inf], [math.inf], [0.0]

    def judge(stretch: Stretch) -> Iterator[Verdict]:
        now = stretch.smoothed[-1]
        if math.isinf(start[0]):
            start[0] = stretch.smoothed[0]
        best[0] = min(best[0], *stretch.smoothed)
        if not best[0] > 0 or math.isinf(now):
            return
        # Of a loss that has come to nearly nothing twice as much is still nearly nothing.
        # A run that begins from trained values begins there: what it is beside is what knowing nothing costs.
        reference = max(start[0], subject.level.reference)
        high = now >= limits["times"] * max(best[0], limits["floor"] * reference)
        checks = lasting.checks(0, stretch.number, high)
        most[0] = max(most[0], *(each for each in stretch.smoothed if math.isfinite(each))) if high else 0.0
        if not subject.fresh and not subject.level.looked:
            return  # of a run that is taken up where training had arrived: what is high there nobody has told yet
        thrown = most[0] >= limits["alert"] * reference
        if checks >= limits["checks"] or thrown:
            text = f"the smoothed loss is {told(now)}, {times(now / best[0])}× its lowest of {told(best[0])}"
            text += f", after {told(most[0])}" if thrown and most[0] > limits["times"] * now else ""
            text += f" (usual: below {limits['times']:g}×)"
            mend, edit = subject.pace.smaller(subject)
            level = ALERT if thrown else HINT
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
            mend, edit = _rate(subject, HALF)
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
        "The loss, averaged over its last iterations, has come to a stop: training has arrived, or it is stuck. Where"
        " it has never left its start, nothing is learnt.",
        Stretch,
        {
            "steps": count(200, "iterations", "SageMaker Debugger: 10 steps; TheDeepChecker: 5 checks"),
            "fall": Threshold(0.01, "of the loss", "SageMaker Debugger: 0.1 %; TheDeepChecker: 5 %"),
        },
        not_decreasing,
        plot="loss",
        level=ALERT,
    ),
    Diagnosis(
        "diverging",
        "The loss grows instead of falling: steps are so long that they lead out of the valley.",
        Stretch,
        {
            "times": Threshold(2.0, "times the lowest smoothed loss", "TheDeepChecker"),
            "checks": count(5, "checks of twenty iterations in a row", "TheDeepChecker"),
            "floor": Threshold(0.01, "of the loss of guessing, or at the start; of less nothing is said", "Gradwire"),
            "alert": Threshold(10.0, "times the loss of guessing, or at the start: an alert, at once", "Gradwire"),
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
            "checks": count(2, "checks of twenty iterations in a row", "Gradwire"),
        },
        oscillating,
        plot="loss",
    ),
)
