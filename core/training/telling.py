"""The numbers of a run: what its last iteration came to, and the means of the epoch that is running."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from .engine import Later
from .finiteness import NotFinite
from .gradients import PENALTY
from .metrics import MeanLoss
from .rhythm import Place
from .steps import LOSS, TOLD_RATE
from .validating import counted

Made = Mapping[str, Any]
Rates = Mapping[str, float]
UNREAD = 256  # iterations on a device of which nothing is read: more would only hold their numbers there


class Passed(NamedTuple):
    """An iteration that has ended, of `size` samples: what its step `made`, which on a device may be being computed
    still, and its learning `rates` by the names under which they are told.
    """

    iteration: int
    made: Made
    rates: Rates
    size: int
    place: Place
    summed: bool


class Telling:
    """`told` is of the last iteration, by name: its learning rate, and what steps tell beside the loss. `not_finite` is
    the first iteration behind which the loss or a parameter was no finite number.

    On a device numbers are read when they are asked for here, and until then no iteration waits for the one before.
    """

    def __init__(self, position: Mapping[str, Any] | None = None) -> None:
        """Of a run that begins, or that goes on from the `position` of a checkpoint."""
        found = position or {}
        self.loss = MeanLoss(**found.get("loss", {}))
        self.means = {name: MeanLoss(**mean) for name, mean in found.get("means", {}).items()}
        known = found.get("not_finite")
        self.not_finite: NotFinite | None = None if known is None else NotFinite(*known)
        self._known = self.not_finite
        self._told: dict[str, float] = dict(found.get("told", {}))
        self._unread: list[Passed] = []

    @property
    def breaks(self) -> bool:
        """Whether numbers have become not finite since the run began, or was gone on with."""
        return self.not_finite is not self._known

    def go_on(self) -> None:
        """What is not finite by now is known to whoever goes on."""
        self._known = self.not_finite

    @property
    def told(self) -> dict[str, float]:
        self.read()
        return self._told

    def begin_epoch(self) -> None:
        """Let the means start anew."""
        self.read()
        self.loss, self.means = MeanLoss(), {}

    def count(self, passed: Passed, wait: bool) -> float | Later:
        """One iteration more. Its loss, as the graph says it; unless it is to `wait` one that can be read later."""
        self._unread.append(passed)
        if not wait and len(self._unread) < UNREAD:
            return Later(lambda: float(passed.made[LOSS]))
        self.read()
        return float(passed.made[LOSS])

    def read(self) -> None:
        """Count what is still to be counted, in its order."""
        unread, self._unread = self._unread, []
        for each in unread:
            self._count(*each)

    def _count(self, iteration: int, made: Made, rates: Rates, size: int, place: Place, summed: bool) -> None:
        loss = float(made[LOSS])
        if self.not_finite is None and not math.isfinite(loss):
            self.not_finite = NotFinite(iteration, f"the loss is {loss}")
        self.loss = counted(self.loss, loss, size, summed)
        self._told = {name: float(number) for name, number in made.items() if name != LOSS}
        for name, number in self._told.items():  # the penalty is a part of the objective, whose mean is over samples
            weight = (place.group or 1) if name == PENALTY else 1
            self.means[name] = self.means.get(name, MeanLoss()).update(number, weight)
        self._told.update(rates)

    def row(self, scheduled: bool) -> dict[str, float]:
        """What an epoch that has ended came to; with the last learning rate where a schedule changes it."""
        self.read()
        row = {"train_loss": self.loss.compute(), **{name: mean.compute() for name, mean in self.means.items()}}
        return {**row, TOLD_RATE: self.told[TOLD_RATE]} if scheduled else row

    def position(self) -> dict[str, Any]:
        """What a checkpoint holds of it, as JSON values."""
        self.read()
        means = {name: dataclasses.asdict(mean) for name, mean in self.means.items()}
        position = {"loss": dataclasses.asdict(self.loss), "means": means, "told": self.told}
        return position if self.not_finite is None else {**position, "not_finite": [*self.not_finite]}
