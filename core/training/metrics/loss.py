"""The mean of a loss over samples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

from ...errors import ShapeError
from ...refusing import numbers
from .counting import Array, seen


@dataclass(frozen=True, slots=True)
class MeanLoss:
    """Mean of a loss over samples, where each batch's loss is itself a mean over that batch."""

    name: ClassVar[str] = "loss"
    counts: ClassVar[str] = "the mean loss of each batch, weighted by its samples"
    total: float = 0.0
    samples: int = 0

    def reset(self) -> Self:
        """One that has seen nothing."""
        return type(self)()

    def update(self, loss: Array | float, samples: int) -> Self:
        """With the loss, one number, of a batch of `samples`; ShapeError if it is not one number."""
        value = numbers(loss, "a loss must hold")
        if value.size != 1:
            raise ShapeError(
                f"a loss must be one number; found shape {value.shape}", hint="take its mean over the batch"
            )
        return type(self)(self.total + float(value.item()) * samples, self.samples + samples)

    def compute(self) -> float:
        """The mean so far; RunError before the first sample."""
        return self.total / seen(self.name, self.samples)

    def number(self) -> float:
        """The mean so far."""
        return self.compute()
