"""What meets at a fork: the parts of a gradient before they are summed, and how they agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..summary import length
from .timeline import Array

CLOSE = 1e-9  # what rounding may have left between a sum and the sum of sizes, of the sum
LEAST = 0.005  # of what cancels, that is told: less is 0 %


@dataclass(frozen=True)
class Fork:
    """The contributions to one gradient, in the order in which they are added."""

    parts: Sequence[Array]

    @cached_property
    def _flat(self) -> list[Array]:
        """The parts as vectors of float64: figures about float32 are not themselves rounded to it."""
        return [np.asarray(part, np.float64).ravel() for part in self.parts]

    @cached_property
    def _sum(self) -> Array:
        with np.errstate(over="ignore", invalid="ignore"):
            return np.sum(self._flat, axis=0)

    @cached_property
    def norms(self) -> tuple[float, ...]:
        """The Euclidean norm of each part."""
        with np.errstate(over="ignore"):  # then it is infinite, and is told so
            return tuple(length(part) for part in self._flat)

    @cached_property
    def shares(self) -> tuple[float, ...]:
        """Each part's projection on the sum Σ, ⟨g, Σ⟩ / ⟨Σ, Σ⟩: they add up to 1, and one that opposes is negative.

        NaN where the sum is zero: nothing can be said to be a share of it.
        """
        with np.errstate(over="ignore", invalid="ignore"):
            square = float(self._sum @ self._sum)
            if not square:
                return tuple(float("nan") for _ in self.parts)
            return tuple(float(part @ self._sum) / square for part in self._flat)

    @cached_property
    def cancellation(self) -> float:
        """κ = 1 − ‖Σg‖ / Σ‖g‖: 0 where the parts agree, 1 where they cancel; 0 where all of them are zero."""
        total = sum(self.norms)
        return 1.0 - length(self._sum) / total if total else 0.0

    @cached_property
    def opposes(self) -> bool:
        """Whether at some element parts have opposite signs. Else nothing cancels: where κ is above 0 nevertheless the
        parts are of different elements, and norms do not add up.
        """
        with np.errstate(over="ignore", invalid="ignore"):
            apart = np.sum(np.abs(self._flat), axis=0) - np.abs(self._sum)
            return bool(np.any(apart > CLOSE * np.abs(self._sum)))

    @property
    def cancelled(self) -> str:
        """κ as it is told, `80 %`; empty where that would say nothing: where no parts oppose, and of what is not
        finite.
        """
        share = self.cancellation if self.opposes else 0.0
        return f"{share:.0%}".replace("%", "\u202f%") if np.isfinite(share) and share >= LEAST else ""

    def cosine(self, first: int, second: int) -> float:
        """The cosine of the angle between two parts; NaN where one of them is zero."""
        norms = self.norms[first] * self.norms[second]
        return float(self._flat[first] @ self._flat[second]) / norms if norms else float("nan")
