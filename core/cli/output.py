"""What is printed: lines for people, JSON lines for programs, arrays for both."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..files.strict_json import finite

Array = np.ndarray[Any, Any]


def one_line(text: str) -> str:
    """`text` in one line: what a file or an argument holds must not give orders to the terminal."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def tell(text: str) -> None:
    """Print one line on the standard error stream."""
    print(one_line(text), file=sys.stderr)


def json_line(data: Mapping[str, Any]) -> str:
    """A JSON object in one line of ASCII. JSON has no infinities and no NaN: they become "inf" and "nan"."""
    try:
        return json.dumps(data, allow_nan=False)
    except ValueError:  # rare, and looking at every number would cost as much as writing it
        return json.dumps(finite(data), allow_nan=False)


def json_text(value: Any) -> str:
    """A JSON value in one line."""
    return json_line({"value": value}).removeprefix('{"value": ').removesuffix("}")


def array_text(array: Array, before: str = "") -> str:
    """An array as people read it, after `before`; its further lines are indented by as much."""
    if array.ndim == 0:
        return before + str(array[()])
    return before + np.array2string(array, separator=", ", prefix=before, max_line_width=100)


def table(rows: Sequence[tuple[str, str]]) -> str:
    """Two columns, the first as wide as its longest entry."""
    width = max((len(left) for left, _ in rows), default=0)
    return "\n".join(f"{left:<{width}}  {right}".rstrip() for left, right in rows)


def counted(number: int, what: str) -> str:
    """`1 problem`, `2 problems`, `1,437 samples`."""
    return f"{number:,} {what}" + ("" if number == 1 else "s")
