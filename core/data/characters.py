"""The characters of a file of text: whether it is UTF-8, and by which of them a table is parted."""

from __future__ import annotations

import csv
from pathlib import Path

from ..errors import DataError, Place

DELIMITERS = "\t;,"
SNIFFED_CHARACTERS = 65_536
SNIFFED_ROWS = 20


def refuse_zeros(head: str, shown: str) -> None:
    """Refuse what is UTF-16 without a mark, or no text at all, but happens to be UTF-8 as well."""
    if head.count("\0") * 4 > len(head):
        line = head.count("\n", 0, head.index("\0")) + 1
        raise DataError(
            f"{shown}, line {line}: text in UTF-8 is required;"
            " found zero bytes, as UTF-16 and files of no text have them",
            hint="save it again as UTF-8",
            place=Place(f"{shown}, line {line}", shown, line),
        )


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
        place=Place(f"{shown}, line {line}", shown, line),
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
