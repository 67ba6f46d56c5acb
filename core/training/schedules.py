"""Schedules: how the learning rate changes in the course of a run, as PyTorch's `lr_scheduler` has them.

A schedule is a pure function of its settings, of the rate that it starts from and of where the run stands: a parameter
group that has an lr of its own starts from that, so that what a setting names absolutely (min_lr, max_lr) holds for
each group. `reduce_on_plateau` is one also of the numbers that earlier epochs ended with. So a run that goes on from
a checkpoint has the very rates of one that was not stopped. Rates are fed to the plan of an iteration: a schedule
compiles nothing anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import cos, inf, pi
from typing import Annotated, Any, Literal

from ..catalogue import Catalogue
from ..graph import Training
from ..parameters import Parameter, Range
from .criteria import WATCHED, Mode, better, with_mode
from .named import Named, chosen
from .rhythm import Place, Rhythm

Factor = Annotated[float, Range(low=0, usual=(0.0, 1.0))]
Share = Annotated[float, Range(0, 1)]
Rate = Annotated[float, Range(low=0, usual=(1e-6, 1.0), logarithmic=True)]
Count = Annotated[int, Range(low=1)]
Steps = Annotated[int | None, Range(low=1)]  # None: to the end of the run
Milestones = Annotated[tuple[int, ...], Range(low=0)]

ALL: Catalogue[Named] = Catalogue("a schedule")
SCHEDULES = ALL.table
_OWN: set[Callable[..., float]] = set()  # the program's rules, which ask how long the run is where `steps` is None
TO_END = "Where `steps` is null it is the whole run."
WARMS = "For the first `warmup` steps the rate rises in a straight line, beginning with its share `warmup_start`."
WARM_UP = (
    Parameter("warmup", int, 0, range=Range(low=0)),
    Parameter("warmup_start", float, 1 / 3, range=Range(0, 1)),
)


def schedule_rule(
    by: Literal["iteration", "epoch"] = "epoch", warms: bool = False, formula: str = ""
) -> Callable[[Callable[..., float]], Named]:
    """Declare a schedule `(lr, t, total, *, settings)` that gives the rate after `t` of `total` steps; it starts from
    `lr`, that of the optimiser or of a parameter group.

    `by` is what it counts unless it is said; `warms`: a linear warm-up may come before it.
    """
    counts = Parameter("by", Literal["iteration", "epoch"], by)

    def declare(rule: Callable[..., float]) -> Named:
        made = Named.of(rule, *(WARM_UP if warms else ()), counts, formula=formula)
        to_end = "steps" in made.settings and made.settings["steps"].default is None
        notes = ["A step is an epoch or an iteration, as `by` says.", *[TO_END] * to_end, *[WARMS] * warms]
        return made._replace(doc="\n".join([made.doc, "", *notes]))

    return declare


def _schedule(
    by: Literal["iteration", "epoch"] = "epoch", warms: bool = False, formula: str = ""
) -> Callable[[Callable[..., float]], Callable[..., float]]:
    """Declare a schedule of the program's own."""

    def build(rule: Callable[..., float]) -> Callable[..., float]:
        ALL.add(schedule_rule(by, warms, formula)(rule))
        _OWN.add(rule)
        return rule

    return build


# Each rule gets the rate that it starts from, how many steps are done, and how many the run has in all.


@_schedule(warms=True, formula="lr · gamma^⌊t / step_size⌋")
def step(lr: float, t: int, total: int, *, step_size: Count = 30, gamma: Factor = 0.1) -> float:
    """Every step_size steps the rate is multiplied by gamma."""
    return lr * gamma ** (t // step_size)


@_schedule(warms=True, formula="lr · gamma^(milestones up to t)")
def multi_step(lr: float, t: int, total: int, *, milestones: Milestones = (30, 80), gamma: Factor = 0.1) -> float:
    """At each milestone the rate is multiplied by gamma."""
    return lr * gamma ** sum(milestone <= t for milestone in milestones)


@_schedule(warms=True, formula="lr · gamma^t")
def exponential(lr: float, t: int, total: int, *, gamma: Factor = 0.95) -> float:
    """At each step the rate is multiplied by gamma."""
    return lr * gamma**t


@_schedule(warms=True, formula="min_lr + (lr − min_lr) · (1 + cos(π·t / steps)) / 2")
def cosine(lr: float, t: int, total: int, *, steps: Steps = None, min_lr: Rate = 0.0) -> float:
    """Half a cosine from lr to min_lr in so many steps; after that it climbs again."""
    return min_lr + (lr - min_lr) * (1 + cos(pi * t / _until(steps, total))) / 2


@_schedule(warms=True, formula="lr · (1 − t / steps)^power")
def polynomial(
    lr: float, t: int, total: int, *, steps: Steps = None, power: Annotated[float, Range(low=0)] = 1.0
) -> float:
    """lr · (1 − t / steps) ** power, which is 0 after so many steps; with power 1 a straight line."""
    end = _until(steps, total)
    return float(lr * (1 - min(t, end) / end) ** power)


@_schedule(by="iteration", formula="lr · (start_factor + (end_factor − start_factor) · min(t, steps) / steps)")
def linear(
    lr: float, t: int, total: int, *, start_factor: Factor = 1 / 3, end_factor: Factor = 1.0, steps: Count = 5
) -> float:
    """A straight line from start_factor · lr to end_factor · lr in so many steps, where it stays: a warm-up."""
    return lr * (start_factor + (end_factor - start_factor) * min(t, steps) / steps)


@_schedule(by="iteration", formula="lr · factor where t < steps, else lr")
def constant(lr: float, t: int, total: int, *, factor: Factor = 1 / 3, steps: Count = 5) -> float:
    """factor · lr for so many steps, and lr after them."""
    return lr * factor if t < steps else lr


@_schedule(by="iteration")
def one_cycle(
    lr: float,
    t: int,
    total: int,
    *,
    max_lr: Annotated[float | None, Range(low=0, usual=(1e-5, 1.0), logarithmic=True)] = None,
    steps: Steps = None,
    pct_start: Share = 0.3,
    anneal: Literal["cos", "linear"] = "cos",
    div_factor: Annotated[float, Range(low=1)] = 25.0,
    final_div_factor: Annotated[float, Range(low=1)] = 1e4,
    three_phase: bool = False,
) -> float:
    """Up to max_lr (else lr) and down again (Smith and Topin 2017, arXiv 1708.07120); the momentum stays as it is.

    It begins at max_lr / div_factor, is highest after pct_start of the steps, and ends at its begin / final_div_factor.
    """
    highest, end = lr if max_lr is None else max_lr, _until(steps, total)
    lowest = highest / div_factor
    final = lowest / final_div_factor
    corners = [(pct_start * end - 1, lowest, highest), (end - 1, highest, final)]
    if three_phase:
        corners[1:] = [(2 * pct_start * end - 2, highest, lowest), (end - 1, lowest, final)]
    begun = 0.0
    for at, low, high in corners:
        if t <= at:
            return _anneal(anneal, low, high, (t - begun) / (at - begun) if at > begun else 1.0)
        begun = at
    return final


def _anneal(how: str, start: float, end: float, done: float) -> float:
    return end + (start - end) / 2 * (1 + cos(pi * done)) if how == "cos" else start + (end - start) * done


def reduce_on_plateau(
    lr: float,
    watched: Sequence[float],
    *,
    metric: str = WATCHED,
    mode: Mode = None,
    factor: Annotated[float, Range(0, 1, open=True)] = 0.1,
    patience: Annotated[int, Range(low=0, unit="epochs")] = 10,
    threshold: Annotated[float, Range(low=0, usual=(0.0, 0.1))] = 1e-4,
    threshold_mode: Literal["rel", "abs"] = "rel",
    cooldown: Annotated[int, Range(low=0, unit="epochs")] = 0,
    min_lr: Rate = 0.0,
    eps: Annotated[float, Range(low=0, usual=(1e-12, 1e-2), logarithmic=True)] = 1e-8,
) -> float:
    """The rate is multiplied by factor when the metric has not become better in more than patience epochs.

    `watched` are the numbers with which the epochs so far have ended.
    """
    best, bad, cooling = -inf if mode == "max" else inf, 0, 0
    for value in watched:
        if better(value, best, mode or "min", threshold, relative=threshold_mode == "rel"):
            best, bad = value, 0
        else:
            bad += 1
        if cooling:
            cooling, bad = cooling - 1, 0
        if bad > patience:
            smaller = max(lr * factor, min_lr)
            lr = smaller if lr - smaller > eps else lr
            bad, cooling = 0, cooldown
    return lr


PLATEAU = Named.of(reduce_on_plateau, formula="lr ← max(lr · factor, min_lr)")
ALL.add(PLATEAU)
_OWN.add(PLATEAU.rule)


def _until(steps: int | None, total: int) -> int:
    return max(total if steps is None else steps, 1)


def schedule_chosen(training: Training, validates: bool = True) -> tuple[Named, dict[str, Any]] | None:
    """The schedule that settings name, and what it is set to, complete; None without one.

    `validates`: the dataset holds samples out. Raises `GradwireError`.
    """
    if training.schedule is None:
        return None
    rule, complete = chosen(SCHEDULES, "schedule", training.schedule)
    if rule is PLATEAU:
        complete = with_mode("the schedule", complete, training, validates)
    return rule, complete


@dataclass(frozen=True)
class Schedule:
    """The schedule of a run of so many epochs, with its settings complete."""

    name: str
    settings: Mapping[str, Any]
    rhythm: Rhythm
    epochs: int

    @classmethod
    def of(cls, training: Training, rhythm: Rhythm, validates: bool) -> Schedule | None:
        """That of a run with these settings; `validates`: its dataset holds samples out. Raises `GradwireError`."""
        found = schedule_chosen(training, validates)
        return None if found is None else cls(found[0].name, found[1], rhythm, training.epochs)

    @property
    def _rule(self) -> Callable[..., float]:
        return SCHEDULES[self.name].rule

    @property
    def watches(self) -> str | None:
        """The metric on whose course the rate depends; None for a schedule that depends on none."""
        return str(self.settings["metric"]) if self._rule is PLATEAU.rule else None

    @property
    def by_epoch(self) -> bool:
        """Whether it counts epochs, rather than iterations that update."""
        return self.settings.get("by", "epoch") == "epoch"

    @property
    def total(self) -> int:
        """How many steps the run has in all."""
        return self.epochs * (1 if self.by_epoch else self.rhythm.updates_per_epoch)

    @property
    def identity(self) -> dict[str, Any]:
        """What decides its rates: the settings, and how long the run is unless the rule is known not to ask."""
        follows = self._rule not in _OWN or self.settings.get("steps", 0) is None
        return {"name": self.name, **self.settings, **({"total": self.total} if follows else {})}

    def rate(self, lr: float, place: Place, watched: Sequence[float] = ()) -> float:
        """The learning rate of an iteration where the optimiser, or a parameter group, has the setting `lr`."""
        settings = dict(self.settings)
        if self.watches is not None:
            return reduce_on_plateau(lr, watched, **settings)
        settings.pop("by")
        t = place.epoch - 1 if self.by_epoch else place.updates_before
        before, start = settings.pop("warmup", 0), settings.pop("warmup_start", 1.0)
        if t < before:
            return lr * (start + (1 - start) * t / before)
        return self._rule(lr, t - before, self.total - before, **settings)


class Rates:
    """The learning rates of a run. Those that depend on how its epochs have ended are the same throughout the next."""

    def __init__(self) -> None:
        self._known: tuple[Any, Mapping[float, float]] | None = None  # and of what they are

    def at(
        self, schedule: Schedule | None, named: list[float], place: Place, history: Sequence[Mapping[str, Any]]
    ) -> Mapping[float, float]:
        """As `rates_at`, with a row of `history` for each epoch so far."""
        if schedule is None or schedule.watches is None:
            return rates_at(schedule, named, place)
        asked = schedule, named, len(history)
        if self._known is None or self._known[0] != asked:
            self._known = asked, rates_at(schedule, named, place, [row[schedule.watches] for row in history])
        return self._known[1]


def rates_at(
    schedule: Schedule | None, named: Iterable[float], place: Place, watched: Sequence[float] = ()
) -> dict[float, float]:
    """The learning rates of an iteration by those that the settings name, from each of which the schedule starts."""
    return {lr: lr if schedule is None else schedule.rate(lr, place, watched) for lr in named}
