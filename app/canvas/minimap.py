"""The whole graph, small, in the lower right corner; a press there goes to that place."""

from __future__ import annotations

from time import monotonic

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from ..look.theme import Theme
from .batch import draw_rects
from .scene import Scene
from .view import Bounds

WIDTH, HEIGHT, MARGIN, INSET = 132.0, 88.0, 14.0, 6.0
PATIENCE = 0.25  # seconds between two pictures of a large graph that is being dragged about


class Minimap:
    """A picture of the scene, made anew when something has moved."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._image: QImage | None = None
        self._key: tuple[object, ...] = ()
        self._made = 0.0
        self._bounds: Bounds | None = None

    def place(self, width: float, height: float) -> QRectF:
        """Where it stands in a canvas of this size."""
        return QRectF(width - WIDTH - MARGIN, height - HEIGHT - MARGIN, WIDTH, HEIGHT)

    def holds(self, point: QPointF, width: float, height: float) -> bool:
        """Whether a point of the canvas is on it."""
        return self._bounds is not None and self.place(width, height).contains(point)

    def _fit(self) -> tuple[float, float, float]:
        """Scale and offset from the scene to the picture."""
        left, top, right, bottom = self._bounds or (0.0, 0.0, 1.0, 1.0)
        wide, high = WIDTH - 2 * INSET, HEIGHT - 2 * INSET
        scale = min(wide / max(right - left, 1.0), high / max(bottom - top, 1.0), 0.15)
        x = INSET + (wide - (right - left) * scale) / 2 - left * scale
        return scale, x, INSET + (high - (bottom - top) * scale) / 2 - top * scale

    def to_scene(self, point: QPointF, width: float, height: float) -> tuple[float, float]:
        """The place in the scene that a point of the canvas, on the map, stands for."""
        corner = self.place(width, height).topLeft()
        scale, x, y = self._fit()
        return (point.x() - corner.x() - x) / scale, (point.y() - corner.y() - y) / scale

    def paint(self, painter: QPainter, theme: Theme, window: Bounds, width: float, height: float) -> None:
        """Draw it, with the part of the scene that is in view."""
        ratio = painter.device().devicePixelRatio()
        self._renew((self._scene.geometry, theme.name, ratio), theme, ratio)
        if self._image is None:
            return
        corner = self.place(width, height).topLeft()
        painter.drawImage(corner, self._image)
        scale, x, y = self._fit()
        left, top, right, bottom = window
        seen = QRectF(QPointF(left * scale + x, top * scale + y), QPointF(right * scale + x, bottom * scale + y))
        seen = seen.translated(corner) & self.place(width, height).adjusted(2, 2, -2, -2)
        painter.setPen(QPen(QColor(theme.dim), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(seen)

    def _renew(self, key: tuple[object, ...], theme: Theme, ratio: float) -> None:
        if key == self._key:
            return
        slots = self._scene.items.solid()
        if self._image is not None and len(slots) > 2000 and monotonic() < self._made + PATIENCE:
            return
        self._key, self._made = key, monotonic()
        self._bounds = self._scene.bounds()
        self._image = None if self._bounds is None else self._draw(slots, theme, ratio)

    def _draw(self, slots: np.ndarray, theme: Theme, ratio: float) -> QImage:
        image = QImage(int(WIDTH * ratio), int(HEIGHT * ratio), QImage.Format.Format_ARGB32_Premultiplied)
        image.setDevicePixelRatio(ratio)
        image.fill(0)
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(theme.line), 1))
        painter.setBrush(QColor(theme.panel))
        painter.drawRoundedRect(QRectF(0.5, 0.5, WIDTH - 1, HEIGHT - 1), 5, 5)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        scale, x, y = self._fit()
        rects = self._scene.items.boxes[slots] * scale + [x, y, 0, 0]
        rects[:, 2:] = np.maximum(rects[:, 2:], 1.5)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.source))
        draw_rects(painter, rects)
        painter.end()
        return image
