"""`Dataset`, what every source gives, and the checks that it must pass before a network sees it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import DataError, Place, Refusals
from .rows import Rows, Samples, first_where

Array = NDArray[Any]
Where = Callable[[str, int], Place]
Categories = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Options:
    """How a file is to be read; each None means "find out".

    target      the column (name, or index counted from 0, negative from the end) of a table; the array's name
                in an .npz; the labels' own file beside an .npy or an IDX file
    header      whether the first line of a text table holds names
    task        "classification" or "regression"
    classes     how many classes there are, where a label may be absent from the file; of some made sets
    window      how many characters a sample of a text has; it makes a .txt a text and no table
    image_size  height and width to which images are brought, or in which they are made
    colour      whether images of a folder are read as "grey" or "rgb"
    samples     how many samples of a made set are drawn
    noise       the deviation of what is added to them
    data_seed   the seed of both
    categories  the texts that columns of text may hold, of each its name and then its texts in the order of the
                columns of 0 and 1 that they become; those of the target in the order of its classes
    """

    target: str | int | None = None
    header: bool | None = None
    task: str | None = None
    classes: int | None = None
    window: int | None = None
    image_size: tuple[int, int] | None = None
    colour: str | None = None
    samples: int | None = None
    noise: float | None = None
    data_seed: int | None = None
    categories: Categories | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Dataset:
    """Samples and their targets; it takes its arrays over and makes them read-only.

    x              (N, ...) numbers, one row a sample: an array, or `Rows` of what stays where it is
    y              int64 labels 0 … C - 1, (N,) or (N, T) of T places each; or real targets (N, K)
    feature_names  one a column of x where x is (N, F), else empty
    class_names    one a label, or None for real targets
    where          names the place of a row of "x" or "y" in its file, None where only its number is known
    part           it is a part of another set, which may hold no samples
    one_hot        the columns of x that are 1 where a column of text held one of its texts, and else 0
    categories     what all columns of text hold, as `Options.categories` lists it: by their place, the target last
    """

    name: str
    x: Samples
    y: Array
    feature_names: tuple[str, ...] = ()
    class_names: tuple[str, ...] | None = None
    where: Where | None = None
    part: bool = False
    one_hot: tuple[int, ...] = ()
    categories: Categories = ()

    def __post_init__(self) -> None:
        if self.x.ndim < 2:
            raise DataError(
                f"{self.name}: x must be (samples, features, ...); found shape {self.x.shape}",
                hint="one feature is a column: x[:, None]",
            )
        check_pairs(self.name, self.x, self.y)
        if 0 in (*self.x.shape[self.part :], *self.y.shape[self.part :]):
            raise DataError(
                f"{self.name}: at least one sample and one feature are required;"
                f" found x of shape {self.x.shape}, y of shape {self.y.shape}"
            )
        self.x.setflags(write=False)
        self.y.setflags(write=False)

    def __len__(self) -> int:
        return len(self.x)

    @property
    def feature_shape(self) -> tuple[int, ...]:
        """Shape of one sample."""
        return self.x.shape[1:]

    @property
    def target_shape(self) -> tuple[int, ...]:
        """Shape of one target: () for a label, (K,) for real targets."""
        return self.y.shape[1:]

    @property
    def classes(self) -> int | None:
        """How many classes there are, or None for real targets."""
        return None if self.class_names is None else len(self.class_names)

    def place(self, output: str, row: int) -> Place:
        """Where a row (from 0) of "x" or "y" stands, for messages."""
        return Place(f"{self.name}, row {row} (from 0)") if self.where is None else self.where(output, row)

    def take(self, rows: NDArray[np.int64], name: str) -> Dataset:
        """The samples at `rows` (M,) under a name of their own: copied, or where they stay as `Rows` of the same."""
        x = self.x.take(rows) if isinstance(self.x, Rows) else self.x[rows]
        return Dataset(name, x, self.y[rows], self.feature_names, self.class_names, part=True)


def check_pairs(name: str, x: Samples, y: Array) -> None:
    """Raise `DataError` unless there is one target for each sample."""
    if y.ndim not in (1, 2) or len(x) != len(y):
        wanted = f"({len(x)},) or ({len(x)}, targets)"
        raise DataError(f"{name}: y must have one row a sample, {wanted}; found shape {y.shape}")


def quoted(value: object, limit: int = 40) -> str:
    """What a file holds as it may stand in a message: on one line, and not too long."""
    text = str(value)
    if len(text) > limit:
        text = text[: limit - 1] + "…"
    return '"' + "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text) + '"'


def check_values(dataset: Dataset) -> None:
    """Raise DataError unless every number is finite and every label an integer from 0 to C - 1."""
    if not len(dataset):
        return  # a part of which nothing is held out
    refusals = Refusals()
    with refusals.gathering():
        _check_finite(dataset, "x", dataset.x, dataset.feature_names)
    with refusals.gathering():
        if dataset.class_names is None:
            _check_finite(dataset, "y", dataset.y, ())
        else:
            _check_classes(dataset, len(dataset.class_names))
    refusals.raise_any()


def _check_classes(dataset: Dataset, classes: int) -> None:
    if dataset.y.dtype.kind not in "iu":
        raise DataError(
            f"{dataset.name}: labels must be integers of shape (N,);"
            f" found {dataset.y.dtype} of shape {dataset.y.shape}",
            hint="class_names=None for real targets",
        )
    check_labels(dataset.y, classes, partial(dataset.place, "y"))


def _check_finite(dataset: Dataset, role: str, values: Samples, names: Sequence[str]) -> None:
    # The extremes of an array are NaN or infinite exactly if some element is; a mask is made only then.
    if values.dtype.kind != "f" or not len(values) or (np.isfinite(values.min()) and np.isfinite(values.max())):
        return
    found = first_where(values, lambda part: ~np.isfinite(part))
    assert found is not None
    row, *rest = found.place
    column = str(tuple(rest)) if len(rest) != 1 else quoted(names[rest[0]]) if names else str(rest[0])
    raise DataError(
        f"{dataset.name}, row {row} (from 0), column {column}: a finite number is required in {role};"
        f" found {found.value}{first_of(found.number)}",
        hint="drop those rows or fill them in",
    )


def first_of(count: int) -> str:
    """What a message says after the first of several faults of one kind."""
    return f", the first of {count:,} such" if count > 1 else ""


def check_labels(labels: Array, classes: int, where: Callable[[int], Place]) -> None:
    """Raise DataError at the first of `labels` (N, ...), any integers, outside 0 … classes - 1."""
    outside = np.argwhere((labels < 0) | (labels >= classes))
    if len(outside):
        first = tuple(outside[0])
        place = where(int(first[0]))
        raise DataError(
            f"{place}: a label from 0 to {classes - 1} is required, for {classes} class{'es' * (classes != 1)};"
            f" found {int(labels[first])}{first_of(len(outside))}",
            hint='labels count from 0 without gaps; else set "classes", use text labels, or "task": "regression"',
            place=place,
        )


def integer_targets(
    labels: Array, classes: int | None, where: Callable[[int], Place]
) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Labels (N,) checked, and the names of the classes; as many classes as distinct labels unless told.

    Labels are taken as they stand: a stray 99 among 0, 1, 2 is refused rather than made a fourth class.
    """
    count = classes if classes is not None else len(np.unique(labels))
    check_labels(labels, count, where)
    return labels.astype(np.int64), tuple(str(label) for label in range(count))


def text_targets(texts: Sequence[str], classes: int | None, shown: str) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Labels (N,) numbered by the sorted names of the classes, and those names."""
    names = tuple(sorted(set(texts)))
    if classes is not None and classes != len(names):
        wanted = "1 class is" if classes == 1 else f"{classes} classes are"
        raise DataError(
            f"{shown}: {wanted} required by its settings; found {len(names)} distinct labels",
            hint=f'"classes": {len(names)}, or leave it out',
        )
    number = {name: index for index, name in enumerate(names)}
    return np.fromiter((number[text] for text in texts), dtype=np.int64, count=len(texts)), names
