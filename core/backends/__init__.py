"""What runs a plan. Each backend is a module with `available()`, `source(plan)` and `compile(plan, record)`."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from ..errors import RunError

BACKENDS = ("numpy",)


def backend(name: str) -> Any:
    """The backend called `name`. Raises `RunError` where there is none such."""
    if name not in BACKENDS:
        raise RunError(f"no backend is called {name!r}", hint=f"there are: {', '.join(BACKENDS)}")
    return import_module(f".{name}", __name__)
