"""The scene of a canvas drawn as lines and texts on any painter: no selection, no pointer, no overlays."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainter

from ..canvas.anatomy import FRAME
from ..canvas.bends import paint_dots
from ..canvas.frames import Frames
from ..canvas.nodes import paint_body
from ..canvas.values import paint_values
from ..canvas.view import Bounds, View
from ..canvas.wires import paint_stubs, paint_wires

if TYPE_CHECKING:
    from ..canvas.canvas import Canvas


def draw_scene(canvas: Canvas, painter: QPainter, bounds: Bounds) -> None:
    """Draw what lies within `bounds` at life size, its left top corner being the painter's origin."""
    scene, theme, view = canvas.scene, canvas.theme, View()
    view.x, view.y = -bounds[0], -bounds[1]
    painter.fillRect(QRectF(0, 0, bounds[2] - bounds[0], bounds[3] - bounds[1]), QColor(theme.background))
    # What the frames ask of a canvas, without what is only of the moment.
    still: Any = SimpleNamespace(
        scene=scene,
        view=view,
        theme=theme,
        editor=SimpleNamespace(selection=frozenset()),
        bad_items=canvas.bad_items,
    )
    Frames(still).paint(painter, bounds)
    paint_wires(painter, scene, view, theme, bounds, None)
    paint_dots(painter, scene, view, theme, bounds, frozenset())
    painter.save()
    painter.translate(view.x, view.y)
    paint_stubs(painter, scene, theme, bounds, view.scale)
    for slot in scene.slots_in(*bounds).tolist():
        _draw_item(canvas, painter, slot)
    painter.restore()


def _draw_item(canvas: Canvas, painter: QPainter, slot: int) -> None:
    item = canvas.scene.items.items[slot]
    if item is None or item.kind == FRAME:
        return
    shown = canvas.values.of(item.sources[0], canvas.theme, canvas.decimals) if item.sources else None
    state = canvas.wired(item, canvas.state_of(item, shown))._replace(selected=False, active=False)
    painter.save()
    painter.translate(*canvas.scene.items.boxes[slot, :2].tolist())
    paint_body(painter, item, state, canvas.theme, 1.0, canvas.gradients)
    if shown is not None:
        paint_values(painter, item, shown, canvas.theme, canvas.gradients)
    painter.restore()
