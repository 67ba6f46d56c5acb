"""How long the steps of a run have been beside what they change, and so whether a larger or a smaller rate helps."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ..finding import times
from ..measures import LOW
from .growth import Growth

if TYPE_CHECKING:
    from ..edits import Edit
    from .facts import Look, Stretch, Subject

SCALES = "zeros"  # the initialisation of what begins at 0 and is small for long: a ratio to its norm says nothing
TOO_LONG = 0.5  # of the norm of what a step changes: what it knew is then mostly lost
SUITS = 0.02  # of it: usual at the start of a training that goes well (CS231n: about 1e−3 on the way)
MOST = 3.0  # times the learning rate, where something is learnt that a longer step could spoil
SMALLER = 0.1  # times the learning rate, where no step tells more
WHY_ZERO = "Why zero? on its gradient tells where that is lost"


class Pace:
    """Of one run. A step that was too long is never forgotten: what it has made of the parameters stays."""

    def __init__(self) -> None:
        self._last: tuple[float, float] | None = None  # the rate of the last look, and the longest step then
        self._with_it = 0.0  # the longest step that was ever seen with this rate
        self._too_long = ""
        self._suits = math.nan  # the rate with which the first step that was too long would not have been
        self._growth = Growth()
        self._still: set[str] = set()  # parameters whose gradient was all 0

    def take(self, subject: Subject, look: Look) -> None:
        """One more iteration was looked at."""
        rate, longest = subject.learning_rate, _longest(subject, look)
        same = self._last is not None and self._last[0] == rate
        self._last, self._with_it = (rate, longest), max(self._with_it if same else 0.0, longest)
        if longest > TOO_LONG and not self._too_long:
            self._suits = _suiting(rate, longest)
            step = f"the step of iteration {look.number:,}"
            self._too_long = f"{step} was {times(longest)} times as long as what it changed"
        self._still = {id for id in subject.trained if (g := look.gradient(id)) is not None and not g.any()}

    def stretch(self, stretch: Stretch) -> None:
        """More iterations have ended."""
        self._growth.take(stretch)

    @property
    def too_long(self) -> bool:
        """Whether a step has been."""
        return bool(self._too_long)

    def stable(self, subject: Subject) -> float:
        """A rate with which the loss would not have grown; NaN where nothing tells."""
        return self._growth.suiting(subject.learning_rate, subject.training.optimiser)

    @property
    def too_short(self) -> bool:
        """Whether all steps are now far shorter than is usual, though there are gradients."""
        return self._last is not None and 0 < self._last[1] < LOW

    def smaller(self, subject: Subject) -> tuple[str, Edit]:
        """A smaller learning rate, in words and as an edit; what steps have done is mended by a new start alone."""
        wanted, stable = SMALLER * subject.learning_rate, self.stable(subject)
        if self.too_long and self._suits < wanted:
            wanted = self._suits
        if not self.too_long and stable < wanted:
            wanted = stable
        anew = f", and a new start: {self._too_long}" if self.too_long else ""
        words, edit = _rate(subject, wanted)
        return words + anew, {**edit, "anew": True} if anew else edit

    def larger(self, subject: Subject, ids: list[str]) -> tuple[str, Edit | None]:
        """What lets these parameters move more. No rate does where their gradients are 0, where steps were too long a
        larger one makes it worse, and where training has arrived there is nowhere to go.
        """
        if self.too_long:
            return self.smaller(subject)[0], None
        if ids and self._still.issuperset(ids):
            return WHY_ZERO, None
        if subject.level.arrived:
            return subject.level.arrived, None
        words = f"a larger learning rate than {subject.rate()}"
        if not self.too_short or self._last is None:
            return words, None
        suits = _suiting(self._last[0], self._with_it)
        careful = subject.level.learnt or not subject.fresh
        return _rate(subject, min(suits, MOST * subject.learning_rate) if careful else suits)


def _rate(subject: Subject, rate: float) -> tuple[str, Edit]:
    rounded = float(f"{rate:.2g}")
    text = f"a learning rate of {rounded:g} in place of {subject.rate()}".replace("e-", "e−")
    return text, {"optimiser": {"lr": rounded}}


def _suiting(rate: float, longest: float) -> float:
    return float(f"{rate * SUITS / longest:.1g}")


def _longest(subject: Subject, look: Look) -> float:
    """The longest step beside what it changes; 0 where nothing tells."""
    found = [0.0]
    for id in subject.trained:
        if look.update(id) is None or look.value(id) is None:
            continue
        if subject.graph.nodes[id].params.get("init", SCALES) == SCALES:
            continue
        moved, size = look.norm("update", id), look.norm("value", id)
        if size and math.isfinite(moved / size):
            found.append(moved / size)
    return max(found)
