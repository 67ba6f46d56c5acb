"""A watcher beside a trainer: makes facts of its iterations and epochs, and costs next to nothing.

An iteration that is looked at computes the same as any other, but keeps what it would write over. Which ones are
follows from their number and from what was computed so far, never from the clock or from who else looks: a run that is
repeated, in the window or without one, has the same findings. On a device losses are read later, and what they tell
with them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ...training.steps import LOSS
from .facts import Epoch, Fact, Look, Start, Stretch, Subject
from .finding import BEGINS, RunFinding
from .watcher import Watcher

if TYPE_CHECKING:
    from ...training.trainer import Trainer
    from ...training.watching import Seen

FIRST = 1  # the iteration of which is told how a run begins
EVERY = 200  # iterations from one look to the next
GROWS = 2  # at first each look is so many times as far from the start as the one before, until they are that far apart
CLOSER = 20  # iterations to the next look where a diagnosis asks to look closer
AT_FIRST, MORE = 5, 50  # so many looks for that, and then one of so many iterations
STRETCH = 20  # iterations
UNREAD = 250  # iterations on a device whose numbers are not yet read
SMOOTHING = 0.05  # what an iteration adds to the moving average


def next_look(number: int) -> int:
    """The first iteration after this one that is looked at."""
    looked = 1
    while looked <= number:
        further = looked * GROWS
        if further - looked > EVERY:
            return looked + ((number - looked) // EVERY + 1) * EVERY
        looked = further
    return looked


class Follower:
    """Follows a trainer from where it is. As its `onlooker` it is told of iterations; of epochs and of the end it is
    told by whoever runs the trainer. `take` gives what was found since it was last asked.

    Of a run that goes on the epochs behind it are known, and the `losses` of its iterations where they were kept: what
    they tell is found again. Raises `RunError` for `thresholds` that are none.
    """

    def __init__(
        self, trainer: Trainer, thresholds: Mapping[str, Any] | None = None, losses: Iterable[float] = ()
    ) -> None:
        self._subject = Subject(trainer)
        self.watcher = Watcher(self._subject, thresholds)
        self._trainer = trainer
        self._unread: list[tuple[int, Mapping[str, Any]]] = []
        self._patience = STRETCH if trainer.device == "cpu" else UNREAD
        self._next = 0
        self._average = math.inf  # of the losses, once there is a finite one
        self._broken, self._closer = False, 0
        self._news: list[RunFinding] = []
        self._recall(losses)

    @property
    def findings(self) -> tuple[RunFinding, ...]:
        """What is wrong now, alerts first."""
        return self.watcher.findings

    def take(self) -> list[RunFinding]:
        """What has begun, gone on with other numbers or ended since the last time, in that order."""
        news, self._news = self._news, []
        return news

    def _recall(self, losses: Iterable[float]) -> None:
        """Look again at what lies behind a run that goes on; what holds there begins when it did."""
        self._unread = [(number, {LOSS: loss}) for number, loss in enumerate(map(float, losses), 1)]
        over = len(self._unread) // STRETCH * STRETCH
        rest = self._unread[over:]
        del self._unread[over:]
        self._read()
        self._unread, self._broken = rest, False
        self._next = next_look(self._trainer.engine.state.iteration)
        for row in self._trainer.history:
            self._add(Epoch(row["epoch"], row["iteration"], row))
        self._news = [replace(each, state=BEGINS) for each in self.watcher.findings]

    # What the trainer tells.

    def wants(self, number: int) -> bool:
        """Whether this iteration is looked at: the first, and those of a full batch, so that little is compiled."""
        if number < self._next:
            return False
        if number == FIRST:
            return True
        return self._is_usual(number)

    def _is_usual(self, number: int) -> bool:
        """Whether the parameters are updated after this iteration, by batches that are full."""
        trainer = self._trainer
        place, rhythm = trainer.rhythm.at(number), trainer.rhythm
        if rhythm.accumulate >= rhythm.per_epoch:
            return place.updates
        smaller = place.ends_epoch and rhythm.per_epoch > 1 and rhythm.samples % rhythm.batch
        return place.updates and not smaller

    def saw(self, number: int, size: int | None, seen: Seen) -> None:
        """An iteration that is wanted was looked at."""
        self._next = next_look(number)
        rates = self._trainer.rates(self._trainer.rhythm.at(number))
        look = Look(number, size or 0, rates, seen.arrays, seen.parts)
        if number == FIRST:
            self._add(Start(number, look))
            if not self._is_usual(number):
                return  # of what is learnt it says nothing yet
        self._add(look)
        if self._subject.asked_closer() and number + CLOSER < self._next and self._closer < AT_FIRST + number // MORE:
            self._closer += 1
            self._next = number + CLOSER

    def passed(self, number: int, made: Mapping[str, Any], rate: float) -> None:
        """An iteration has ended."""
        self._unread.append((number, made))
        if number % STRETCH == 0 and len(self._unread) >= self._patience:
            self._read()

    def epoch_completed(self) -> None:
        """An epoch has ended, whose row is in the history."""
        row = self._trainer.history[-1]
        self._add(Epoch(row["epoch"], row["iteration"], row))

    def finish(self) -> None:
        """The run has ended, or was stopped."""
        self._read()

    # Facts.

    def _read(self) -> None:
        unread, self._unread = self._unread, []
        start = 0
        for at, (number, _) in enumerate(unread, 1):
            if number % STRETCH == 0 or at == len(unread):
                self._add(self._stretch(unread[start:at]))
                start = at

    def _stretch(self, rows: list[tuple[int, Mapping[str, Any]]]) -> Stretch:
        losses = [float(made[LOSS]) for _, made in rows]
        smoothed = []
        for loss in losses:
            if math.isfinite(loss):
                self._average = (
                    loss if math.isinf(self._average) else self._average + SMOOTHING * (loss - self._average)
                )
            elif not self._broken:
                self._broken, self._next = True, 0  # look at the very next
            smoothed.append(self._average)
        return Stretch(rows[0][0], tuple(losses), tuple(smoothed))

    def _add(self, fact: Fact) -> None:
        self._news += self.watcher.take(fact)
