"""Colours and sizes of the window, dark and light; the one place that knows them.

Colours are "#rrggbb". Sizes are in logical pixels at a text scale of 1.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Theme:
    """All colours of the window. Text on `background`, `panel` or `raised` has a contrast of at least 4.5."""

    name: str
    background: str  # of the canvas
    grid: str  # its dots
    panel: str  # of docks, toolbar and status bar
    raised: str  # of fields, cards and the body of a node
    field: str  # of a text field, and of the rows within a node
    line: str  # borders
    text: str
    dim: str  # second-rank text
    accent: str  # selection, focus, values
    gradient: str
    good: str
    warning: str
    error: str
    nonfinite: str  # NaN and infinities: like nothing else
    wire: str
    source: str  # the title bars of nodes, by the category of their op
    math: str
    layer: str
    loss: str
    flow: str

    def title(self, category: str) -> str:
        """The colour of the title bar of a node whose op is of this category."""
        return getattr(self, _TITLES.get(category, "math"))


_TITLES = {
    "source": "source",
    "random": "source",
    "loss": "loss",
    "activation": "layer",
    "linear": "layer",
    "layer": "layer",
    "own": "flow",
    "convolution": "layer",
    "normalisation": "layer",
    "flow": "flow",
    "shape": "flow",
}

DARK = Theme(
    name="dark",
    background="#14171c",
    grid="#20252d",
    panel="#1b1f27",
    raised="#20252e",
    field="#262c37",
    line="#2f3642",
    text="#e4e8ee",
    dim="#98a2b1",
    accent="#5cb0f5",
    gradient="#b48cf2",
    good="#63c77f",
    warning="#f0a04b",
    error="#f26d6d",
    nonfinite="#ff4fd8",
    wire="#a9b7c9",
    source="#5b6980",
    math="#2f6f94",
    layer="#2f7d6b",
    loss="#94503f",
    flow="#6a5a8c",
)

LIGHT = Theme(
    name="light",
    background="#f5f6f8",
    grid="#dfe3e8",
    panel="#eceef2",
    raised="#ffffff",
    field="#f1f3f6",
    line="#c9cfd8",
    text="#1c222b",
    dim="#586373",
    accent="#1769b5",
    gradient="#7c46c9",
    good="#1f7a3d",
    warning="#9a5b00",
    error="#bf2f2f",
    nonfinite="#b3008f",
    wire="#66758a",
    source="#5b6980",
    math="#2f6f94",
    layer="#2f7d6b",
    loss="#94503f",
    flow="#6a5a8c",
)

# The anatomy of a node, in scene units, which are logical pixels at a zoom of 1.
NODE_WIDTH = 150
TITLE_HEIGHT = 24
ROWS_TOP = 28  # of the first row of ports, from the top
PORT_HEIGHT = 18  # a row for each port: inputs at the left, outputs with their shape at the right
VALUE_HEIGHT = 26  # the preview of the value, and the chip beneath it
PADDING = 6
PORT_RADIUS = 4.5
GRID = 20  # what dragged nodes snap to while Ctrl is held; dots are drawn at every one
