"""Boxes in the plane of a graph: where an item stands, and how large it is drawn."""

from __future__ import annotations

from collections.abc import Iterable

Box = tuple[float, float, float, float]  # left, top, width, height


def around(boxes: Iterable[Box]) -> Box:
    """The box around some boxes."""
    corners = [(x, y, x + width, y + height) for x, y, width, height in boxes]
    left, top = min(c[0] for c in corners), min(c[1] for c in corners)
    return left, top, max(c[2] for c in corners) - left, max(c[3] for c in corners) - top


def meet(a: Box, b: Box) -> bool:
    """Whether two boxes have more in common than an edge."""
    return a[0] < b[0] + b[2] and b[0] < a[0] + a[2] and a[1] < b[1] + b[3] and b[1] < a[1] + a[3]
