"""What lies beneath all else: dots, and the frames of expanded groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage, QPainter

from ..look.theme import GRID, Theme
from .batch import draw_rects
from .frames import paint_frames, paint_titles
from .view import Bounds, View

if TYPE_CHECKING:
    from .canvas import Canvas

DOTS_APART = 16.0  # pixels between dots of the ground, at least


class Ground:
    """Paints it on one canvas: out of a picture where it is as in the frame before.

    Large areas that one sees through take long to draw; while a run goes on values change ten times a second, and
    nothing beneath them.
    """

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas
        self._key: tuple[object, ...] = ()
        self._image: QImage | None = None

    def paint(self, painter: QPainter, window: Bounds) -> None:
        """Draw it, in widget coordinates; `window` is what is in view of the scene."""
        canvas = self._canvas
        key = self._all_looks()
        if key != self._key:
            self._key, self._image = key, None
            self._draw(painter, window)
        else:
            if self._image is None:
                self._image = self._picture(window)
            painter.drawImage(0, 0, self._image)
        paint_titles(painter, canvas.scene, canvas.view, canvas.theme, window)

    def _all_looks(self) -> tuple[object, ...]:
        canvas, view, items = self._canvas, self._canvas.view, self._canvas.scene.items
        frames = [items.at(slot).id for slot in items.nesting.frames]
        marked = [id in canvas.editor.selection for id in frames], [id in canvas.marks.bad_items for id in frames]
        placed = view.place_and_zoom, view.ratio, canvas.width(), canvas.height(), items.geometry, items.newest
        return placed, canvas.theme, frames, marked

    def _draw(self, painter: QPainter, window: Bounds) -> None:
        canvas, view = self._canvas, self._canvas.view
        painter.fillRect(canvas.rect(), QColor(canvas.theme.background))
        _paint_dots(painter, view, canvas.theme, window)
        chosen, bad = canvas.editor.selection, canvas.marks.bad_items
        paint_frames(painter, canvas.scene, view, canvas.theme, window, chosen, bad)

    def _picture(self, window: Bounds) -> QImage:
        canvas, ratio = self._canvas, self._canvas.view.ratio
        image = QImage(canvas.size() * ratio, QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(ratio)
        painter = QPainter(image)
        self._draw(painter, window)
        painter.end()
        return image


def _paint_dots(painter: QPainter, view: View, theme: Theme, window: Bounds) -> None:
    step = float(GRID)
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
    painter.setBrush(QColor(theme.grid))
    draw_rects(painter, dots)
