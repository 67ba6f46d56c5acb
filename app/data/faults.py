"""What is wrong with a set of data, and where in its file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from ...core.data.datasets import quoted
from ...core.errors import GradwireError

_LINE = re.compile(r", line (\d+)")


class Fault(NamedTuple):
    """One refusal; `line` counts from 1 in the file, `column` from 0, each None where the whole is meant."""

    text: str
    line: int | None = None
    column: int | None = None


def faults_of(error: GradwireError, shown: str, names: Sequence[str] = ()) -> tuple[Fault, ...]:
    """All that was found together. `names` are the columns of the table that messages call `shown`."""
    return tuple(_fault(each, shown, names) for each in error.each)


def _fault(error: GradwireError, shown: str, names: Sequence[str]) -> Fault:
    place = error.message.removeprefix(shown)
    found = _LINE.match(place) if place != error.message else None
    if found is None:
        return Fault(str(error))
    rest = place[found.end() :]
    # A name may end as another one begins: the longest that fits is meant.
    fitting = [number for number, name in enumerate(names) if rest.startswith(f", column {quoted(name)}")]
    column = max(fitting, key=lambda number: len(names[number]), default=None)
    return Fault(str(error), int(found[1]), column)
