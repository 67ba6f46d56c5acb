"""What is said of what the pointer is over: in a box beside it, where that covers least of the nodes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from ..look.wrapping import wrapped
from .anatomy import FRAME
from .badges import HIGH, growth
from .lettering import LABEL, font, width

if TYPE_CHECKING:
    from .canvas import Canvas

WIDEST, LINES, LINE = 480.0, 8, 16.0  # of a text in pixels, and in how many lines of which height
EDGE = 6.0  # pixels to the edge of the canvas
ASIDE, ABOVE, BENEATH = 14.0, 10.0, 22.0  # pixels from the pointer
APART = 8.0  # pixels from what it is over


def paint_hover(painter: QPainter, canvas: Canvas) -> None:
    """What is said of what the pointer is over, in as many lines as it takes within the canvas."""
    text, theme = canvas.hover.text, canvas.theme
    if not text or canvas.gesture is not None:
        return
    painter.setFont(font(LABEL))
    lines = wrapped(text, painter.font(), min(WIDEST, canvas.width() - 28), LINES)
    wide, high = max(width(line, LABEL) for line in lines) + 16, 24 + (len(lines) - 1) * LINE
    place = place_of(canvas, wide, high)
    painter.setPen(QPen(QColor(theme.line), 1))
    painter.setBrush(QColor(theme.panel))
    painter.drawRoundedRect(place, 4, 4)
    painter.setPen(QColor(theme.text))
    for i, line in enumerate(lines):
        row = QRectF(place.left(), place.top() + i * LINE, wide, 24)
        painter.drawText(row, int(Qt.AlignmentFlag.AlignCenter), line)


def place_of(canvas: Canvas, wide: float, high: float) -> QRectF:
    """Where a box so wide and high stands, in pixels: the first of its places that covers least of nodes and badges."""
    at = canvas.view.to_screen(*canvas.pointer) if canvas.pointer else QPointF()
    x = max(min(at.x() + ASIDE, canvas.width() - wide - EDGE), EDGE)
    most = max(canvas.height() - high - EDGE, EDGE)
    tops = [min(max(top, EDGE), most) for top in _tops(canvas, at.y(), high)]
    boxes = _nodes(canvas)
    covered = [_covered(boxes, x, top, wide, high) for top in tops]
    return QRectF(x, tops[covered.index(min(covered))], wide, high)


def _tops(canvas: Canvas, y: float, high: float) -> Iterator[float]:
    """Above the pointer; above, and beneath, the node that it is over; beneath the pointer."""
    yield y - ABOVE - high
    id = canvas.hover.hit.item
    if id is not None and id in canvas.scene.items.slots:
        _, top, _, tall = canvas.scene.rect(id)
        scale = canvas.view.scale
        first = canvas.view.to_screen(0.0, top - HIGH * growth(scale)).y()
        yield first - APART - high
        yield canvas.view.to_screen(0.0, top + tall).y() + APART
    yield y + BENEATH


def _nodes(canvas: Canvas) -> np.ndarray:
    """The boxes (n, 4) of the nodes in view with the badges above them, in pixels: left, top, right, bottom."""
    view, items = canvas.view, canvas.scene.items
    slots = canvas.scene.find.slots_in(*view.window(canvas.width(), canvas.height()))
    x, y, wide, high = items.boxes[slots[items.kinds[slots] != FRAME]].T
    sides = np.column_stack([x, y - HIGH * growth(view.scale), x + wide, y + high])
    found: np.ndarray = sides * view.scale + [view.x, view.y, view.x, view.y]
    return found


def _covered(boxes: np.ndarray, x: float, y: float, wide: float, high: float) -> float:
    low = np.maximum(boxes[:, :2], [x, y])
    top = np.minimum(boxes[:, 2:], [x + wide, y + high])
    return round(float((top - low).clip(0.0).prod(axis=1).sum()))
