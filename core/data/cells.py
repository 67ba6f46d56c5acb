"""Cells of a text table: numbers, and what is told of a cell that is none."""

from __future__ import annotations

import math
import re
from collections.abc import Callable

from ..errors import DataError, Place, Refusals
from .datasets import quoted

INTEGER = re.compile(r"[+-]?[0-9]{1,18}")  # 18 digits fit in int64
THOUSANDS = re.compile(r"\s*[+-]?[1-9][0-9]{0,2}(,[0-9]{3})+(\.[0-9]*)?\s*")
DECIMAL_COMMA = re.compile(r"\s*[+-]?[0-9]+,[0-9]+\s*")
MISSING = ("", "?", "-", "na", "n/a", "null", "none", "missing")
# Numbers as people write them: 1,234.5 and 1.234,5, 1_000, 50%, $3.
WRITTEN = re.compile(r"\s*[+-]?[$€£]?\s*[0-9][0-9.,_'\s]*[%$€£]?\s*")


def number_of(cell: str) -> float | None:
    """The number that a cell holds, which may be infinite or NaN; None where it holds none that is read."""
    try:
        return None if "_" in cell else float(cell)
    except ValueError:
        return None


def is_missing(cell: str) -> bool:
    """Whether a cell holds nothing, or what tools write for nothing."""
    number = number_of(cell)
    return cell.strip().lower() in MISSING or (number is not None and math.isnan(number))


def meant_as_number(cell: str) -> bool:
    """Whether a cell holds a number, or what somebody wrote as one: such a column is not one of texts."""
    return number_of(cell) is not None or WRITTEN.fullmatch(cell) is not None


def place_in(shown: str, line: int, column: int | None = None, name: str = "") -> Place:
    """A line of a table (from 1), or a cell of it: in the column of that number (from 0) and name."""
    words = f"{shown}, line {line}"
    return Place(words if column is None else f"{words}, column {quoted(name)}", shown, line, column)


def finite(cell: str, place: Callable[[], Place], refusals: Refusals) -> float:
    """The number of a cell; NaN where it is none that can be computed with, which goes to `refusals`."""
    number = number_of(cell)
    if number is None or not math.isfinite(number):
        refusals.add_made(lambda: bad_cell(cell, place(), "a finite number"))
        return math.nan
    return number


def bad_cell(cell: str, place: Place, required: str, otherwise: str = "") -> DataError:
    """What is told of a cell that does not hold what is required; `otherwise` would fit if what it holds is meant."""
    if THOUSANDS.fullmatch(cell):
        hint = f"write {cell.strip().replace(',', '')} without commas; of a decimal number 1.5, not 1,5"
    elif DECIMAL_COMMA.fullmatch(cell):
        hint = "write 1.5, not 1,5"
    elif cell.strip().lower() in MISSING or number_of(cell) is not None:
        hint = "drop that row or fill it in"
        if otherwise and cell.strip() and number_of(cell) is None:
            hint += f"; {otherwise} if it is meant"
    elif place.line == 1:
        hint = '"header": true if line 1 holds names'
    else:
        hint = "write a number such as 1.5 or 2e-3, or drop that column"
    found = quoted(cell) if cell.strip() else "an empty cell"
    return DataError(f"{place}: {required} is required; found {found}", hint=hint, place=place)
