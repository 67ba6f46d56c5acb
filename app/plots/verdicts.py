"""What is predicted of samples, held against what is true."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ..look.numbers import significant
from .card import Array
from .data import Samples

ARROW = " → "  # from what is true to what was predicted
LEAST = 1e-5  # shares below it are told as no more than that: 6.36e−21 % is harder to read, and says no more
FEATURES = 8  # of a sample without a picture, that are told


class Verdicts(NamedTuple):
    """`predicted` and `targets` are classes by number, or scores. What is not `finite` is predicted as nothing."""

    shares: Array
    targets: Array
    predicted: Array
    finite: Array
    right: Array  # all False for scores
    names: tuple[str, ...]

    @property
    def scored(self) -> bool:
        """Whether numbers are predicted, and no classes."""
        return self.shares.shape[1] == 1

    @property
    def differences(self) -> Array:
        """By how much scores are above what was to be predicted."""
        return self.predicted - self.targets

    def name(self, target: float) -> str:
        """A class, or a score, as it is told."""
        if self.scored or not np.isfinite(target):
            return significant(float(target), 3)
        number = int(target)
        return self.names[number] if 0 <= number < len(self.names) else str(number)

    def caption(self, index: int) -> str:
        """The class that was predicted rightly, else what is true and what was predicted."""
        true = self.name(self.targets[index])
        if self.right[index]:
            return true
        return true + ARROW + (self.name(self.predicted[index]) if self.finite[index] else "NaN")

    def sure(self, index: int) -> float:
        """The share of the class that was predicted, 0 where there is none."""
        return float(self.shares[index].max()) if self.finite[index] and not self.scored else 0.0

    def highest(self, index: int, most: int) -> list[int]:
        """The classes with the highest shares, and that which is true."""
        known = np.nan_to_num(self.shares[index], nan=-np.inf)
        found = np.argsort(-known, kind="stable")[:most].tolist()
        target = self.targets[index]
        true = int(target) if np.isfinite(target) else -1
        return found + [true] * (0 <= true < len(self.names) and true not in found)

    def words(self, index: int) -> str:
        """All that is told of a sample, in one line."""
        start = f"sample {index}: target {self.name(self.targets[index])}, "
        if not self.finite[index]:
            return start + "what is predicted is not finite"
        if self.scored:
            found = f"predicted {self.name(self.predicted[index])}, difference "
            return start + found + signed(self.differences[index])
        shares = (f"{self.names[each]} {percent(self.shares[index, each])}" for each in self.highest(index, 5))
        return f"{start}predicted {self.name(self.predicted[index])}; {', '.join(shares)}"


def judge(samples: Samples) -> Verdicts:
    """The verdicts on samples."""
    count = len(samples.targets)
    shares = np.asarray(samples.shares, np.float64).reshape(count, -1)
    targets = np.asarray(samples.targets, np.float64).reshape(count)
    finite = np.asarray(np.isfinite(shares).all(1))
    if shares.shape[1] == 1:
        return Verdicts(shares, targets, shares[:, 0], finite, np.zeros(count, bool), ())
    predicted = np.where(finite, shares.argmax(1), np.nan)
    names = samples.classes or tuple(str(number) for number in range(shares.shape[1]))
    return Verdicts(shares, targets, predicted, finite, finite & (predicted == targets), names)


def percent(share: float) -> str:
    """A share as it is told; of one that is next to nothing no more than that."""
    if 0 < share < LEAST:
        return f"<{significant(100 * LEAST, 3)} %"
    return exact_percent(share, 3)


def exact_percent(share: float, digits: int) -> str:
    """A share with so many digits, however small it is."""
    return f"{significant(100 * float(share), digits)} %" if np.isfinite(share) else significant(float(share), digits)


def signed(difference: float) -> str:
    """A difference with its sign."""
    return ("+" if difference > 0 else "") + significant(float(difference), 3)


def features(samples: Samples, index: int) -> str:
    """The first features of a sample."""
    found = np.asarray(samples.features[index]).reshape(-1)
    text = ", ".join(significant(number, 3) for number in found[:FEATURES])
    return text + (", …" if found.size > FEATURES else "")
