"""Whether a function takes what it will be called with: told when it is given, not once it is called."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from .errors import RunError
from .parameters import shown


def refuse_other_arguments(function: Callable[..., Any], what: str, *given: str) -> None:
    """Raise `RunError`, which begins with `what`, for a function that cannot be called with these by their place."""
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # of some that are written in C nothing is known
        return
    try:
        signature.bind(*given)
    except TypeError:
        name = getattr(function, "__name__", None) or shown(function)
        raise RunError(f"{what} must take {' and '.join(given)}, got {name}{signature}") from None
