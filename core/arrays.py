"""The modules that arrays come from, NumPy and CuPy: what they have under other names, or do otherwise."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextvars import Context, ContextVar
from threading import local
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


_is_quiet: ContextVar[bool] = ContextVar("_is_quiet", default=False)
is_quiet = _is_quiet.get  # whether NumPy is silent already where this is asked


def _be_quiet() -> None:
    np.seterr(all="ignore")
    _is_quiet.set(True)


class _Quiet(local):
    """In each thread a context in which NumPy is silent: to run in it takes a tenth of the time of `np.errstate`."""

    def __init__(self) -> None:
        context = Context()
        context.run(_be_quiet)
        self.run: Callable[..., Any] = context.run


quiet = _Quiet()


def quietly(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """What `function` returns, without NumPy's warnings: infinities and NaN are values here, and findings name them."""
    return function(*args, **kwargs) if is_quiet() else quiet.run(function, *args, **kwargs)


def on_host(xp: Any, value: Any) -> Any:
    """A value where Python can read it: one on a device is waited for."""
    return value if xp is np else xp.asnumpy(value)


def block_bytes(xp: Any) -> int:
    """How many bytes to work on at a time."""
    return CACHE if xp is np else DEVICE
