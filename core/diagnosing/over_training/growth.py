"""Which learning rate would have been stable, by how fast the loss has grown with the one that was not."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .facts import Stretch

GROWN = 100.0  # times the lowest loss: no chance of batches makes that of it
WITHIN = 0.25  # of the largest rate that would have been stable: batches differ, and the middle of the way is fastest
BY_GRADIENT = ("sgd",)  # optimisers whose step is as long as the gradient, so that the loss grows like a power


class Growth:
    """Of one run. Down a valley of curvature λ a step of the rate r makes of the distance to its ground w the distance
    (1 − r λ) w, which grows where r λ is above 2. By which factor it grows tells λ, and with it the rate that would not
    have. The loss grows like the square of the distance.
    """

    def __init__(self) -> None:
        self._lowest = math.inf, 0  # and its iteration
        self.factor = 0.0  # by which the distance grew with each iteration, 0 where it did not

    def take(self, stretch: Stretch) -> None:
        """More iterations have ended."""
        for number, loss in enumerate(stretch.losses, stretch.first):
            if not math.isfinite(loss):
                return
            lowest, at = self._lowest
            if loss < lowest:
                self._lowest = loss, number
            elif loss > GROWN * lowest > 0:
                self.factor = max(self.factor, (loss / lowest) ** (0.5 / (number - at)))

    def suiting(self, rate: float, optimiser: Mapping[str, Any]) -> float:
        """A rate well within those that are stable, in the place of this one; NaN where nothing tells."""
        if not self.factor or optimiser.get("name", "sgd") not in BY_GRADIENT:
            return math.nan
        kept = float(optimiser.get("momentum", 0.0))  # of the step before: f² − (1 + kept − r λ) f + kept = 0
        steep = self.factor + kept / self.factor + 1 + kept  # r λ
        return float(f"{WITHIN * 2 * (1 + kept) * rate / steep:.1g}")
