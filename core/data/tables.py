"""Text tables: CSV with commas, semicolons or tabs, read row by row into numbers.

Rows are turned into machine numbers as they are read, so that a table costs 8 bytes a number and its target
column as text, never a list of lists of strings.
"""

from __future__ import annotations

import csv
import difflib
import math
import re
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TextIO

import numpy as np

from ..errors import DataError, Refusals
from .datasets import Array, Dataset, Options, Where, integer_targets, quoted, text_targets

DELIMITERS = "\t;,"
SNIFFED_CHARACTERS = 65_536
SNIFFED_ROWS = 20
INTEGER = re.compile(r"[+-]?[0-9]{1,18}")  # 18 digits fit in int64
DECIMAL_COMMA = re.compile(r"\s*[+-]?[0-9]+,[0-9]+\s*")


@dataclass(frozen=True, slots=True)
class Layout:
    """What the first line says: the columns' names, which is the target, whether that line is a header."""

    names: tuple[str, ...]
    target: int
    header: bool

    @property
    def features(self) -> tuple[str, ...]:
        return self.names[: self.target] + self.names[self.target + 1 :]


@dataclass(frozen=True, slots=True)
class Columns:
    """A table as read: features flat, targets as text, and the line (from 1) at which each row begins."""

    values: array[float]
    targets: list[str]
    lines: array[int]


def read_table(path: Path, shown: str, options: Options) -> Dataset:
    """Read a text table; `shown` is the name that messages give it. Raises DataError with line and column.

    Whole-number and text targets are classes, others real targets (N, 1), unless `options.task` says so.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            delimiter = sniff(file.read(SNIFFED_CHARACTERS))
            file.seek(0)
            layout, columns = _read(file, delimiter, shown, options)
    except UnicodeDecodeError as error:
        raise undecodable(path, shown, error) from error
    # The numbers stay where they were read to: a copy would double the memory of a large table.
    x = np.frombuffer(columns.values, dtype=np.float64).reshape(len(columns.lines), len(layout.names) - 1)
    where = _places(shown, columns.lines, layout.names[layout.target])
    y, class_names = _targets(columns, layout, shown, options, partial(where, "y"))
    return Dataset(shown, x, y, layout.features, class_names, where)


def _places(shown: str, lines: array[int], target: str) -> Where:
    """What names the line of a row, of a target with its column."""
    columns = {"x": "", "y": f", column {quoted(target)}"}
    return lambda output, row: f"{shown}, line {lines[row]}{columns[output]}"


def undecodable(path: Path, shown: str, error: UnicodeDecodeError) -> DataError:
    """What is told of a file that is not UTF-8, with its first line (from 1) that is not."""
    line = 1
    with path.open("rb") as file:
        for number, content in enumerate(file, start=1):  # a newline is never part of another character in UTF-8
            try:
                content.decode("utf-8")
            except UnicodeDecodeError:
                line = number
                break
    return DataError(
        f"{shown}, line {line}: text in UTF-8 is required; found the byte 0x{error.object[error.start]:02x}",
        hint="save it again as UTF-8",
    )


def sniff(text: str) -> str:
    """The delimiter among tab, semicolon and comma that splits the beginning of a table best.

    One that gives every row the same number of cells goes before one that does not, then the most cells.
    """
    lines = text.splitlines(keepends=True)
    if len(text) == SNIFFED_CHARACTERS:
        lines = lines[:-1]  # cut in the middle
    best, best_rank = ",", (False, 1)
    for delimiter in DELIMITERS:
        try:
            rows = [row for row in csv.reader(lines[:SNIFFED_ROWS], delimiter=delimiter) if row]
        except csv.Error:
            continue  # the reading proper meets it again and names the line
        width = len(rows[0]) if rows else 1
        rank = (width > 1 and all(len(row) == width for row in rows), width)
        if rank > best_rank:
            best, best_rank = delimiter, rank
    return best


def _read(file: TextIO, delimiter: str, shown: str, options: Options) -> tuple[Layout, Columns]:
    rows = _rows(file, delimiter, shown)
    first = next(rows, None)
    if first is None:
        raise DataError(f"{shown}: a table of rows is required; found an empty file")
    layout = _layout(first[1], shown, options)
    columns = Columns(array("d"), [], array("q"))
    refusals = Refusals(f"{shown}: ")
    if not layout.header:
        _add_row(columns, layout, shown, *first, refusals)
    with refusals.gathering():  # a row that cannot be split is the last that is read
        for line, cells in rows:
            _add_row(columns, layout, shown, line, cells, refusals)
    refusals.raise_any()
    if not columns.lines:
        raise DataError(
            f"{shown}: at least one row of numbers is required; found a header alone",
            hint='"header": false if line 1 holds data',
        )
    return layout, columns


def _rows(file: TextIO, delimiter: str, shown: str) -> Iterator[tuple[int, list[str]]]:
    """Each row that is not blank, with the line (from 1) at which it begins."""
    reader = csv.reader(file, delimiter=delimiter)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise DataError(
                f"{shown}, line {line}: a row of cells is required; found one that cannot be split: {error}",
                hint="look for a quote that is never closed",
            ) from error
        if len(cells) > 1 or (cells and cells[0].strip()):
            yield line, cells


def _layout(first: list[str], shown: str, options: Options) -> Layout:
    width = len(first)
    if width < 2:
        raise DataError(
            f"{shown}: a feature and a target are required, two columns or more; found one column",
            hint="separate columns by commas, semicolons or tabs",
        )
    target = width - 1 if options.target is None else options.target
    header = options.header
    if header is None:
        # Names stand where numbers would: a line with text *and* numbers among its features is a bad row.
        header = isinstance(target, str) or not any(
            _number(cell) is not None for index, cell in enumerate(first) if index != target % width
        )
    names = tuple(cell.strip() if header and cell.strip() else f"x{index}" for index, cell in enumerate(first))
    return Layout(names, _target_index(target, names, shown), header)


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
        hint = "quote a cell that holds the delimiter"
        refusals.add(DataError(f"{shown}, line {line}: {required}; found {len(cells)}", hint=hint))
        return
    target = cells.pop(layout.target).strip()
    # float() takes 1_000 for a number; in a table it is text.
    try:
        numbers = [] if "_" in "".join(cells) else [float(cell) for cell in cells]
    except ValueError:
        numbers = []
    if not numbers or not math.isfinite(sum(numbers)):
        features = zip(cells, layout.features, strict=True)
        numbers = [_cell(cell, shown, line, name, refusals) for cell, name in features]
    if not target:
        refusals.add_made(partial(_bad_cell, target, shown, line, layout.names[layout.target], "a target"))
    columns.values.extend(numbers)
    columns.targets.append(target)
    columns.lines.append(line)


def _number(cell: str) -> float | None:
    try:
        return None if "_" in cell else float(cell)
    except ValueError:
        return None


def _cell(cell: str, shown: str, line: int, column: str, refusals: Refusals) -> float:
    number = _number(cell)
    if number is None or not math.isfinite(number):
        refusals.add_made(partial(_bad_cell, cell, shown, line, column, "a finite number"))
        return math.nan
    return number


def _bad_cell(cell: str, shown: str, line: int, column: str, required: str) -> DataError:
    if DECIMAL_COMMA.fullmatch(cell):
        hint = "write 1.5, not 1,5"
    elif not cell.strip() or _number(cell) is not None:
        hint = "drop that row or fill it in"
    elif line == 1:
        hint = '"header": true if line 1 holds names'
    else:
        hint = "write a number such as 1.5 or 2e-3, or drop that column"
    found = quoted(cell) if cell.strip() else "an empty cell"
    return DataError(f"{shown}, line {line}, column {quoted(column)}: {required} is required; found {found}", hint=hint)


def _targets(
    columns: Columns, layout: Layout, shown: str, options: Options, place: Callable[[int], str]
) -> tuple[Array, tuple[str, ...] | None]:
    texts, column = columns.targets, layout.names[layout.target]
    if options.task != "regression" and all(INTEGER.fullmatch(text) for text in texts):
        labels = np.fromiter((int(text) for text in texts), dtype=np.int64, count=len(texts))
        return integer_targets(labels, options.classes, place)
    if options.task == "classification" or (options.task is None and not _real(texts)):
        if options.task is None:
            _check_missing(columns, shown, column)
        return text_targets(texts, options.classes, shown)
    refusals = Refusals(f"{shown}: ")
    numbers = (_cell(text, shown, line, column, refusals) for text, line in zip(texts, columns.lines, strict=True))
    y = np.fromiter(numbers, dtype=np.float64, count=len(texts))[:, None]
    refusals.raise_any()
    return y, None


def _real(texts: list[str]) -> bool:
    """Whether a column is meant as real numbers: some cell is one, and not a whole number.

    One stray word in such a column is then an error at its line, not a reason to take it all for labels.
    """
    numbers = (_number(text) for text in texts if not INTEGER.fullmatch(text))
    return any(number is not None and math.isfinite(number) for number in numbers)


def _check_missing(columns: Columns, shown: str, column: str) -> None:
    """Refuse "nan" and the like among labels: what a tool writes for a missing one is no class."""
    refusals = Refusals(f"{shown}: ")
    for text, line in zip(columns.targets, columns.lines, strict=True):
        number = _number(text)
        if number is not None and not math.isfinite(number):
            refusals.add_made(partial(_bad_cell, text, shown, line, column, "a label"))
    refusals.raise_any()
