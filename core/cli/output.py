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


def array_text(array: Array, before: str = "", threshold: int = 1000) -> str:
    """An array as people read it, after `before`; its further lines are indented by as much.

    One of more than `threshold` elements has dots in the place of most.
    """
    if array.ndim == 0:
        return before + str(array[()])
    return before + np.array2string(array, separator=", ", prefix=before, max_line_width=100, threshold=threshold)


def figures(array: Array) -> dict[str, float]:
    """The least and greatest element, mean and Euclidean norm of an array, as far as it has any."""
    if not array.size:
        return {}
    flat = array.ravel().astype(np.float64)
    with np.errstate(all="ignore"):
        numbers = (flat.min(), flat.max(), flat.mean(), np.linalg.norm(flat))
    return dict(zip(("min", "max", "mean", "norm"), map(float, numbers), strict=True))


def summary_text(array: Array, first: int) -> str:
    """An array in a line: `32×16, -0.5 to 1.25, mean 0.1, norm 8.2, begins 0.25, 0, 1.25, …`."""
    told = ["×".join(map(str, array.shape)) or "one number"]
    if array.size:
        with np.errstate(all="ignore"):
            bad = int(np.count_nonzero(~np.isfinite(array)))
        found = figures(array)
        told.append(f"{found['min']:.4g} to {found['max']:.4g}")
        told += [f"{name} {found[name]:.4g}" for name in ("mean", "norm")]
        told += [f"{bad:,} of {array.size:,} not finite"] if bad else []
    begun = ", ".join(f"{element:.4g}" for element in array.ravel()[:first].tolist())
    return ", ".join(told) + (f", begins {begun}" + ", …" * (array.size > first) if begun else "")


def table(rows: Sequence[tuple[str, str]]) -> str:
    """Two columns, the first as wide as its longest entry."""
    width = max((len(left) for left, _ in rows), default=0)
    return "\n".join(f"{left:<{width}}  {right}".rstrip() for left, right in rows)


def counted(number: int, what: str) -> str:
    """`1 problem`, `2 problems`, `1,437 samples`."""
    return f"{number:,} {what}" + ("" if number == 1 else "s")
