"""Where a new node goes so that it covers no other one, and the view that shows it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..look.theme import GRADIENT_HEIGHT, GRID, NODE_WIDTH, PORT_HEIGHT, TITLE_HEIGHT, VALUE_HEIGHT

if TYPE_CHECKING:
    from ..canvas.canvas import Canvas

HEIGHT = TITLE_HEIGHT + 2 * PORT_HEIGHT + VALUE_HEIGHT + GRADIENT_HEIGHT  # of a node with two ports


def free_place(canvas: Canvas, x: float, y: float) -> tuple[float, float]:
    """The corner for a new node at (x, y), or straight beneath what it would cover there."""
    scene = canvas.scene
    for _ in range(len(canvas.editor.graph.nodes) + 1):
        met = scene.find.items_in(x, y, x + NODE_WIDTH, y + HEIGHT)
        if not met:
            break
        y = max(top + tall for _, top, _, tall in map(scene.rect, met)) + GRID
    return x, y


def show_added(canvas: Canvas, *ids: str) -> None:
    """Select what was added, and move the view by as little as brings it into sight."""
    canvas.editor.select(ids, active=ids[0] if len(ids) == 1 else None)
    canvas.bring_into_view(ids)


def clear_offset(canvas: Canvas, ids: Sequence[str]) -> tuple[float, float]:
    """By how much copies of some items stand off them: straight beneath, and further down what they would cover."""
    scene = canvas.scene
    boxes = [scene.rect(face) for face in {scene.face(id) for id in ids} if face is not None]
    if not boxes:
        return 0.0, 0.0
    top, bottom = min(box[1] for box in boxes), max(box[1] + box[3] for box in boxes)
    down = step = bottom - top + GRID * 2
    for _ in range(len(canvas.editor.graph.nodes) + 1):
        if not any(scene.find.items_in(x, y + down, x + wide, y + down + tall) for x, y, wide, tall in boxes):
            break
        down += step
    return 0.0, down
