"""One frame of the canvas: ground, frames, wires, nodes, what is selected or dragged above them, overlays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from ..look.theme import GRID
from .anatomy import FRAME
from .batch import draw_rects
from .bends import paint_dots
from .drawn import ROOM, Pictures
from .frames import Frames
from .items import Slots
from .lettering import GROUP, LABEL, font, width
from .nodes import NAMES
from .view import Bounds
from .wires import paint_stubs, paint_wires

if TYPE_CHECKING:
    from .canvas import Canvas

DOTS_APART = 16.0  # pixels between dots of the ground, at least


class Painting:
    """Paints one canvas."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas
        self.pictures = Pictures(canvas)
        self._frame_painter = Frames(canvas)

    def paint(self, painter: QPainter) -> None:
        """Draw a whole frame."""
        canvas = self._canvas
        scene, view, theme = canvas.scene, canvas.view, canvas.theme
        view.ratio = painter.device().devicePixelRatio()
        window = view.window(canvas.width(), canvas.height())
        painter.fillRect(canvas.rect(), QColor(theme.background))
        self._ground(painter, window)
        self._frame_painter.paint(painter, window)
        lit = canvas.lit
        paint_wires(painter, scene, view, theme, window, lit)
        paint_dots(painter, scene, view, theme, window, canvas.dots)
        painter.setTransform(view.transform, True)
        paint_stubs(painter, scene, theme, window, view.scale)
        painter.resetTransform()
        reach = ROOM if view.scale >= NAMES else 0.0
        slots = scene.slots_in(window[0] - reach, window[1] - reach, window[2] + reach, window[3] + reach)
        if view.scale >= NAMES:
            self._items(painter, slots, lit)
        else:
            self._rects(painter, slots)
        self._overlays(painter, window)
        if canvas.gesture is not None:  # above all: it tells what a release would do
            painter.save()
            painter.setTransform(view.transform, True)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            canvas.gesture.paint(painter)
            painter.restore()

    # The ground.

    def _ground(self, painter: QPainter, window: Bounds) -> None:
        view, step = self._canvas.view, float(GRID)
        while step * view.scale < DOTS_APART:
            step *= 2
        size = 1.0 if view.scale < 0.75 else 1.5
        x = np.arange(np.floor(window[0] / step), np.ceil(window[2] / step) + 1) * step * view.scale + view.x
        y = np.arange(np.floor(window[1] / step), np.ceil(window[3] / step) + 1) * step * view.scale + view.y
        dots = np.empty((len(x) * len(y), 4))
        dots[:, 0] = np.repeat(np.round(x), len(y))
        dots[:, 1] = np.tile(np.round(y), len(x))
        dots[:, 2:] = size
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._canvas.theme.grid))
        draw_rects(painter, dots)

    # Items.

    def _rects(self, painter: QPainter, slots: Slots) -> None:
        """Items too small for letters: a rectangle each, by the colour of its category."""
        canvas, items = self._canvas, self._canvas.scene.items
        view, theme = canvas.view, canvas.theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(Qt.PenStyle.NoPen)
        boxes = items.boxes[slots] * view.scale + np.array([view.x, view.y, 0.0, 0.0])
        boxes[:, 2:] = np.maximum(boxes[:, 2:], 1.0)
        colours = items.colours[slots]
        for number, category in enumerate(items.categories):
            painter.setBrush(QColor(theme.title(category)))
            draw_rects(painter, boxes[colours == number])
        for ids, colour in ((canvas.editor.selection, theme.accent), (canvas.bad_items, theme.error)):
            chosen = np.array([items.slots[id] for id in ids if id in items.slots], np.intp)
            chosen = chosen[items.kinds[chosen] != FRAME] if len(chosen) else chosen
            marked = items.boxes[chosen] * view.scale + np.array([view.x, view.y, 0.0, 0.0])
            painter.setPen(QPen(QColor(colour), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            draw_rects(painter, marked + np.array([-1.5, -1.5, 3.0, 3.0]))

    def _items(self, painter: QPainter, slots: Slots, lit: Slots | None) -> None:
        canvas = self._canvas
        scene = canvas.scene
        above = {scene.items.slots[id] for id in canvas.editor.selection if id in scene.items.slots}
        above |= scene.displaced
        bright = None if lit is None else set(scene.wires.items[lit].ravel().tolist())
        if above:
            slots = np.concatenate([slots, np.array(sorted(above.intersection(slots.tolist())), np.intp)])
            _, last = np.unique(slots[::-1], return_index=True)
            slots = slots[np.sort(len(slots) - 1 - last)]  # each where it is named last
        self.pictures.draw(painter, slots, bright)

    # Overlays.

    def _overlays(self, painter: QPainter, window: Bounds) -> None:
        canvas = self._canvas
        theme = canvas.theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not canvas.scene.items.slots:
            self._hint(painter)
            return
        if canvas.minimap_shown:
            canvas.minimap.paint(painter, theme, window, canvas.width(), canvas.height())
        text = canvas.hover_text
        if text and canvas.gesture is None:
            painter.setFont(font(LABEL))
            wide = width(text, LABEL) + 16
            at = canvas.view.to_screen(*canvas.pointer) if canvas.pointer else QPointF()
            x = min(at.x() + 14, canvas.width() - wide - 6)
            place = QRectF(x, max(at.y() - 34, 6), wide, 24)
            painter.setPen(QPen(QColor(theme.line), 1))
            painter.setBrush(QColor(theme.panel))
            painter.drawRoundedRect(place, 4, 4)
            painter.setPen(QColor(theme.text))
            painter.drawText(place, int(Qt.AlignmentFlag.AlignCenter), text)

    def _hint(self, painter: QPainter) -> None:
        canvas = self._canvas
        painter.setFont(font(GROUP, 15))
        painter.setPen(QColor(canvas.theme.dim))
        inside = canvas.editor.group is not None
        how = "Tab or a double-click adds a node; so does dragging one from the palette"
        text = f"This group is empty. {how}" if inside else how
        painter.drawText(canvas.rect(), int(Qt.AlignmentFlag.AlignCenter), text)
