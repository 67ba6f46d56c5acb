"""How expanded groups are drawn: a frame with the group's name around what it holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from .anatomy import Item
from .items import FRAME_TOP
from .lettering import GROUP, LABEL, font, shortened, width
from .nodes import NAMES
from .view import Bounds

if TYPE_CHECKING:
    from .canvas import Canvas


_MIDDLE = int(Qt.AlignmentFlag.AlignVCenter) | int(Qt.TextFlag.TextDontClip)


ROOMY = 0.35  # the zoom from which an outermost frame has room for its name within


class Frames:
    """Paints the frames of one canvas."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas

    def paint(self, painter: QPainter, window: Bounds) -> None:
        """Draw the frames in view; the painter draws in widget coordinates."""
        canvas = self._canvas
        scene, view, theme = canvas.scene, canvas.view, canvas.theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for slot in reversed(scene.items.frames):  # the outermost first
            x, y, wide, high = scene.items.boxes[slot].tolist()
            if x > window[2] or y > window[3] or x + wide < window[0] or y + high < window[1]:
                continue
            item = scene.items.items[slot]
            assert item is not None
            corner = view.to_screen(x, y)
            place = QRectF(corner.x(), corner.y(), wide * view.scale, high * view.scale)
            ground = QColor(theme.title(item.category))
            ground.setAlpha(34 if theme.name == "dark" else 22)
            edge = QColor(theme.title(item.category))
            chosen = item.id in canvas.editor.selection
            bad = item.id in canvas.bad_items
            painter.setBrush(ground)
            if chosen or bad:
                edge = QColor(theme.error if bad else theme.accent)
            painter.setPen(QPen(edge, 2 if chosen or bad else 1))
            painter.drawRoundedRect(place, 8 * view.scale, 8 * view.scale)
            if view.scale >= NAMES or scene.items.parents[slot] < 0:  # far out only the outermost
                self._frame_name(painter, slot, item, place)

    def _frame_name(self, painter: QPainter, slot: int, item: Item, place: QRectF) -> None:
        view, theme = self._canvas.view, self._canvas.theme
        if place.width() < 36:
            return
        # Never smaller than it can be read: far out, where the frame has no room for it, it stands above the frame.
        size = max(view.scale, 0.75)
        high = FRAME_TOP * min(view.scale / size, 0.8)
        painter.save()
        above = view.scale < (NAMES if self._canvas.scene.items.parents[slot] >= 0 else ROOMY)
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
