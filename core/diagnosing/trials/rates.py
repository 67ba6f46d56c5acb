"""Which learning rates suit: the loss while the rate grows from iteration to iteration (Smith; fastai)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from ...running import Holding
from ..over_training.diagnosis import told
from .bench import Bench

LOW, HIGH, ITERATIONS = 1e-7, 10.0, 100  # fastai
SMOOTHING = 0.9  # of the average before (fastai: 0.98, for more batches)
DIVERGES = 4.0  # times the lowest smoothed loss (fastai)
FALLS = 0.05  # of the loss at the start, at least
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
        """A tenth of the rate at which the smoothed loss is the lowest; None where it has hardly fallen."""
        lowest = int(np.argmin(self.smoothed))
        falls = self.smoothed[0] - self.smoothed[lowest] > FALLS * abs(self.smoothed[0])
        return self.rates[lowest] / BELOW if falls else None

    @property
    def text(self) -> str:
        """What it is, with the rates between which it was looked for."""
        if not self.over:
            return f"rate {told(self.rates[-1])}: loss {told(self.losses[-1])}"
        between = f"between {told(self.rates[0])} and {told(self.rates[-1])}"
        if self.suggested is None:
            return f"the loss hardly falls at any rate {between}"
        lowest = self.rates[int(np.argmin(self.smoothed))]
        return (
            f"a rate of about {told(self.suggested)} suits: a tenth of {told(lowest)}, where the loss is the lowest of"
            f" those {between}"
        )


def learning_rate_range(
    held: Holding, low: float = LOW, high: float = HIGH, iterations: int = ITERATIONS
) -> Iterator[RateRange]:
    """Train from the document's values, each iteration with a larger rate, until the loss diverges.

    Raises `GradwireError` for what cannot be trained.
    """
    bench = Bench(held)
    rates = np.geomspace(low, high, iterations)
    found = RateRange((), (), (), False)
    average, lowest = 0.0, np.inf
    for (number, rows), rate in zip(bench.batches(), rates, strict=False):
        loss = float(bench.step(number, rows, float(rate)).made["loss"])
        average = SMOOTHING * average + (1 - SMOOTHING) * loss
        smooth = average / (1 - SMOOTHING**number)
        ends = not np.isfinite(loss) or smooth > DIVERGES * lowest
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
