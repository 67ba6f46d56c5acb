"""Rows and columns as texts, as a table shows them, and what is told of each column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from ...core.data.cells import MISSING, number_of
from ..look.numbers import significant

Array = np.ndarray[Any, Any]
MOST_COLUMNS = 200  # that are shown
TEXTS = 1000  # different texts of a column that are counted
DIGITS = 4


class Cell(NamedTuple):
    """What is wrong there: in a cell, or in a whole row where `column` is -1."""

    row: int
    column: int


@dataclass(frozen=True)
class Grid:
    """A part of a table. `columns` are the numbers that the columns that are shown have in the whole of it."""

    names: tuple[str, ...]
    about: tuple[str, ...]  # a few lines on each column
    rows: tuple[tuple[str, ...], ...]
    row_names: tuple[str, ...]
    columns: tuple[int, ...]
    target: int = -1  # among those that are shown
    numbers: frozenset[int] = frozenset()  # columns that hold numbers
    marks: Mapping[Cell, str] = field(default_factory=dict)  # what is wrong, by its place
    told: str = ""  # of which rows and columns it is a part


class Tally:
    """What the cells of one column hold, counted as they come."""

    def __init__(self) -> None:
        self.numbers = self.missing = self.others = 0
        self.total, self.low, self.high = 0.0, np.inf, -np.inf
        self.texts: dict[str, None] = {}  # in the order in which they come

    def add(self, cells: Sequence[str]) -> None:
        """Count some cells more."""
        if not any("_" in cell for cell in cells):
            try:
                self.add_numbers(np.array(cells, np.float64))
                return
            except ValueError:
                pass  # not all of them are numbers
        known = [number_of(cell) for cell in cells]
        self.add_numbers(np.array([number for number in known if number is not None], np.float64))
        for cell, number in zip(cells, known, strict=True):
            text = cell.strip()
            if number is None and text.lower() in MISSING:
                self.missing += 1
            elif number is None:
                self.others += 1
                if len(self.texts) < TEXTS:
                    self.texts[text] = None

    def add_numbers(self, values: Array) -> None:
        """Count numbers; NaN is a missing one."""
        known = values[~np.isnan(values)]
        self.missing += values.size - known.size
        if known.size:
            self.numbers += known.size
            self.total += float(known.sum(dtype=np.float64))
            self.low, self.high = min(self.low, float(known.min())), max(self.high, float(known.max()))

    @property
    def is_text(self) -> bool:
        return self.others > self.numbers

    def told(self) -> str:
        """Type and missing cells; then between what numbers lie, and their mean; or the first texts."""
        missing = f"{self.missing:,} missing" if self.missing else "none missing"
        if self.is_text:
            count = f"{len(self.texts):,}" + "+" * (len(self.texts) == TEXTS)
            first = ", ".join(sorted(self.texts)[:3]) + ", …" * (len(self.texts) > 3)
            return f"text, {missing}\n{count} different\n{_cut(first)}"
        if not self.numbers:
            return f"empty, {missing}\n–\n–"
        kind = f"number, {self.others:,} {'is' if self.others == 1 else 'are'} text" if self.others else "number"
        mean = significant(self.total / self.numbers, DIGITS)
        return f"{kind}, {missing}\n{told_number(self.low)} … {told_number(self.high)}\nmean {mean}"


def told_number(number: Any) -> str:
    """A number in a cell."""
    return significant(float(number), DIGITS)


def shown_columns(count: int, target: int) -> tuple[int, ...]:
    """Which of so many columns are shown: the first ones, and the target in any case."""
    if count <= MOST_COLUMNS:
        return tuple(range(count))
    first = tuple(range(MOST_COLUMNS))
    return first if 0 <= target < MOST_COLUMNS or target < 0 else (*first[:-1], target)


def _cut(text: str, most: int = 28) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
