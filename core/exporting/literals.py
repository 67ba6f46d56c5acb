"""Values as the text of Python literals: numbers, shapes, texts, slices. Whatever they hold, they stay values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np


def number(value: Any) -> str:
    """A number, or one of the texts by which JSON says infinity and NaN."""
    if isinstance(value, (bool, int)):
        return repr(value)
    found = float(value)
    return repr(found) if np.isfinite(found) else f'float("{found}")'


def nested(value: Any) -> str:
    """A number or nested lists of numbers."""
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(nested, value)) + "]"
    return number(value)


def text(value: object) -> str:
    """A text in ASCII and quotes."""
    return ascii(str(value))


def comment(value: str) -> str:
    """`value` as it may stand after a #: one line, with nothing that an editor shows otherwise than it is."""
    return "".join(c if c.isprintable() else "?" for c in value)[:100]


def plain(value: Any) -> str:
    """A parameter of any kind as a literal."""
    if isinstance(value, (list, tuple)):
        items = ", ".join(map(plain, value))
        return f"({items},)" if len(value) == 1 else f"({items})"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{text(k)}: {plain(v)}" for k, v in value.items()) + "}"
    if isinstance(value, str):
        return text(value)
    return "None" if value is None else number(value)


def shape(lengths: Sequence[int | str]) -> str:
    """A shape; "N" stands for the variable that holds the length of the batch."""
    items = ["N" if length == "N" else str(int(length)) for length in lengths]
    return f"({items[0]},)" if len(items) == 1 else f"({', '.join(items)})"


def cut(axis: int, start: int | None, stop: int | None, step: int) -> str:
    """What stands in the brackets of a slice along `axis`, which is not negative: `:, 1:3`."""
    first, last = ("" if bound is None else str(bound) for bound in (start, stop))
    every = "" if step == 1 else f":{step}"
    return ":, " * axis + f"{first}:{last}{every}"
