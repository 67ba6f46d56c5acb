"""What runs a plan: by the name of a device a module, or an object of a plugin, that computes there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from typing import Any

from ..catalogue import Catalogue
from ..errors import RunError


@dataclass(frozen=True, slots=True)
class Backend:
    """What computes on a device, which users know by its name.

    `load()` gives what has `unavailable()`, `source(plan)`, `compile(plan, record)`, `put(arrays)`, `fetch(values)`
    and `room()`.
    """

    name: str
    device: str
    load: Callable[[], Any]


BACKENDS: Catalogue[Backend] = Catalogue(
    "a backend",
    (  # devices by the names that users of PyTorch give them
        Backend("numpy", "cpu", partial(import_module, ".numpy", __name__)),
        Backend("cupy", "cuda", partial(import_module, ".cupy", __name__)),
    ),
)


def devices() -> tuple[str, ...]:
    """The devices on which a run may compute, as far as it can be told without looking."""
    return tuple(each.device for each in BACKENDS)


def backend(name: str) -> Any:
    """The backend called `name`. Raises `RunError` where there is none such."""
    found = BACKENDS.get(name)
    if found is None:
        raise RunError(f"no backend is called {name!r}", hint=f"there are: {', '.join(BACKENDS.names())}")
    return found.load()


def on_device(device: str) -> Any:
    """The backend that computes on `device`. Raises `RunError` for an unknown device, and for one that is not there."""
    known = next((each for each in BACKENDS if each.device == device), None)
    if known is None:
        raise RunError(f"a device must be {' or '.join(devices())}, got {device!r}")
    found = known.load()
    if (reason := found.unavailable()) is not None:
        raise reason
    return found


def refuse_eager(device: str, mode: str) -> None:
    """Raise `RunError` where a run is to go node by node elsewhere than on the CPU."""
    if device != "cpu" and mode == "eager":
        raise RunError(f"a run on {device} must be static, got mode 'eager'", hint="mode static, or device cpu")
