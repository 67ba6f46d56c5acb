"""What is wrong with a set of data, and where in its file."""

from __future__ import annotations

from typing import NamedTuple

from ...core.errors import DataError, GradwireError


class Fault(NamedTuple):
    """One refusal; `line` counts from 1 in the file, `column` from 0, each None where the whole is meant."""

    text: str
    line: int | None = None
    column: int | None = None


def faults_of(error: GradwireError) -> tuple[Fault, ...]:
    """All that was found together, each at its place in the file."""
    return tuple(
        Fault(str(each), each.line, each.column) if isinstance(each, DataError) else Fault(str(each))
        for each in error.each
    )
