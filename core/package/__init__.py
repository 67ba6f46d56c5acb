"""Gradwire: computational graphs that are wired, run, differentiated, trained and stepped through.

import gradwire as gw

s = gw.open("fork.gw")
s.run(fetch="y")
gw.grad(lambda x: np.sin(x) * x)(2.0)

It has what `gradwire.core` has. Each name is loaded when it is first used, and nothing before: whoever needs one part
of this package, such as the window, waits for no other.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gradwire.core import *  # noqa: F403

__version__: str
FOLDERS = ("app", "core", "examples", "plugins", "resources")


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("gradwire")
    # What Python and tools ask for, not people, and what is asked before a folder is imported: nothing is loaded.
    if name in FOLDERS or (name.startswith("_") and name != "__all__"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    core = import_module("gradwire.core")
    if name == "__all__":
        return core.__all__
    try:
        return getattr(core, name)
    except AttributeError as error:
        raise AttributeError(str(error).replace(f"{core.__name__!r}", f"{__name__!r}"), name=name) from None


def __dir__() -> list[str]:
    return sorted({*globals(), "__version__", *import_module("gradwire.core").__all__})
