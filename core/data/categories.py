"""Columns of text among the features of a table: each becomes a column of 0 and 1 for each of its categories."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np

from ..errors import DataError, Place, Refusals
from .cells import bad_cell, finite, is_missing, meant_as_number, place_in
from .datasets import Array, Categories, quoted
from .rows import IN_MEMORY

MOST = 1000  # categories of a column: what has more is a name or a number of each row
LISTED = 'list all of that column in "categories"'
AFRESH = 'list it in "categories", or set that to null to find them anew'


class TextColumn:
    """The texts of one feature, numbered as they are met; `listed` are the only ones that may be met, if any are.

    `index` counts the features, `column` the columns of the file, both from 0.
    """

    def __init__(self, index: int, column: int, name: str, listed: Sequence[str] = ()) -> None:
        self.index, self.column, self.name, self.listed = index, column, name, tuple(listed)
        self.numbers: dict[str, int] = {text: number for number, text in enumerate(listed)}
        self.lines: list[int] = []  # at which each that is not listed was first met

    def place(self, shown: str, line: int) -> Place:
        """Its cell of a line."""
        return place_in(shown, line, self.column, self.name)

    def number(self, text: str, shown: str, line: int) -> int:
        """The number of a text. Raises `DataError` for one too many."""
        known = self.numbers.get(text)
        if known is not None:
            return known
        if len(self.numbers) == MOST:
            place = self.place(shown, line)
            raise DataError(
                f"{place}: at most {MOST:,} different texts are required in a column; found more",
                hint="drop that column if it names each row",
                place=place,
            )
        self.lines.append(line)
        self.numbers[text] = len(self.numbers)
        return self.numbers[text]

    def cell(self, text: str, shown: str, line: int, refusals: Refusals) -> str:
        """A cell as the number of its text; one that is not listed, and else a missing one, go to `refusals`."""
        if text in self.numbers:
            return str(self.numbers[text])
        if is_missing(text):
            refusals.add_made(lambda: bad_cell(text, self.place(shown, line), "a text", LISTED))
            return "0"
        if self.listed:
            refusals.add_made(lambda: unlisted(self.place(shown, line), text, self.listed))
            return "0"
        return str(self.number(text, shown, line))


class TextColumns:
    """The features that are text: each by its first cell that is not missing, or because its texts are listed."""

    def __init__(self, names: Mapping[int, str], listed: Mapping[str, tuple[str, ...]]) -> None:
        """`names` are those of the features by their column of the file, in its order."""
        features = [TextColumn(index, *each, listed.get(each[1], ())) for index, each in enumerate(names.items())]
        self.found = [feature for feature in features if feature.name in listed]
        self._open = {feature.index: feature for feature in features if feature.name not in listed}

    def number(self, cells: list[str], shown: str, line: int, refusals: Refusals) -> None:
        """Replace each text of a row by its number."""
        if self._open:
            self._decide(cells, shown, line, refusals)
        for column in self.found:
            cells[column.index] = column.cell(cells[column.index].strip(), shown, line, refusals)

    def check_words(self, shown: str, refusals: Refusals) -> None:
        """Refuse words in what is a column of numbers."""
        for column in self.found:
            if not column.listed and any(meant_as_number(text) for text in column.numbers):
                for text, line in zip(column.numbers, column.lines, strict=True):
                    finite(text, partial(column.place, shown, line), refusals)

    def _decide(self, cells: list[str], shown: str, line: int, refusals: Refusals) -> None:
        for index, column in list(self._open.items()):
            cell = cells[index]
            if is_missing(cell):  # refused whatever the column holds, so that its rows need not be kept
                required, place = "a finite number or a text", column.place(shown, line)
                refusals.add_made(partial(bad_cell, cell, place, required, LISTED))
                cells[index] = "0"
                continue
            del self._open[index]
            if not meant_as_number(cell):
                self.found.append(column)


class Spread(NamedTuple):
    """Features (N, F) with a column for each category, their names, which of them are such columns, and of which."""

    x: Array
    names: tuple[str, ...]
    one_hot: tuple[int, ...]
    categories: Categories


def unlisted(place: Place, text: str, listed: Sequence[str]) -> DataError:
    """What is told of a text that is none of the categories that a network knows."""
    known = ", ".join(quoted(each) for each in listed[:5]) + (f" and {len(listed) - 5} more" if len(listed) > 5 else "")
    return DataError(f"{place}: one of {known} is required; found {quoted(text)}", hint=AFRESH, place=place)


def listed_by_column(
    categories: Categories | None, names: Sequence[str], header: bool, shown: str
) -> dict[str, tuple[str, ...]]:
    """The categories that the settings list, by column. Raises `DataError` for a column that is not there."""
    found = {column: tuple(texts) for column, *texts in categories or ()}
    for column in found:
        if column not in names:
            known = ", ".join(quoted(name) for name in names[:5])
            raise DataError(
                f'{shown}: one of its columns is required in "categories"; found {quoted(column)}',
                hint=f"columns: {known}" if header else f'columns: {known}; "header": true if line 1 holds names',
            )
    refuse_doubled(found, names, shown)
    return found


def refuse_doubled(texts: Iterable[str], names: Sequence[str], shown: str) -> None:
    """Raise `DataError` where a column has the name of another: what is noted and told of it would be of both."""
    count = Counter(names)
    twice = next((name for name in texts if count[name] > 1), None)
    if twice is not None:
        raise DataError(
            f"{shown}: a column must have a name of its own; found {quoted(twice)} {count[twice]} times",
            hint="rename one of them in line 1",
        )


def check_first(columns: Iterable[TextColumn], numbers: Array, shown: str) -> None:
    """Refuse a first line that may be names as well as data."""
    found = [column for column in columns if not column.listed]
    alone = all(np.count_nonzero(numbers[:, column.index] == 0) == 1 for column in found)
    if found and alone:
        first, place = quoted(next(iter(found[0].numbers))), place_in(shown, 1)
        raise DataError(
            f"{place}: names alone or data alone are required; found {first}, which no other line has there,"
            " beside numbers",
            hint='"header": true if line 1 holds names, false if it holds data',
            place=place,
        )


def spread(numbers: Array, names: Sequence[str], columns: Iterable[TextColumn], shown: str) -> Spread:
    """`numbers` (N, F), in which text columns hold the numbers of their texts, with a column for each text of them.

    Categories are in the order in which they are listed, and else sorted. Raises `DataError` for more than fits.
    """
    texts = {column.index: column for column in columns}
    if not texts:
        return Spread(numbers, tuple(names), (), ())
    width = len(names) + sum(len(column.numbers) - 1 for column in texts.values())
    if (needed := len(numbers) * width * 8) > IN_MEMORY:
        raise DataError(
            f"{shown}: at most {IN_MEMORY:,} bytes of a table are read into memory; with a column for each of its"
            f" categories it would take {needed:,}",
            hint="drop columns of text that have many categories",
        )
    x, rows = np.zeros((len(numbers), width)), np.arange(len(numbers))
    told, one_hot, categories = list[str](), list[int](), list[tuple[str, ...]]()
    for index, name in enumerate(names):
        column = texts.get(index)
        if column is None:
            x[:, len(told)] = numbers[:, index]
            told.append(name)
            continue
        order = list(column.listed) or sorted(column.numbers)
        place = np.empty(len(order), np.int64)
        place[[column.numbers[text] for text in order]] = range(len(told), len(told) + len(order))
        x[rows, place[numbers[:, index].astype(np.int64)]] = 1
        categories.append((name, *order))
        one_hot += range(len(told), len(told) + len(order))
        told += [f"{name}={text}" for text in order]
    return Spread(x, tuple(told), tuple(one_hot), tuple(categories))
