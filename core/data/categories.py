"""Columns of text among the features of a table: each becomes a column of 0 and 1 for each of its categories."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np

from ..errors import DataError, Refusals
from .cells import bad_cell, finite, meant_as_number, number_of
from .datasets import Array, quoted
from .rows import IN_MEMORY

MOST = 1000  # categories of a column: what has more is a name or a number of each row
AFRESH = 'list it in "categories", or set that to null to find them anew'


class TextColumn:
    """The texts of one feature, numbered as they are met; `listed` are the only ones that may be met, if any are."""

    def __init__(self, index: int, name: str, listed: Sequence[str] = ()) -> None:
        self.index, self.name, self.listed = index, name, tuple(listed)
        self.numbers: dict[str, int] = {text: number for number, text in enumerate(listed)}
        self.lines: list[int] = []  # at which each that is not listed was first met

    def number(self, text: str, shown: str, line: int) -> int:
        """The number of a text. Raises `DataError` for one too many."""
        known = self.numbers.get(text)
        if known is not None:
            return known
        if len(self.numbers) == MOST:
            raise DataError(
                f"{shown}, line {line}, column {quoted(self.name)}: at most {MOST:,} different texts are required"
                " in a column; found more",
                hint="drop that column if it names each row",
            )
        self.lines.append(line)
        self.numbers[text] = len(self.numbers)
        return self.numbers[text]

    def cell(self, text: str, shown: str, line: int, refusals: Refusals) -> str:
        """A cell as the number of its text; a missing one, and one that is not listed, go to `refusals`."""
        number = number_of(text)
        if not text or (number is not None and not math.isfinite(number) and text not in self.listed):
            refusals.add_made(partial(bad_cell, text, shown, line, self.name, "a text"))
            return "0"
        if self.listed and text not in self.numbers:
            place = f"{shown}, line {line}, column {quoted(self.name)}"
            refusals.add_made(partial(unlisted, place, text, self.listed))
            return "0"
        return str(self.number(text, shown, line))


class Spread(NamedTuple):
    """Features (N, F) with a column for each category, their names, and which of them are such columns."""

    x: Array
    names: tuple[str, ...]
    one_hot: tuple[int, ...]


def unlisted(place: str, text: str, listed: Sequence[str]) -> DataError:
    """What is told of a text that is none of the categories that a network knows."""
    known = ", ".join(quoted(each) for each in listed[:5]) + (f" and {len(listed) - 5} more" if len(listed) > 5 else "")
    return DataError(f"{place}: one of {known} is required; found {quoted(text)}", hint=AFRESH)


def listed_by_column(
    categories: Sequence[str] | None, names: Sequence[str], header: bool, shown: str
) -> dict[str, tuple[str, ...]]:
    """The categories that the settings list as `colour=red`, by column. Raises `DataError` for an unknown column."""
    found: dict[str, list[str]] = {}
    for each in categories or ():
        owners = [name for name in names if each.startswith(f"{name}=")]
        if not owners:
            known = ", ".join(quoted(name) for name in names[:5])
            raise DataError(
                f"{shown}: a category of one of its columns is required, as in {quoted(f'{names[0]}=red')};"
                f" found {quoted(each)}",
                hint=f"columns: {known}" if header else f'columns: {known}; "header": true if line 1 holds names',
            )
        owner = max(owners, key=len)
        found.setdefault(owner, []).append(each[len(owner) + 1 :])
    return {name: tuple(texts) for name, texts in found.items()}


def text_columns(
    cells: Sequence[str], names: Sequence[str], listed: Mapping[str, tuple[str, ...]]
) -> Iterator[TextColumn]:
    """The features that are text by the first row of a table, or whose texts are listed."""
    for index, (cell, name) in enumerate(zip(cells, names, strict=True)):
        if name in listed:
            yield TextColumn(index, name, listed[name])
        elif cell.strip() and not meant_as_number(cell):
            yield TextColumn(index, name)


def check_texts(columns: Iterable[TextColumn], numbers: Array, shown: str, header_said: bool) -> None:
    """Refuse words in what is a column of numbers, and a first line that may be names as well as data."""
    refusals = Refusals(f"{shown}: ")
    found = [column for column in columns if not column.listed]
    for column in found:
        if any(meant_as_number(text) for text in column.numbers):
            for text, line in zip(column.numbers, column.lines, strict=True):
                finite(text, shown, line, column.name, refusals)
    refusals.raise_any()
    alone = all(np.count_nonzero(numbers[:, column.index] == 0) == 1 for column in found)
    if found and alone and not header_said:
        first = quoted(next(iter(found[0].numbers)))
        raise DataError(
            f"{shown}, line 1: names alone or data alone are required; found {first}, which no other line has there,"
            " beside numbers",
            hint='"header": true if line 1 holds names, false if it holds data',
        )


def spread(numbers: Array, names: Sequence[str], columns: Iterable[TextColumn], shown: str) -> Spread:
    """`numbers` (N, F), in which text columns hold the numbers of their texts, with a column for each text of them.

    Categories are in the order in which they are listed, and else sorted. Raises `DataError` for more than fits.
    """
    texts = {column.index: column for column in columns}
    if not texts:
        return Spread(numbers, tuple(names), ())
    width = len(names) + sum(len(column.numbers) - 1 for column in texts.values())
    if (needed := len(numbers) * width * 8) > IN_MEMORY:
        raise DataError(
            f"{shown}: at most {IN_MEMORY:,} bytes of a table are read into memory; with a column for each of its"
            f" categories it would take {needed:,}",
            hint="drop columns of text that have many categories",
        )
    parts, told, one_hot = list[Array](), list[str](), list[int]()
    for index, name in enumerate(names):
        column = texts.get(index)
        if column is None:
            parts.append(numbers[:, index : index + 1])
            told.append(name)
            continue
        order = list(column.listed) or sorted(column.numbers)
        one_hot += range(len(told), len(told) + len(order))
        told += [f"{name}={text}" for text in order]
        wanted = np.array([column.numbers[text] for text in order])
        parts.append((numbers[:, index : index + 1] == wanted).astype(np.float64))
    return Spread(np.concatenate(parts, axis=1), tuple(told), tuple(one_hot))
