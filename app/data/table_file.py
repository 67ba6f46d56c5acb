"""The first rows of a text table as they stand in the file, also of one that cannot be used, and what columns hold."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import chain, zip_longest
from pathlib import Path
from typing import NamedTuple

from ...core.cancelling import Cancelled, never
from ...core.data import Options
from ...core.data.characters import SNIFFED_CHARACTERS, sniff
from ...core.data.tables import layout_of, rows_of
from ...core.errors import DataError
from .faults import Fault
from .grid import Cell, Grid, Tally, shown_columns

SHOWN = 50  # rows from the beginning
COUNTED = 50_000  # rows of which is told what the columns hold
CHUNK = 2_000  # rows that are counted at once


class Line(NamedTuple):
    """A row, and the line of the file (from 1) at which it begins."""

    number: int
    cells: list[str]


@dataclass(frozen=True)
class RawTable:
    """What stands in the file. `target` is a column, -1 where the settings name none that is there."""

    names: tuple[str, ...]
    header: bool
    target: int
    lines: tuple[Line, ...]
    tallies: tuple[Tally, ...]
    counted: int
    ended: bool  # whether the end of the file was reached


def read_raw(
    path: Path,
    shown: str,
    options: Options,
    wanted: Collection[int] = (),
    counted: int = COUNTED,
    cancelled: Cancelled = never,
) -> RawTable | None:
    """The first rows and those at the lines that are `wanted`; None where there are none.

    Columns are counted over so many rows. What is no UTF-8 stands as �: reading in earnest tells of it.
    """
    with path.open(newline="", encoding="utf-8-sig", errors="replace") as file:
        head = file.read(SNIFFED_CHARACTERS)
        file.seek(0)
        rows = (Line(*each) for each in _until_refused(rows_of(file, sniff(head), shown)))
        first = next(rows, None)
        if first is None:
            return None
        table = _begun(first, shown, options)
        return _filled(table, rows if table.header else chain([first], rows), wanted, counted, cancelled)


def _filled(
    table: RawTable, rows: Iterator[Line], wanted: Collection[int], counted: int, cancelled: Cancelled
) -> RawTable | None:
    """With its rows, as far as these are looked at."""
    tallies = tuple(Tally() for _ in table.names)
    kept, chunk, number, ended = list[Line](), list[list[str]](), 0, True
    last = max(wanted, default=0)
    for line in rows:
        if number >= max(counted, SHOWN) and line.number > last + 1:
            ended = False
            break
        number += 1
        if number <= SHOWN or line.number in wanted:
            kept.append(line)
        if number <= counted:
            chunk.append(line.cells)
        if len(chunk) == CHUNK:
            _count(tallies, chunk)
            chunk = []
        if number % CHUNK == 0 and cancelled():
            return None
    _count(tallies, chunk)
    return replace(table, lines=tuple(kept), tallies=tallies, counted=min(number, counted), ended=ended)


def _until_refused(rows: Iterator[tuple[int, list[str]]]) -> Iterator[tuple[int, list[str]]]:
    with suppress(DataError):  # a quote that is never closed: what stands before it is shown
        yield from rows


def _begun(first: Line, shown: str, options: Options) -> RawTable:
    """The columns, by the first row."""
    for known in (options, replace(options, target=None, categories=None)):
        with suppress(DataError):
            layout = layout_of(first.cells, shown, known)
            target = layout.target if known is options else -1
            return RawTable(layout.names, layout.header, target, (), (), 0, False)
    names = tuple(f"x{number}" for number in range(len(first.cells)))
    return RawTable(names, False, -1, (), (), 0, False)


def _count(tallies: Sequence[Tally], rows: Sequence[Sequence[str]]) -> None:
    for tally, cells in zip(tallies, zip_longest(*rows, fillvalue=""), strict=False):
        tally.add(cells)


def grid_of(table: RawTable, faults: Sequence[Fault] = ()) -> Grid:
    """The rows as a table shows them, with what is wrong at its place."""
    wide = max((len(line.cells) for line in table.lines), default=0)
    columns = shown_columns(max(wide, len(table.names)), table.target)
    places = {line.number: row for row, line in enumerate(table.lines)}
    marks: dict[Cell, str] = {}
    for fault in faults:
        if fault.line in places and (fault.column is None or fault.column in columns):
            column = -1 if fault.column is None else columns.index(fault.column)
            marks.setdefault(Cell(places[fault.line], column), fault.text)
    told = [f"the first {SHOWN} rows as they stand in the file" if len(table.lines) > SHOWN - 1 else "all rows"]
    told += [f"of columns what {table.counted:,} rows hold"] * (not table.ended)
    told += [f"{len(columns):,} of {len(table.names):,} columns"] * (len(columns) < len(table.names))
    about = [table.tallies[each].told() if each < len(table.tallies) else "no name" for each in columns]
    return Grid(
        tuple(table.names[each] if each < len(table.names) else "" for each in columns),
        tuple(about),
        tuple(tuple(line.cells[each] if each < len(line.cells) else "" for each in columns) for line in table.lines),
        tuple(f"{line.number:,}" for line in table.lines),
        columns,
        columns.index(table.target) if table.target in columns else -1,
        frozenset(
            place
            for place, each in enumerate(columns)
            if each < len(table.tallies) and table.tallies[each].numbers and not table.tallies[each].is_text
        ),
        marks,
        "; ".join(told),
    )
