"""The modules that arrays come from, NumPy and CuPy: what they have under other names, or do otherwise."""

from __future__ import annotations

from collections.abc import Iterable
from types import ModuleType
from typing import Any

import numpy as np

CACHE = 2**21  # bytes that a core of the processor holds near itself
DEVICE = 2**28  # on a GPU, where each call should be long


def namespace(args: Iterable[Any]) -> ModuleType:
    """The array module of the arguments: CuPy where one of them lies on a GPU, NumPy otherwise."""
    for arg in args:
        if type(arg).__module__.startswith("cupy"):
            import cupy

            return cupy
    return np


def special(xp: Any) -> Any:
    """SciPy's special functions, or CuPy's: loaded when they are first used."""
    if xp is not np:
        from cupyx.scipy import special  # type: ignore[import-not-found]
    else:
        from scipy import special
    return special


def on_host(xp: Any, value: Any) -> Any:
    """A value where Python can read it: one on a device is waited for."""
    return value if xp is np else xp.asnumpy(value)


def block_bytes(xp: Any) -> int:
    """How many bytes to work on at a time."""
    return CACHE if xp is np else DEVICE
