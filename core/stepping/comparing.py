"""Two moments side by side: which values and gradients have changed, element by element."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from ..graph import Source
from ..summary import length
from .moment import Moment
from .timeline import Array

LEAST = 0.1  # the relative change from which on it is worth telling


class Difference(NamedTuple):
    """What has become of a value, or of a `gradient`.

    `change` is ‖new − old‖ / max(‖old‖, ‖new‖): 1 where one of the two is zero, 2 where every sign has turned, NaN
    where it is no number, since one is not finite or their shapes differ.
    """

    source: Source
    old: Array
    new: Array
    change: float
    gradient: bool = False


def differences(before: Moment, after: Moment, least: float = LEAST) -> list[Difference]:
    """What is there at both moments and has changed by more than a share of `least`, in the order of `after`."""
    return list(_found(before, after, least))


def _found(before: Moment, after: Moment, least: float) -> Iterator[Difference]:
    for source in after.timeline.run.tensors:
        pairs = (
            (before.value(source), after.value(source)),
            (before.gradient(source).value, after.gradient(source).value),
        )
        for gradient, (old, new) in enumerate(pairs):
            if old is None or new is None or old is new or new.dtype.kind not in "fiub":
                continue
            change = relative_change(old, new)
            if not change <= least:
                yield Difference(source, old, new, change, bool(gradient))


def relative_change(old: Array, new: Array) -> float:
    """‖new − old‖ / max(‖old‖, ‖new‖): 0 to 2; NaN where shapes differ, or what is not finite has changed."""
    if old.shape != new.shape:
        return float("nan")
    if np.array_equal(old, new, equal_nan=new.dtype.kind == "f"):
        return 0.0
    old, new = np.asarray(old, np.float64), np.asarray(new, np.float64)
    largest = max(float(np.max(np.abs(old))), float(np.max(np.abs(new))))
    if not np.isfinite(largest):
        return float("nan")
    old, new = old / largest, new / largest  # so that no square is too large for a number, or too small
    return length(new - old) / max(length(old), length(new))


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
