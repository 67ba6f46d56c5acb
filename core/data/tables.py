"""Text tables: CSV with commas, semicolons or tabs, read row by row into numbers.

Rows are turned into machine numbers as they are read, so that a table costs 8 bytes a number and its target
column as text, never a list of lists of strings. A feature whose cells are texts becomes columns of 0 and 1.
"""

from __future__ import annotations

import csv
import difflib
import math
from array import array
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path
from typing import TextIO

import numpy as np

from ..cancelling import Cancelled, never, stop_if
from ..errors import DataError, Place, Refusals
from .categories import TextColumns, check_first, listed_by_column, refuse_doubled, spread, unlisted
from .cells import INTEGER, bad_cell, finite, is_missing, meant_as_number, number_of, place_in
from .characters import SNIFFED_CHARACTERS, refuse_zeros, sniff, undecodable
from .datasets import Array, Dataset, Options, Where, integer_targets, quoted, text_targets

MOST_COLUMNS = 100_000
LOOK = 1000  # rows after which is asked whether a table is still wanted


@dataclass(frozen=True, slots=True)
class Layout:
    """What the first line says: the columns' names, which is the target, whether that line is a header.

    `listed` are the categories that the settings name, by column.
    """

    names: tuple[str, ...]
    target: int
    header: bool
    listed: Mapping[str, tuple[str, ...]]

    @property
    def features(self) -> dict[int, str]:
        """The names of the features, by their columns."""
        return {column: name for column, name in enumerate(self.names) if column != self.target}


@dataclass(frozen=True, slots=True)
class Columns:
    """A table as read: features flat, targets as text, and the line (from 1) at which each row begins.

    Of `texts`, the features that are no numbers, `values` holds the numbers that their texts were given.
    """

    values: array[float]
    targets: list[str]
    lines: array[int]
    texts: TextColumns


def read_table(path: Path, shown: str, options: Options, cancelled: Cancelled = never) -> Dataset:
    """Read a text table; `shown` is the name that messages give it. Raises DataError with line and column.

    Raises `Stopped` soon after it is `cancelled`.

    Whole-number and text targets are classes, others real targets (N, 1), unless `options.task` says so. A feature
    is text where its first cell that is not missing is no number, or where `options.categories` lists its texts.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            head = file.read(SNIFFED_CHARACTERS)
            refuse_zeros(head, shown)
            delimiter = sniff(head)
            file.seek(0)
            layout, columns = _read(rows_of(file, delimiter, shown, cancelled), shown, options)
    except UnicodeDecodeError as error:
        raise undecodable(path, shown, error) from error
    stop_if(cancelled)
    # The numbers stay where they were read to: a copy would double the memory of a large table.
    numbers = np.frombuffer(columns.values, dtype=np.float64).reshape(len(columns.lines), len(layout.names) - 1)
    texts = columns.texts.found
    if not layout.header and options.header is None:
        check_first(texts, numbers, shown)
    refuse_doubled([column.name for column in texts], layout.names, shown)
    x, names, one_hot, categories = spread(numbers, [*layout.features.values()], texts, shown)
    where = _places(shown, columns.lines, layout.target, layout.names[layout.target])
    y, class_names = _targets(columns, layout, shown, options, partial(where, "y"))
    if class_names is not None and not all(INTEGER.fullmatch(each) for each in class_names):
        target = layout.names[layout.target]
        refuse_doubled([target], layout.names, shown)
        categories = (*categories, (target, *class_names))
    return Dataset(shown, x, y, names, class_names, where, False, one_hot, categories)


def _places(shown: str, lines: array[int], target: int, name: str) -> Where:
    """What names the line of a row, of a target with its column."""
    columns = {"x": (None, ""), "y": (target, name)}
    return lambda output, row: place_in(shown, lines[row], *columns[output])


def _read(rows: Iterator[tuple[int, list[str]]], shown: str, options: Options) -> tuple[Layout, Columns]:
    first = next(rows, None)
    if first is None:
        raise DataError(f"{shown}: a table of rows is required; found an empty file")
    layout = layout_of(first[1], shown, options)
    columns = Columns(array("d"), [], array("q"), TextColumns(layout.features, layout.listed))
    refusals = Refusals(f"{shown}: ")
    if not layout.header:
        _add_row(columns, layout, shown, *first, refusals)
    with refusals.gathering():  # a row that cannot be split is the last that is read
        for line, cells in rows:
            _add_row(columns, layout, shown, line, cells, refusals)
    columns.texts.check_words(shown, refusals)
    refusals.raise_any()
    if not columns.lines:
        raise DataError(
            f"{shown}: at least one row of numbers is required; found a header alone",
            hint='"header": false if line 1 holds data',
        )
    return layout, columns


def rows_of(file: TextIO, delimiter: str, shown: str, cancelled: Cancelled = never) -> Iterator[tuple[int, list[str]]]:
    """Each row that is not blank, with the line (from 1) at which it begins."""
    reader = csv.reader(file, delimiter=delimiter)
    for number in count():
        if not number % LOOK:
            stop_if(cancelled)
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            place = place_in(shown, line)
            raise DataError(
                f"{place}: a row of cells is required; found one that cannot be split: {error}",
                hint="look for a quote that is never closed",
                place=place,
            ) from error
        if len(cells) > 1 or (cells and cells[0].strip()):
            yield line, cells


def layout_of(first: list[str], shown: str, options: Options) -> Layout:
    """What the first line says. Raises `DataError` for fewer than two columns, and for a target that is not there."""
    width = len(first)
    if width < 2:
        raise DataError(
            f"{shown}: a feature and a target are required, two columns or more; found one column",
            hint="separate columns by commas, semicolons or tabs",
        )
    if width > MOST_COLUMNS:
        raise DataError(
            f"{shown}, line 1: at most {MOST_COLUMNS:,} columns are required in a table of text; found {width:,}",
            hint="save it as .npy",
            place=place_in(shown, 1),
        )
    target = width - 1 if options.target is None else options.target
    header = options.header
    if header is None:
        # Names stand where numbers would: a line with text *and* numbers among its features is a bad row.
        header = isinstance(target, str) or not any(
            number_of(cell) is not None for index, cell in enumerate(first) if index != target % width
        )
    names = tuple(cell.strip() if header and cell.strip() else f"x{index}" for index, cell in enumerate(first))
    at = _target_index(target, names, shown)
    if header:
        refuse_doubled(names, names, shown)
    listed = listed_by_column(options.categories, names, header, shown)
    return Layout(names, at, header, listed)


def _target_index(target: str | int, names: tuple[str, ...], shown: str) -> int:
    if isinstance(target, str):
        if names.count(target) == 1:
            return names.index(target)
        found = "none" if target not in names else f"{names.count(target)} of that name"
        near = difflib.get_close_matches(target, names, 3) or names[:5]
        raise DataError(
            f"{shown}: one column named {quoted(target)} is required as the target; found {found}",
            hint="columns: " + ", ".join(quoted(name) for name in near),
        )
    if not -len(names) <= target < len(names):
        raise DataError(
            f"{shown}: a target column from {-len(names)} to {len(names) - 1} is required; found {target}",
            hint="columns count from 0; -1 is the last",
        )
    return target % len(names)


def _add_row(columns: Columns, layout: Layout, shown: str, line: int, cells: list[str], refusals: Refusals) -> None:
    """Add a row of the table, or what is wrong with it to `refusals`."""
    if len(cells) != len(layout.names):
        required = f"{len(layout.names)} cells are required, as in the first line"
        spans = any("\n" in cell for cell in cells)
        hint = "look for a quote that is never closed" if spans else "quote a cell that holds the delimiter"
        place = place_in(shown, line)
        refusals.add(DataError(f"{place}: {required}; found {len(cells)}", hint=hint, place=place))
        return
    target = cells.pop(layout.target).strip()
    columns.texts.number(cells, shown, line, refusals)
    # float() takes 1_000 for a number; in a table it is text.
    try:
        numbers = [] if "_" in "".join(cells) else [float(cell) for cell in cells]
    except ValueError:
        numbers = []
    if not numbers or not math.isfinite(sum(numbers)):
        features = zip(cells, layout.features.items(), strict=True)
        numbers = [finite(cell, partial(place_in, shown, line, *column), refusals) for cell, column in features]
    if not target:
        place = place_in(shown, line, layout.target, layout.names[layout.target])
        refusals.add_made(lambda: bad_cell(target, place, "a target"))
    columns.values.extend(numbers)
    columns.targets.append(target)
    columns.lines.append(line)


def _targets(
    columns: Columns, layout: Layout, shown: str, options: Options, place: Callable[[int], Place]
) -> tuple[Array, tuple[str, ...] | None]:
    texts, column = columns.targets, layout.names[layout.target]
    if (listed := layout.listed.get(column)) is not None and options.task != "regression":
        return _listed_targets(columns, listed, shown, place)
    if options.task != "regression" and all(INTEGER.fullmatch(text) for text in texts):
        labels = np.fromiter((int(text) for text in texts), dtype=np.int64, count=len(texts))
        return integer_targets(labels, options.classes, place)
    if options.task == "classification" or (options.task is None and not _real(texts)):
        if options.task is None:
            _check_missing(columns, shown, place)
        return text_targets(texts, options.classes, shown)
    refusals = Refusals(f"{shown}: ")
    numbers = (finite(text, partial(place, row), refusals) for row, text in enumerate(texts))
    y = np.fromiter(numbers, dtype=np.float64, count=len(texts))[:, None]
    refusals.raise_any()
    return y, None


def _listed_targets(
    columns: Columns, listed: tuple[str, ...], shown: str, place: Callable[[int], Place]
) -> tuple[Array, tuple[str, ...]]:
    number, refusals = {text: index for index, text in enumerate(listed)}, Refusals(f"{shown}: ")
    for row, text in enumerate(columns.targets):
        if text not in number:
            refusals.add_made(partial(unlisted, place(row), text, listed))
    refusals.raise_any()
    return np.fromiter((number[text] for text in columns.targets), np.int64, len(columns.targets)), listed


def _real(texts: list[str]) -> bool:
    """Whether a column is meant as real numbers: some cell is one, and not a whole number.

    One stray word in such a column is then an error at its line, not a reason to take it all for labels.
    """
    others = [text for text in texts if not INTEGER.fullmatch(text)]
    numbers = (number_of(text) for text in others)
    return any(number is not None and math.isfinite(number) for number in numbers) or (
        bool(others) and all(meant_as_number(text) and number_of(text) is None for text in others)
    )


def _check_missing(columns: Columns, shown: str, place: Callable[[int], Place]) -> None:
    """Refuse "nan", "NA" and the like among labels: what a tool writes for a missing one is no class."""
    refusals = Refusals(f"{shown}: ")
    for row, text in enumerate(columns.targets):
        number = number_of(text)
        if is_missing(text) or (number is not None and math.isinf(number)):
            refusals.add_made(partial(bad_cell, text, place(row), "a label", '"task": "classification"'))
    refusals.raise_any()
