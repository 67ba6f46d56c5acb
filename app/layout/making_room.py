"""Where a new node goes so that it covers no other one, and the view that shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..look.theme import GRADIENT_HEIGHT, GRID, NODE_WIDTH, PORT_HEIGHT, TITLE_HEIGHT, VALUE_HEIGHT

if TYPE_CHECKING:
    from ..canvas.canvas import Canvas

HEIGHT = TITLE_HEIGHT + 2 * PORT_HEIGHT + VALUE_HEIGHT + GRADIENT_HEIGHT  # of a node with two ports


def free_place(canvas: Canvas, x: float, y: float) -> tuple[float, float]:
    """The corner for a new node at (x, y), or straight beneath what it would cover there."""
    scene = canvas.scene
    for _ in range(len(canvas.editor.graph.nodes) + 1):
        met = scene.items_in(x, y, x + NODE_WIDTH, y + HEIGHT)
        if not met:
            break
        y = max(top + tall for _, top, _, tall in map(scene.rect, met)) + GRID
    return x, y


def show_added(canvas: Canvas, id: str) -> None:
    """Select what was added, and move the view by as little as brings it into sight."""
    canvas.editor.select([id], active=id)
    face = canvas.scene.face(id)
    if face is None:
        return
    x, y, width, height = canvas.scene.rect(face)
    left, top, right, bottom = canvas.view.window(canvas.width(), canvas.height())
    across, down = _step(x, x + width, left, right), _step(y, y + height, top, bottom)
    if across or down:
        canvas.view.center((left + right) / 2 + across, (top + bottom) / 2 + down, canvas.width(), canvas.height())
        canvas.view_moved()


def _step(first: float, last: float, low: float, high: float) -> float:
    """By how much the view from `low` to `high` must move to hold all; the beginning of it where it is too long."""
    if first >= low and last <= high:
        return 0.0
    begin = first - GRID - low
    return begin if first < low else min(begin, last + GRID - high)
