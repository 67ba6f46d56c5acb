"""How many samples each class has, and what makes up for classes that have few."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import DataError
from .datasets import Array, Dataset, quoted

MOST_ROWS = 2**26  # of a part in which rare classes are repeated


def class_counts(dataset: Dataset) -> dict[str, int]:
    """How many labels each class has, by its name; nothing for real targets."""
    if dataset.class_names is None:
        return {}
    counts = np.bincount(dataset.y.reshape(-1), minlength=len(dataset.class_names))
    return dict(zip(dataset.class_names, counts.tolist(), strict=True))


def class_weights(labels: ArrayLike, classes: int | None = None) -> NDArray[np.float64]:
    """A weight for each class (C,) with which a loss counts all classes alike: N / (C · how many it has).

    Of labels as they come their mean is 1. A class without a sample has the weight 0. `classes` is the greatest label
    and one where it is not given.
    """
    flat: Array = np.asarray(labels).reshape(-1)
    if flat.dtype.kind not in "iu" or not flat.size or flat.min() < 0:
        raise DataError("labels must be integers of 0 or more, at least one", hint="class_weights(prepared.train.y)")
    counts = np.bincount(flat, minlength=classes or 0)
    if classes is not None and len(counts) > classes:
        many = f"{classes} class{'es' * (classes != 1)}"
        raise DataError(f"labels must be from 0 to {classes - 1}, for {many}; found {len(counts) - 1}")
    present = counts > 0
    weights = np.zeros(len(counts))
    weights[present] = flat.size / (present.sum() * counts[present])
    return weights


def balanced_rows(dataset: Dataset) -> NDArray[np.int64]:
    """Rows with which each class that is there is as frequent as the most frequent one: those of rarer ones repeat.

    The rows as they are come first, then what makes up, class by class in the order of the source.
    """
    if dataset.class_names is None or dataset.y.ndim != 1:
        raise DataError(
            f"{dataset.name}: labels of shape (N,) are required to balance classes;"
            f" found {'real targets' if dataset.class_names is None else 'labels'} of shape {dataset.y.shape}",
            hint='"balance": false',
        )
    counts = np.bincount(dataset.y)
    most = int(counts.max())
    if (total := most * int((counts > 0).sum())) > MOST_ROWS:
        raise DataError(f"{dataset.name}: at most {MOST_ROWS:,} rows can come of balancing; it would take {total:,}")
    rows = [np.arange(len(dataset))]
    for label in np.flatnonzero((counts > 0) & (counts < most)):
        own = np.flatnonzero(dataset.y == label)
        rows.append(np.resize(own, most - len(own)))
    return np.concatenate(rows)


def told_rows(training: Dataset, validation: Dataset) -> str:
    """`1,797 rows: 1,438 to train with, 359 held out`."""
    train, held = len(training), len(validation)
    return f"{train + held:,} rows: {train:,} to train with, {held:,} held out"


def told_counts(training: Dataset, validation: Dataset, limit: int = 12) -> str:
    """`"a": 40 and 10, "b": 8 and 2`: the samples of each class that train and that are held out."""
    counts, held_out = class_counts(training), class_counts(validation)
    told = [f"{quoted(name)}: {count:,} and {held_out[name]:,}" for name, count in counts.items()]
    return ", ".join(told[:limit]) + (f" and {len(told) - limit:,} more" if len(told) > limit else "")
