"""What every metric is: an immutable value that grows batch by batch.

`update` gives the next one, `compute` what it has come to, `number` the one number of it that a history holds. Its
fields are its settings and sums (counts as integers, the rest in float64), never means of means, so a smaller last
batch weighs what it should.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import fields
from types import MappingProxyType
from typing import Any, ClassVar, Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...errors import RunError
from ...parameters import Parameter
from ...refusing import numbers
from ...signature import Aval, Limits

Array = NDArray[Any]
Shaped = Array | Aval


class Metric(ABC):
    """Compares predictions with targets. `name` is how training settings call it, `title` how it is shown, and
    `counts` says what it counts; `settings` are the fields that a user chooses. A `formula` is of sums over samples.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    counts: ClassVar[str]
    formula: ClassVar[str] = ""
    better: ClassVar[Literal["max", "min"]] = "max"  # whether a larger or a smaller number is the better one
    settings: ClassVar[Mapping[str, Parameter]] = MappingProxyType({})

    @property
    def chosen(self) -> dict[str, Any]:
        """Its settings."""
        return {name: getattr(self, name) for name in self.settings}

    @property
    def label(self) -> str:
        """What a history calls it: its name, with the settings that are not as they are by default, `top_k_3`."""
        other = [str(value) for name, value in self.chosen.items() if value != self.settings[name].default]
        return "_".join([self.name, *other])

    def reset(self) -> Self:
        """One with these settings that has seen nothing."""
        return type(self)(**self.chosen)

    @abstractmethod
    def check(self, prediction: Shaped, target: Shaped) -> None:
        """Raise ShapeError where the shapes do not fit."""

    @abstractmethod
    def limits(self, prediction: Shaped, target: Shaped) -> Limits | None:
        """What the elements of the target must lie between; None where any fit."""

    def update(self, prediction: ArrayLike, target: ArrayLike) -> Self:
        """A new metric, with one more batch counted; this one stays as it is.

        Raises RunError for what holds no numbers, ShapeError for shapes, DataError for labels that do not fit.
        """
        arrays = [
            numbers(value, f"{self.name}: {role} must hold")
            for role, value in (("prediction", prediction), ("target", target))
        ]
        self.check(*arrays)
        return self.with_batch(*arrays)

    @abstractmethod
    def with_batch(self, prediction: Array, target: Array) -> Self:
        """The metric after a batch whose shapes fit. Raises DataError for labels that do not."""

    @abstractmethod
    def compute(self) -> Any:
        """What it has come to so far, a number or arrays; RunError before the first sample."""

    def number(self) -> float:
        """The one number of it for a history."""
        return float(self.compute())

    def plain(self) -> dict[str, Any]:
        """Its fields as numbers, texts and lists, from which `type(self)(**plain)` makes it again, bit for bit."""
        return {field.name: _plain(getattr(self, field.name)) for field in fields(self)}  # type: ignore[arg-type]

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and self.plain() == other.plain()

    __hash__ = None  # type: ignore[assignment]


def _plain(value: Any) -> Any:
    return value.tolist() if isinstance(value, np.ndarray) else value


def seen(name: str, count: int) -> int:
    """`count`; RunError where it is 0."""
    if count == 0:
        raise RunError(
            f"{name} needs at least one sample; found none",
            hint="metric = metric.update(prediction, target) counts a batch: update gives a new metric",
        )
    return count
