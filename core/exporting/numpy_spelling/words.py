"""What the spellings of NumPy share: dtypes, casts, constants."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import initial, literals


def dtype(kind: np.dtype[Any] | str) -> str:
    """`np.float32`."""
    name = np.dtype(kind).name
    return f"np.{name}" + "_" * (name == "bool")


def cast(value: str, kind: np.dtype[Any] | str) -> str:
    """`value` as another dtype."""
    return f"{value}.astype({dtype(kind)})"


def constant(value: Any, kind: str) -> str:
    """A value that is known now."""
    if isinstance(value, (list, tuple)):
        return f"np.array({literals.nested(value)}, dtype={dtype(kind)})"
    return f"{dtype(kind)}({literals.number(value)})"


WORDS = initial.Words(
    "np", "rng.standard_normal", "rng.random", lambda kind: f", dtype={dtype(kind)}", constant
)  # random numbers are drawn by `rng`
