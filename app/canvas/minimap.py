"""The whole graph, small, in the lower right corner; a press there goes to that place."""

from __future__ import annotations

from collections.abc import Iterable
from time import monotonic

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from ..look.theme import Theme
from .anatomy import FRAME
from .batch import draw_rects
from .scene import Scene
from .view import Bounds, View

WIDTH, HEIGHT, MARGIN, INSET = 132.0, 88.0, 14.0, 6.0
LEAST = (500, 350)  # pixels of a canvas, of which all is needed for nodes where it is narrower or lower
SHARE = 0.16  # of the canvas's width and height that it takes at most
PATIENCE = 0.25  # seconds between two pictures of a large graph that is being dragged about


class Minimap:
    """A picture of the scene, made anew when something has moved."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._image: QImage | None = None
        self._key: tuple[object, ...] = ()
        self._made = 0.0
        self._bounds: Bounds | None = None
        self._shown = False  # when it was painted last

    def place(self, width: float, height: float) -> QRectF:
        """Where it stands in a canvas of this size, of which it takes no more than its share."""
        share = min(1.0, SHARE * height / HEIGHT, SHARE * width / WIDTH)
        wide, high = round(WIDTH * share), round(HEIGHT * share)
        return QRectF(width - wide - MARGIN, height - high - MARGIN, wide, high)

    def holds(self, point: QPointF, width: float, height: float) -> bool:
        """Whether a point of the canvas is on it."""
        return self._shown and self.place(width, height).contains(point)

    def taken(self, view: View, width: float, height: float, selection: Iterable[str]) -> QRectF:
        """What it takes of a canvas of this size, where it is drawn: nothing else stands there."""
        drawn = self._is_needed(view, view.window(width, height), width, height, selection)
        return self.place(width, height) if drawn else QRectF()

    def _is_needed(self, view: View, window: Bounds, width: float, height: float, selection: Iterable[str]) -> bool:
        """Whether something is out of view, there is room for a map, and nothing that is selected lies beneath it."""
        bounds, boxes = self._bounds, self._scene.items.boxes
        if bounds is None or width < LEAST[0] or height < LEAST[1]:
            return False
        if all(a <= b for a, b in zip(window[:2] + bounds[2:], bounds[:2] + window[2:], strict=True)):
            return False
        place = self.place(width, height)
        left, top = view.to_scene(place.topLeft())
        right, bottom = view.to_scene(place.bottomRight())
        slots = [self._scene.items.slots[id] for id in selection if id in self._scene.items.slots]
        x, y, wide, high = boxes[[slot for slot in slots if self._scene.items.kinds[slot] != FRAME]].T
        beside = (x > right) | (y > bottom) | (x + wide < left) | (y + high < top)
        return bool(beside.all())

    def _fit(self, size: QSizeF) -> tuple[float, float, float]:
        """Scale and offset from the scene to the picture."""
        left, top, right, bottom = self._bounds or (0.0, 0.0, 1.0, 1.0)
        wide, high = size.width() - 2 * INSET, size.height() - 2 * INSET
        scale = min(wide / max(right - left, 1.0), high / max(bottom - top, 1.0), 0.15)
        x = INSET + (wide - (right - left) * scale) / 2 - left * scale
        return scale, x, INSET + (high - (bottom - top) * scale) / 2 - top * scale

    def to_scene(self, point: QPointF, width: float, height: float) -> tuple[float, float]:
        """The place in the scene that a point of the canvas, on the map, stands for."""
        place = self.place(width, height)
        corner = place.topLeft()
        scale, x, y = self._fit(place.size())
        return (point.x() - corner.x() - x) / scale, (point.y() - corner.y() - y) / scale

    def paint(
        self,
        painter: QPainter,
        theme: Theme,
        view: View,
        width: float,
        height: float,
        selection: Iterable[str] = (),
    ) -> None:
        """Draw it, with the part of the scene that is in view; not where all is, nor over the `selection`."""
        ratio, place, window = (
            painter.device().devicePixelRatio(),
            self.place(width, height),
            view.window(width, height),
        )
        self._renew((self._scene.items.geometry, theme.name, ratio, place.size()))
        self._shown = self._is_needed(view, window, width, height, selection)
        if not self._shown:
            return
        if self._image is None:
            self._image = self._draw(theme, ratio, place.size())
        corner = place.topLeft()
        painter.drawImage(corner, self._image)
        scale, x, y = self._fit(place.size())
        left, top, right, bottom = window
        seen = QRectF(QPointF(left * scale + x, top * scale + y), QPointF(right * scale + x, bottom * scale + y))
        seen = seen.translated(corner) & place.adjusted(2, 2, -2, -2)
        painter.setPen(QPen(QColor(theme.dim), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(seen)

    def _renew(self, key: tuple[object, ...]) -> None:
        """Look again at where everything is; the picture is drawn once it is needed."""
        if key == self._key:
            return
        many = len(self._scene.items.slots) > 2000
        if self._bounds is not None and many and monotonic() < self._made + PATIENCE:
            return
        self._key, self._made = key, monotonic()
        self._bounds, self._image = self._scene.bounds(), None

    def _draw(self, theme: Theme, ratio: float, size: QSizeF) -> QImage:
        slots, wide, high = self._scene.items.solid(), size.width(), size.height()
        image = QImage(int(wide * ratio), int(high * ratio), QImage.Format.Format_ARGB32_Premultiplied)
        image.setDevicePixelRatio(ratio)
        image.fill(0)
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(theme.line), 1))
        painter.setBrush(QColor(theme.panel))
        painter.drawRoundedRect(QRectF(0.5, 0.5, wide - 1, high - 1), 5, 5)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        scale, x, y = self._fit(size)
        rects = self._scene.items.boxes[slots] * scale + [x, y, 0, 0]
        rects[:, 2:] = np.maximum(rects[:, 2:], 1.5)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.source))
        draw_rects(painter, rects)
        painter.end()
        return image
