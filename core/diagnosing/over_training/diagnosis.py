"""What a diagnosis over a run is, declared in one place: what it reads, its thresholds with their source, its text."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from ...errors import Refusals, RunError
from ...graph.elements import near_misses
from ..edits import Edit
from ..finding import ALERT, HINT, times, told
from .facts import Fact, Subject

Limits = Mapping[str, float]
Band = tuple[float | None, float | None]  # what was required: at least, at most
MOST = 1_000_000  # of what is counted


class Threshold(NamedTuple):
    """A number that users may set: what it usually is, what it limits, and who published it, or what they did.

    It lies between `least` and `most`, and is a `whole` number where that is said.
    """

    usual: float
    says: str
    source: str
    least: float = 0.0
    most: float = math.inf
    whole: bool = False

    @property
    def required(self) -> str:
        """What it must be, in words."""
        what = "a whole number" if self.whole else "a number"
        if math.isinf(self.most):
            return f"{what} of {self.least:g} or more"
        return f"{what} from {self.least:g} to {self.most:,.0f}"

    def allows(self, number: Any) -> bool:
        """Whether it can be this."""
        if type(number) not in (int, float) or not self.least <= number <= self.most or math.isinf(number):
            return False
        return not self.whole or float(number).is_integer()


def share(usual: float, says: str, source: str) -> Threshold:
    """A threshold that is a part of a whole."""
    return Threshold(usual, says, source, most=1.0)


def count(usual: int, says: str, source: str) -> Threshold:
    """A threshold of how many, or how often."""
    return Threshold(usual, says, source, least=1, most=MOST, whole=True)


class Verdict(NamedTuple):
    """What is wrong now, at a node or (nothing) with the run: the number measured and the band that was required.

    `text` tells both. `edit` is what would mend it, where one edit does; `mend` says it in words. `since` is the
    iteration in which it began, where that is another than the one that tells of it. `of` says which of several things
    it is about, where a diagnosis looks at several: what is about another began when that did.
    """

    text: str
    measured: float
    band: Band
    node: str = ""
    level: str = HINT
    mend: str = ""
    edit: Edit | None = None
    word: str = ""
    since: int | None = None
    of: str = ""


Judge = Callable[[Any], Iterable[Verdict]]


class Diagnosis(NamedTuple):
    """One thing that may go wrong with a run. `judge(subject, limits)` makes what is asked of each fact that it `reads`
    what is wrong then; what it yields no more has come to an end. `about` explains it to the user; `level` is the worst
    that it can be, `plot` the title of the plot in which it is seen, nothing where none shows it. `causes` are the
    names of diagnoses of what may follow from it: while it holds, they advise to mend it first.
    """

    name: str
    about: str
    reads: type[Fact]
    thresholds: Mapping[str, Threshold]
    judge: Callable[[Subject, Limits], Judge]
    plot: str = ""
    level: str = HINT
    causes: tuple[str, ...] = ()


def usual(diagnoses: Iterable[Diagnosis]) -> dict[str, dict[str, float]]:
    """The thresholds as they are where nobody has set any: a mapping that can be stored as it is."""
    return {each.name: {name: limit.usual for name, limit in each.thresholds.items()} for each in diagnoses}


def limits(diagnoses: Iterable[Diagnosis], chosen: Mapping[str, Any] | None = None) -> dict[str, dict[str, float]]:
    """The usual thresholds with those that are `chosen`, by diagnosis and name; None in place of a diagnosis's own says
    that it is not made, and leaves it out. Raises `RunError` for all that are no such thresholds.
    """
    known = {each.name: each.thresholds for each in diagnoses}
    found, refusals = usual(diagnoses), Refusals()
    for name, own in (chosen or {}).items():
        with refusals.gathering():
            if name not in found:
                hint = near_misses(str(name), found) or f"there are {', '.join(found)}"
                raise RunError(f"there is no diagnosis {name!r} of a run", hint=hint)
            if own is None:
                del found[name]
                continue
            if not isinstance(own, Mapping):
                raise RunError(f"the thresholds of {name!r} must be numbers by name, or null for none, got {own!r}")
            for key, number in own.items():
                found[name][key] = _checked(name, key, number, known[name])
    refusals.raise_any()
    return found


def _checked(name: str, key: str, number: Any, known: Mapping[str, Threshold]) -> float:
    if key not in known:
        hint = near_misses(str(key), known) or f"it has {', '.join(known)}"
        raise RunError(f"the diagnosis {name!r} has no threshold {key!r}", hint=hint)
    if not known[key].allows(number):
        raise RunError(f"the threshold {key!r} of {name!r} must be {known[key].required}, got {number!r}")
    return float(number)


class Lasting:
    """For how long something has held without a break, by what it is of: in checks, and in iterations."""

    def __init__(self) -> None:
        self._since: dict[Any, tuple[int, int]] = {}  # the iteration in which it began, and checks

    def checks(self, key: Any, number: int, holds: bool) -> int:
        """In how many checks in a row it has held, after one more at an iteration."""
        if not holds:
            self._since.pop(key, None)
            return 0
        began, count = self._since.get(key, (number, 0))
        self._since[key] = began, count + 1
        return count + 1

    def iterations(self, key: Any, number: int) -> int:
        """Since how many iterations it has held; 0 where it does not, or since this one."""
        return number - self._since[key][0] if key in self._since else 0


__all__ = [
    "ALERT",
    "HINT",
    "Diagnosis",
    "Lasting",
    "Limits",
    "Threshold",
    "Verdict",
    "count",
    "limits",
    "share",
    "times",
    "told",
    "usual",
]
