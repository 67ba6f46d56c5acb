"""The format of `.gw` files: its number, the steps from older ones, and a graph as bytes and back.

To change the format: FORMAT + 1, and one `migrate_N` in MIGRATIONS that takes the JSON value of format N and
gives that of N + 1. Keys that are merely new need no other format: an older program keeps what it does not
know and saves it back.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from ..collector import paused
from ..errors import FileError
from ..graph import Graph
from .reading import read_graph
from .strict_json import describe, read_json
from .writing import write_graph

FORMAT = 1

Migration: TypeAlias = Callable[[dict[str, Any]], dict[str, Any]]

MIGRATIONS: Mapping[int, Migration] = {}  # format -> the step to the next one; format 1 is the first

_HASH = re.compile("[0-9a-f]{64}")


def dump_graph(graph: Graph, values_hash: str | None = None) -> bytes:
    """The graph as the bytes of a `.gw` file; equal graphs give equal bytes.

    `values_hash` is the content hash of the values that belong to it. Raises FileError for what the file
    could not give back.
    """
    return write_graph(graph, FORMAT, values_hash)


@paused()
def parse_graph(
    data: bytes, name: str = "graph", tell: Callable[[str], None] = lambda line: None
) -> tuple[Graph, str | None]:
    """The graph in the bytes of a `.gw` file, and the content hash of its values where it names one.

    `name` says in messages where the bytes come from. An op that is not known here is no error: its node is a
    placeholder. What is passed over goes to `tell`, a line each. Raises FileError for all else that is wrong, in one
    line with the place.
    """
    content = read_json(data, name)
    if not isinstance(content, dict):
        raise FileError(f"{name}: a graph must be an object, found {describe(content)}")
    content = migrate(content, name=name)
    values = content.get("values")
    if values is not None and not (isinstance(values, str) and _HASH.fullmatch(values)):
        # It becomes part of a file's name, so it is nothing but a hash.
        message = f'{name}: "values" must be a SHA-256 hash in hexadecimal, found {describe(values)}'
        raise FileError(message, hint="without the line the file opens, and offers the values beside it")
    return read_graph(content, name, tell), values


def migrate(
    data: dict[str, Any],
    to: int = FORMAT,
    migrations: Mapping[int, Migration] = MIGRATIONS,
    name: str = "graph",
) -> dict[str, Any]:
    """`data` brought from its own format to format `to`, one step after the other.

    Raises FileError where the format is missing, newer than `to`, or older than the oldest step.
    """
    found = data.get("format")
    if type(found) is not int or found < 1:
        what = describe(found) if "format" in data else "none"
        wanted = "1" if to == 1 else f"a number from 1 to {to}"
        raise FileError(f'{name}: "format" must be {wanted}, found {what}')
    if found > to:
        message = f"{name}: format {found} is newer than this program reads ({to})"
        raise FileError(message, hint="update Gradwire")
    for number in range(found, to):
        step = migrations.get(number)
        if step is None:
            raise FileError(f"{name}: there is no way from format {number} to {to}")
        data = step(data) | {"format": number + 1}
    return data
