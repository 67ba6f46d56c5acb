"""How high the loss of a run is beside that of knowing nothing: whether there is still something to learn."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ...graph import Source
from ..finding import told
from ..measures import guess, guessed_mean

if TYPE_CHECKING:
    from .facts import Look, Stretch, Subject

ARRIVED = 1e-3  # of the loss of knowing nothing: what is left to learn is next to nothing
SETTLED = 1e-2  # of the longest gradient so far: the loss has come to the bottom of a valley
LEARNT = 0.9  # of the loss at the start: below it there is something that a step could spoil


class Level:
    """Of one run. `reference` is the loss of knowing nothing where the loss tells it, else the one at the start."""

    def __init__(self) -> None:
        self._guessing = 0.0
        self._looked_for = False
        self.start = math.nan
        self.now = math.nan  # smoothed, as soon as it is
        self._smoothed = False
        self._gradient, self._longest = math.nan, 0.0

    def look(self, subject: Subject, look: Look) -> None:
        """One more iteration was looked at."""
        value = look.value(subject.loss)
        loss = math.nan if value is None or value.size != 1 else float(value.reshape(()))
        if not self._looked_for:
            self._looked_for = True
            self._guessing = _guessing(subject, look)
        self.start = loss if math.isnan(self.start) else self.start
        self.now = self.now if self._smoothed else loss
        norms = [look.norm("gradient", id) for id in subject.trained if look.gradient(id) is not None]
        self._gradient = math.hypot(*norms)
        if math.isfinite(self._gradient):
            self._longest = max(self._longest, self._gradient)

    def stretch(self, stretch: Stretch) -> None:
        """More iterations have ended."""
        if math.isfinite(stretch.smoothed[-1]):
            self.start = stretch.smoothed[0] if math.isnan(self.start) else self.start
            self.now, self._smoothed = stretch.smoothed[-1], True

    @property
    def reference(self) -> float:
        """Beside what a loss is high or low; 0 where that is not known."""
        return max(self._guessing, 0.0 if math.isnan(self.start) else abs(self.start))

    @property
    def nothing(self) -> float:
        """A loss of which what is left to learn is next to nothing; 0 where that is not known."""
        return ARRIVED * self.reference

    @property
    def learnt(self) -> bool:
        """Whether the loss is well below both that of knowing nothing and the one at the start."""
        return self.now < LEARNT * min(self.start, self._guessing or math.inf)

    @property
    def looked(self) -> bool:
        """Whether an iteration was looked at, which tells what knowing nothing costs where the loss tells it."""
        return self._looked_for

    @property
    def guesses(self) -> bool:
        """Whether the loss is hardly below that of knowing nothing, or below the one at the start where that is not
        known.
        """
        return self.now >= LEARNT * (self._guessing or self.start)

    @property
    def arrived(self) -> str:
        """That nothing is left to learn, in words; nothing where something may be."""
        if 0 <= self.now < self.nothing:
            of = "guessing gives" if self.reference == self._guessing else "it began at"
            return f"training has arrived: the loss is {told(self.now)}, {of} {told(self.reference)}"
        if self.learnt and 0 < self._gradient < SETTLED * self._longest:
            text = f"training has arrived: the gradients have length {told(self._gradient)}"
            return f"{text}, once they had {told(self._longest)}"
        return ""


def _guessing(subject: Subject, look: Look) -> float:
    value = look.value(subject.loss)
    if value is None:
        return 0.0
    asked = subject.graph, subject.registry
    found = guess(*asked, Source(subject.loss, "y"), value, lambda fed: look.value(*fed))
    if found is not None:
        return found.guessing
    mean = guessed_mean(*asked, subject.loss, lambda fed: look.value(*fed))
    return mean if math.isfinite(mean) else 0.0
