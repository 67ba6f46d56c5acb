"""What runs a plan. Each backend is a module with `unavailable()`, `source(plan)`, `compile(plan, record)`,
`put(arrays)`, `fetch(values)` and `room()`.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from ..errors import RunError

BACKENDS = ("numpy", "cupy")
DEVICES = {"cpu": "numpy", "cuda": "cupy"}  # by the names that users of PyTorch give them


def backend(name: str) -> Any:
    """The backend called `name`. Raises `RunError` where there is none such."""
    if name not in BACKENDS:
        raise RunError(f"no backend is called {name!r}", hint=f"there are: {', '.join(BACKENDS)}")
    return import_module(f".{name}", __name__)


def on_device(device: str) -> Any:
    """The backend that computes on `device`. Raises `RunError` for an unknown device, and for one that is not there."""
    if device not in DEVICES:
        raise RunError(f"a device must be {' or '.join(DEVICES)}, got {device!r}")
    found = backend(DEVICES[device])
    if (reason := found.unavailable()) is not None:
        raise reason
    return found


def refuse_eager(device: str, mode: str) -> None:
    """Raise `RunError` where a run is to go node by node elsewhere than on the CPU."""
    if device != "cpu" and mode == "eager":
        raise RunError(f"a run on {device} must be static, got mode 'eager'", hint="mode static, or device cpu")
