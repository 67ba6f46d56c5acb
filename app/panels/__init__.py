"""The panels beside the canvas, each a file of this folder and a line in `PANELS`.

A panel is a QWidget made from an editor and a theme, with the class attributes `id`, `title` and `area` ("left",
"right" or "bottom") and a method `set_theme`. Panels know neither each other nor the canvas: they meet in the editor.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

_NAMES = ("palette", "inspector", "problems", "history", "tensor", "code")
PANELS = tuple(
    getattr(import_module(f".{name}", __name__), f"{name.capitalize()}Panel")
    for name in _NAMES
    if find_spec(f"{__name__}.{name}")
)
