"""Which samples train, which validate, and in what order: pure functions of a seed."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ..errors import DataError, ParameterError
from ..random import permutation
from .datasets import Dataset, check_values

Rows = NDArray[np.int64]


def split(dataset: Dataset, validation: float = 0.2, seed: int = 0, stratify: bool = True) -> tuple[Dataset, Dataset]:
    """(training part, validation part), each in the order of the source; the same for the same seed.

    `validation` is the share of the samples that validate, rounded half up; 0 holds nothing out. With `stratify` each
    class is split by that share to within one sample; real targets and texts are split without. A part that ends up
    empty, NaN in the data and labels out of range raise DataError.
    """
    check_values(dataset)
    held_out = _count(dataset, validation)
    order = permutation(seed, 0, len(dataset), purpose="split")
    if stratify and dataset.classes is not None and dataset.y.ndim == 1:
        chosen = _stratified(dataset.y[order], dataset.classes, validation, held_out)
    else:
        chosen = np.arange(len(dataset)) < held_out
    training, validating = np.sort(order[~chosen]), np.sort(order[chosen])
    return (
        dataset.take(training, f"{dataset.name}, training part"),
        dataset.take(validating, f"{dataset.name}, validation part"),
    )


def _count(dataset: Dataset, validation: float) -> int:
    if not 0 <= validation <= 1:
        raise ParameterError(
            f"validation must be a share between 0 and 1; found {validation!r}", hint="validation: 0.2"
        )
    total = len(dataset)
    held_out = math.floor(validation * total + 0.5)
    for part, found in (("validation", held_out), ("training", total - held_out)):
        if found == 0 and not (part == "validation" and validation == 0):
            raise DataError(
                f"{dataset.name}: at least one sample is required in the {part} part;"
                f" found none, by a validation share of {validation} of {total}",
                hint="validation: 0.5" if total > 1 else "validation: 0, or more samples",
            )
    return held_out


def _stratified(labels: Rows, classes: int, validation: float, held_out: int) -> NDArray[np.bool_]:
    """Which of `labels` (N,), already shuffled, validate: the first ones of each class, `held_out` in all.

    Each class gives the whole part of its share; the largest remainders give one more (the method of Hare
    and Niemeyer). Of equal ones the larger class comes first, lest the only sample of a class be held out.
    """
    counts = np.bincount(labels, minlength=classes)
    shares = counts * validation
    quotas = np.floor(shares).astype(np.int64)
    missing = held_out - int(quotas.sum())
    quotas[np.lexsort((-counts, quotas - shares))[: max(missing, 0)]] += 1
    chosen = np.zeros(len(labels), dtype=np.bool_)
    for label, quota in enumerate(quotas):
        chosen[np.flatnonzero(labels == label)[:quota]] = True
    return chosen


def batches(count: int, size: int, seed: int, epoch: int, shuffle: bool = True) -> list[Rows]:
    """The rows of each batch of an epoch, int64 (size,) each and the last one smaller where it must be.

    Every row of 0 … count - 1 comes once. The order is a pure function of (seed, epoch), so that a resumed
    run needs no generator's state.
    """
    if size < 1:
        raise ParameterError(f"a batch must have at least one sample; found {size}", hint="batch: 32")
    if count < 1:
        raise DataError(f"at least one sample is required to make batches; found {count}")
    order = _order(seed, epoch, count) if shuffle else np.arange(count, dtype=np.int64)
    return [order[start : start + size] for start in range(0, count, size)]


@lru_cache(maxsize=2)  # one iteration of an epoch after the other asks, of training and of a recording beside it
def _order(seed: int, epoch: int, count: int) -> Rows:
    """The order of an epoch, which nobody may write to."""
    order = permutation(seed, epoch, count)
    order.flags.writeable = False
    return order
