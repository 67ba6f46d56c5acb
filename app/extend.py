"""What the `ui.py` of a plugin may use, beside `gradwire.core.extend`: the one door for extending the window.

A plugin that is a package may have a `ui.py` with a function `register(host)`, which is given a `WindowHost`. It is
imported when the plugin is loaded and there is a window; without one Qt is never loaded.
"""

from __future__ import annotations

from .bridge import Request, Worker
from .canvas.looks import Look
from .canvas.looks.look import shades
from .editor import Editor
from .look.colour_map import colour, image_of, limits
from .look.numbers import fixed
from .look.theme import Theme
from .plugins.host import WindowHost

__all__ = [
    "Editor",
    "Look",
    "Request",
    "Theme",
    "WindowHost",
    "Worker",
    "colour",
    "fixed",
    "image_of",
    "limits",
    "shades",
]
