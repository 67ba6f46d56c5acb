"""Which learning rates suit: the loss while the rate grows from iteration to iteration (Smith; fastai)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from ...errors import RunError
from ...running import Holding
from ..finding import told
from .bench import Bench

LOW, HIGH, ITERATIONS = 1e-7, 10.0, 100  # fastai
SMOOTHING = 0.9  # of the average before (fastai: 0.98, for more batches)
DIVERGES = 4.0  # times the lowest smoothed loss, or so many times as far up as it had come down (fastai: the first)
FALLS = 0.05  # of the loss at the start, at least
AT_REST = 4  # the first of so many parts of the iterations have rates that move hardly anything
SURE = 3.0  # times as much as the smoothed loss differs from batch to batch, at least
SMOOTHED = ((1 - SMOOTHING) / (1 + SMOOTHING)) ** 0.5  # what smoothing leaves of a deviation
JUMPS = 4.0  # times the usual jump between two iterations, where a loss has no floor at 0
BELOW = 10.0  # so many times below the rate of the lowest loss, which is near the edge (fastai)


@dataclass(frozen=True)
class RateRange:
    """The rates so far, the loss at each and its smoothed course; `over`: no more follows."""

    rates: tuple[float, ...]
    losses: tuple[float, ...]
    smoothed: tuple[float, ...]
    over: bool

    @property
    def suggested(self) -> float | None:
        """A tenth of the rate at which the smoothed loss is the lowest; None where it has hardly fallen, or where that
        is less than any rate that was tried.
        """
        rate = self._lowest / BELOW
        return rate if self._falls and rate >= self.rates[0] else None

    @property
    def start(self) -> float:
        """The mean loss before anything is learnt."""
        return float(np.mean(self._at_rest))

    @property
    def _at_rest(self) -> tuple[float, ...]:
        return self.losses[: max(len(self.losses) // AT_REST, 1)]

    @property
    def _lowest(self) -> float:
        """The rate at which the smoothed loss is the lowest."""
        return self.rates[self._at_lowest]

    @property
    def _at_lowest(self) -> int:
        """Where that is, behind what is at rest."""
        rest = len(self._at_rest) - 1
        return rest + int(np.argmin(self.smoothed[rest:]))

    @property
    def _falls(self) -> bool:
        """Whether the loss has fallen by more than chance makes of it."""
        return self.start - self.smoothed[self._at_lowest] > self._least

    @property
    def floored(self) -> bool:
        """Whether no loss was below 0, so that its size says how far it has come."""
        return min(self.losses) >= 0

    @property
    def _least(self) -> float:
        """By how much it must have fallen."""
        if self.floored:
            return max(FALLS * self.start, SURE * SMOOTHED * float(np.std(self._at_rest)))
        return JUMPS * _jump(self.losses)

    @property
    def text(self) -> str:
        """What it is, with the rates between which it was looked for."""
        if not self.over:
            return f"rate {told(self.rates[-1])}: loss {told(self.losses[-1])}"
        between = f"between {told(self.rates[0])} and {told(self.rates[-1])}"
        if not self._falls:
            batches = ", or by no more than it differs from batch to batch" if self.floored else ""
            return f"no rate {between} stands out: the loss hardly falls at any{batches}{self._how}"
        if self.suggested is None:
            return f"no rate {between} stands out: the loss is the lowest already at {told(self._lowest)}{self._how}"
        return (
            f"a rate of about {told(self.suggested)} suits: a tenth of {told(self._lowest)}, where the loss is the"
            f" lowest of those {between}{self._how}"
        )

    @property
    def _how(self) -> str:
        if self.floored:
            return ""
        return (
            " (it goes below 0, so that its size says nothing: a fall counts from"
            f" {JUMPS:g} times the usual jump between two iterations on)"
        )


def _jump(losses: tuple[float, ...]) -> float:
    """By how much a loss usually differs from the one before."""
    return float(np.median(np.abs(np.diff(losses)))) if len(losses) > 1 else np.inf


def learning_rate_range(
    held: Holding, low: float = LOW, high: float = HIGH, iterations: int = ITERATIONS
) -> Iterator[RateRange]:
    """Train from the document's values, each iteration with a larger rate, until the loss diverges.

    Raises `GradwireError` for what cannot be trained, and where the loss is not finite before any rate is tried.
    """
    bench = Bench(held)
    rates = np.geomspace(low, high, iterations)
    found = RateRange((), (), (), False)
    average, lowest = 0.0, np.inf
    for (number, rows), rate in zip(bench.batches(), rates, strict=False):
        loss = float(bench.step(number, rows, float(rate)).made["loss"])
        average = SMOOTHING * average + (1 - SMOOTHING) * loss
        smooth = average / (1 - SMOOTHING**number)
        if number == 1 and not np.isfinite(loss):
            raise RunError(f"no rate can be tried: the loss is {loss} with the values as they are (required: finite)")
        start = found.start if found.losses else loss
        usual = max(abs(lowest), start - lowest, 0.0 if lowest >= 0 else _jump(found.losses))
        far = number > iterations // AT_REST and smooth - lowest > (DIVERGES - 1) * usual
        ends = not np.isfinite(loss) or far
        over = ends or number == iterations
        if np.isfinite(loss):
            lowest = min(lowest, smooth)
            found = replace(
                found,
                rates=(*found.rates, float(rate)),
                losses=(*found.losses, loss),
                smoothed=(*found.smoothed, smooth),
            )
        if found.rates:
            yield replace(found, over=over)
        if over:
            return
