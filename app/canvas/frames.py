"""How expanded groups are drawn: a frame with the group's name around what it holds."""

from __future__ import annotations

from collections.abc import Set

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from ..look.theme import Theme
from .anatomy import Item
from .lettering import GROUP, LABEL, font, shortened, width
from .nesting import FRAME_TOP
from .nodes import NAMES
from .scene import Scene
from .view import Bounds, View

_MIDDLE = int(Qt.AlignmentFlag.AlignVCenter) | int(Qt.TextFlag.TextDontClip)
STRIP = 2.4  # of the size at a zoom of 1 are letters that fill the strip above what a frame holds
ROOMY = 0.35  # the zoom from which an outermost frame has room for its name within


def paint_frames(
    painter: QPainter,
    scene: Scene,
    view: View,
    theme: Theme,
    window: Bounds,
    chosen: Set[str] = frozenset(),
    bad: Set[str] = frozenset(),
) -> None:
    """Draw the frames in view, those of the ids `chosen` and `bad` marked. The painter draws in widget coordinates."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for slot in reversed(scene.items.nesting.frames):  # the outermost first
        x, y, wide, high = scene.items.boxes[slot].tolist()
        if x > window[2] or y > window[3] or x + wide < window[0] or y + high < window[1]:
            continue
        item = scene.items.at(slot)
        corner = view.to_screen(x, y)
        place = QRectF(corner.x(), corner.y(), wide * view.scale, high * view.scale)
        ground = QColor(theme.title(item.category))
        ground.setAlpha(34 if theme.name == "dark" else 22)
        edge = QColor(theme.title(item.category))
        painter.setBrush(ground)
        marked = item.id in chosen or item.id in bad
        if marked:
            edge = QColor(theme.error if item.id in bad else theme.accent)
        painter.setPen(QPen(edge, 2 if marked else 1))
        painter.drawRoundedRect(place, 8 * view.scale, 8 * view.scale)
        within = scene.items.nesting.parents[slot] >= 0
        if view.scale >= NAMES or not within:  # far out only the outermost
            _paint_name(painter, item, place, view, theme, within)


def _paint_name(painter: QPainter, item: Item, place: QRectF, view: View, theme: Theme, within: bool) -> None:
    if place.width() < 36:
        return
    # As small as can just be read, and no smaller: far out an outermost frame has no room for that, and the name stands
    # above it. One within a frame has the strip above what it holds, which is drawn over it, and shrinks with that.
    above = not within and view.scale < ROOMY
    size = min(max(view.scale, 0.75), STRIP * view.scale) if within else max(view.scale, 0.75)
    high = FRAME_TOP * min(view.scale / size, 0.8)
    painter.save()
    painter.translate(place.x() + (0 if above else 8 * size), place.y())
    painter.scale(size, size)
    if above:
        high = 16.0
        painter.translate(0, -high)
    room = place.width() / size - 16
    name = shortened(item.name, GROUP, room)
    painter.setFont(font(GROUP))
    painter.setPen(QColor(theme.text))
    painter.drawText(QRectF(0, 0, room + 4, high), _MIDDLE, name)
    left = width(name, GROUP) + 10
    if room - left > width(item.op, LABEL):
        painter.setFont(font(LABEL))
        painter.setPen(QColor(theme.dim))
        painter.drawText(QRectF(left, 0, room - left, high), _MIDDLE, item.op)
    painter.restore()
