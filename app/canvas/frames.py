"""How expanded groups are drawn: a frame with the group's name around what it holds."""

from __future__ import annotations

from collections.abc import Iterator, Set

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from ..look.theme import Theme
from .frame_titles import FrameTitle
from .lettering import GROUP, LABEL, font, width
from .scene import Scene
from .view import Bounds, View

_MIDDLE = int(Qt.AlignmentFlag.AlignVCenter) | int(Qt.TextFlag.TextDontClip)


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
    for slot, place in _in_view(scene, view, window):
        item = scene.items.at(slot)
        ground = QColor(theme.title(item.category))
        ground.setAlpha(34 if theme.name == "dark" else 22)
        edge = QColor(theme.title(item.category))
        painter.setBrush(ground)
        marked = item.id in chosen or item.id in bad
        if marked:
            edge = QColor(theme.error if item.id in bad else theme.accent)
        painter.setPen(QPen(edge, 2 if marked else 1))
        painter.drawRoundedRect(place, 8 * view.scale, 8 * view.scale)


def paint_titles(painter: QPainter, scene: Scene, view: View, theme: Theme, window: Bounds) -> None:
    """Draw the names of the frames in view, beside what badges of nodes take up now."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for slot, place in _in_view(scene, view, window):
        title = scene.find.title(slot, view.scale)
        if title is not None:
            _paint_title(painter, title, place, theme)


def _in_view(scene: Scene, view: View, window: Bounds) -> Iterator[tuple[int, QRectF]]:
    """The frames in view, the outermost first, each with its place in pixels."""
    for slot in reversed(scene.items.nesting.frames):
        x, y, wide, high = scene.items.boxes[slot].tolist()
        if x <= window[2] and y <= window[3] and x + wide >= window[0] and y + high >= window[1]:
            corner = view.to_screen(x, y)
            yield slot, QRectF(corner.x(), corner.y(), wide * view.scale, high * view.scale)


def _paint_title(painter: QPainter, title: FrameTitle, place: QRectF, theme: Theme) -> None:
    painter.save()
    painter.translate(place.x() + title.left, place.y() + title.top)
    painter.scale(title.size, title.size)
    painter.setFont(font(GROUP))
    painter.setPen(QColor(theme.text))
    painter.drawText(QRectF(0, 0, width(title.name, GROUP) + 4, title.high), _MIDDLE, title.name)
    if title.op:
        painter.setFont(font(LABEL))
        painter.setPen(QColor(theme.dim))
        painter.drawText(QRectF(title.op_left, 0, width(title.op, LABEL) + 4, title.high), _MIDDLE, title.op)
    painter.restore()
