"""Two moments side by side: which values and gradients are of another size."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from ..graph import Source
from .moment import Moment
from .timeline import Array

LEAST = 0.1  # by how much the root of the mean square has changed, as a share, where that is worth telling


class Difference(NamedTuple):
    """How many times as large a value, or a `gradient`, is now, by the root of its mean square.

    0 where it has become zero, infinite where it was zero, NaN where one of the two is not finite.
    """

    source: Source
    ratio: float
    gradient: bool = False


def differences(before: Moment, after: Moment, least: float = LEAST) -> list[Difference]:
    """What is there at both moments and has changed by more than a share of `least`, in the order of `after`."""
    return list(_found(before, after, least))


def _found(before: Moment, after: Moment, least: float) -> Iterator[Difference]:
    for source in after.timeline.run.tensors:
        pairs = (
            (before.value(source), after.value(source)),
            (
                before.gradient(source).value,
                after.gradient(source).value,
            ),
        )
        for gradient, (old, new) in enumerate(pairs):
            if old is None or new is None or old is new or new.dtype.kind not in "fiu":
                continue
            ratio = _ratio(_rms(old), _rms(new))
            if not abs(ratio - 1.0) <= least:
                yield Difference(source, ratio, bool(gradient))


class Alone(NamedTuple):
    """What is known at one of two moments only: a value, or a `gradient`."""

    source: Source
    gradient: bool = False


def alone(at: Moment, other: Moment) -> list[Alone]:
    """What is there at a moment and not at the other."""
    found = []
    for source in at.timeline.run.tensors:
        if at.value(source) is not None and other.value(source) is None:
            found.append(Alone(source))
        if at.gradient(source).value is not None and other.gradient(source).value is None:
            found.append(Alone(source, gradient=True))
    return found


def _rms(array: Array) -> float:
    with np.errstate(all="ignore"):
        return float(np.sqrt(np.mean(np.square(array, dtype=np.float64)))) if array.size else 0.0


def _ratio(old: float, new: float) -> float:
    if old == new or (np.isnan(old) and np.isnan(new)):
        return 1.0
    if not np.isfinite(old) or not np.isfinite(new):
        return float("nan")
    return new / old if old else float("inf")
