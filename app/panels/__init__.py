"""The panels beside the canvas, each a file of this folder and a line in `PANELS`.

A panel is a QWidget made from an editor and a theme, with a method `set_theme`; the class of `history.py` is
`HistoryPanel`. Panels know neither each other nor the canvas: they meet in the editor. They are loaded when they are
made, which is after their frames have been painted.
"""

from __future__ import annotations

from importlib import import_module
from typing import NamedTuple


class Panel(NamedTuple):
    """What is known of a panel before it is loaded; `area` is "left", "right" or "bottom".

    `behind`: the widest that may stand behind its title, for which its tab keeps room. `typed_into`: who clicks its tab
    types next.
    """

    id: str
    title: str
    area: str
    behind: str = ""
    typed_into: bool = False

    def load(self) -> type:
        """Its class."""
        name = "".join(word.capitalize() for word in self.id.split("_"))
        return getattr(import_module(f".{self.id}", __name__), f"{name}Panel")


PANELS = (
    Panel("palette", "Palette", "left"),
    Panel("inspector", "Inspector", "right"),
    Panel("problems", "Problems", "bottom", " (00)"),
    Panel("diagnosis", "Diagnosis", "bottom", " (00)"),
    Panel("printed", "Printed", "bottom", " •"),
    Panel("history", "History", "bottom"),
    Panel("tensor", "Tensor", "bottom"),
    Panel("step", "Step", "bottom"),
    Panel("watch", "Watch", "bottom"),
    Panel("data", "Data", "bottom"),
    Panel("training", "Training", "bottom"),
    Panel("try_it", "Try it", "bottom"),
    Panel("runs", "Runs", "bottom"),
    Panel("code", "Code", "bottom"),
    Panel("console", "Console", "bottom", typed_into=True),
)
