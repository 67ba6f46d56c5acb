"""Samples of a data set that is in memory or mapped, as rows of a table."""

from __future__ import annotations

import numpy as np

from ...core.data import Dataset
from .grid import Array, Grid, Tally, shown_columns, told_number
from .table_file import COUNTED, SHOWN

AT_ONCE = 2**26  # bytes that are looked at


def sample_grid(whole: Dataset) -> Grid:
    """The first samples, their features side by side and the target behind them."""
    if not len(whole):
        return Grid((), (), (), (), ())
    if whole.x.dtype.kind in "iu" and whole.y.ndim == 2 and whole.class_names is not None:
        return _texts(whole, whole.class_names)
    width = int(np.prod(whole.feature_shape))
    targets = whole.y.reshape(len(whole), -1)
    columns = shown_columns(width + targets.shape[1], width)
    features = [each for each in columns if each < width]
    part = first_rows(whole)[:, features]
    places = list(np.ndindex(*whole.feature_shape)) if whole.x.ndim > 2 else []
    names = [", ".join(map(str, places[each])) if places else _name(whole, each) for each in features]
    cells = [[told_number(number) for number in row] for row in part[:SHOWN]]
    about = [_told(column) for column in part.T]
    for number in range(targets.shape[1]):
        names.append("y" if targets.shape[1] == 1 else f"y{number}")
        told = [_target(whole, target) for target in targets[:SHOWN, number]]
        cells = [[*row, target] for row, target in zip(cells, told, strict=True)]
        about.append(f"class\n{whole.classes:,} classes\n" if whole.classes else _told(targets[: len(part), number]))
    count, shown = len(whole), len(features)
    parts = [f"the first {SHOWN} of {count:,} rows" if count > SHOWN else "all rows"]
    parts += [f"of columns what {len(part):,} rows hold"] * (count > len(part))
    parts += [f"{shown:,} of {width:,} features"] * (shown < width)
    return Grid(
        tuple(names),
        tuple(about),
        tuple(tuple(row) for row in cells),
        tuple(f"{row:,}" for row in range(len(cells))),
        tuple(range(len(names))),
        shown,
        frozenset(range(shown)) | (frozenset(range(shown, len(names))) if whole.classes is None else frozenset()),
        told="; ".join(parts),
    )


def told_range(whole: Dataset) -> tuple[str, str]:
    """The least and the greatest number of x, of a very large set among its first rows."""
    part = first_rows(whole)
    return told_number(part.min()), told_number(part.max())


def first_rows(whole: Dataset, most: int = COUNTED) -> Array:
    """Features (n, F) of the first rows, of wide ones fewer: they may lie in a file that memory does not hold."""
    bytes_of_row = max(1, int(np.prod(whole.feature_shape)) * whole.x.dtype.itemsize)
    part = np.asarray(whole.x[: max(1, min(most, len(whole), AT_ONCE // bytes_of_row))])
    return part.reshape(len(part), -1)


def _name(whole: Dataset, column: int) -> str:
    return whole.feature_names[column] if whole.feature_names else f"x{column}"


def _target(whole: Dataset, target: float) -> str:
    return told_number(target) if whole.class_names is None else whole.class_names[int(target)]


def _told(column: Array) -> str:
    tally = Tally()
    tally.add_numbers(np.asarray(column, np.float64))
    return tally.told()


def _texts(whole: Dataset, characters: tuple[str, ...]) -> Grid:
    """Samples of a text, each as its characters and those that come next."""

    def spelled(row: Array) -> str:
        return "".join(characters[number] for number in row).replace("\n", "⏎").replace("\t", "⇥")

    rows = tuple((spelled(x), spelled(y)) for x, y in zip(whole.x[:SHOWN], whole.y[:SHOWN], strict=True))
    about = f"text\n{whole.x.shape[1]:,} characters\n"
    told = f"the first {SHOWN} of {len(whole):,} rows" if len(whole) > SHOWN else "all rows"
    return Grid(
        ("x", "y"), (about, f"{about}one further on"), rows, tuple(map(str, range(len(rows)))), (0, 1), 1, told=told
    )
