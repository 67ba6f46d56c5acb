"""What a network of two inputs predicts everywhere, beneath the samples that it learns from."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter, QPen
from PySide6.QtWidgets import QWidget

from ..inspecting.sheet import small
from ..look.theme import Theme
from .card import Card, Sheet
from .data import Surface
from .drawing import write
from .field import Field
from .frame import Frame
from .hues import hues
from .legend import Entry, Legend
from .predicted import class_names, colours_of, picture, told, wrong
from .track import Window
from .zoom import Range, Zoom

RADIUS = 3.2  # pixels of a sample
MOST = 4000  # samples that are drawn; of more, every n-th


class DecisionSurface(Card):
    """The picture under the samples; the pointer tells what is predicted there."""

    def __init__(self, theme: Theme, title: str = "decision surface", parent: QWidget | None = None) -> None:
        super().__init__(theme, title, self.explanation, parent)
        self.surface: Surface | None = None
        self._image = QImage()
        self._pointer: QPointF | None = None
        self.field = Field(theme, self)
        self.field.setAccessibleName(title)
        self.legend = Legend(theme, fixed=True)
        self.put(self.field, self.legend)
        self.zoom = Zoom(self.field, self._across, self._up)
        self.field.layers[:] = [self._paint_picture, self._paint_points, self._paint_names, self._paint_told]
        self.field.box.pointed.connect(self._point)
        self.offer("Show all", lambda _: self.zoom.fit())
        self.add_exports()

    def show_surface(self, surface: Surface | None) -> None:
        """Show another one, None: there is none."""
        if surface is not self.surface or surface is None:
            self._show(surface)

    def _show(self, surface: Surface | None) -> None:
        self.surface = surface
        self._image = QImage() if surface is None else picture(surface, self.theme)
        self.legend.show_entries(tuple(self.entries()), frozenset())
        self.zoom.refresh()
        self.help.refresh()

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self.legend.theme = theme
        self.field.restyle(theme)
        self._show(self.surface)

    def _across(self, log: bool) -> Range | None:
        return None if self.surface is None else self.surface.x

    def _up(self, window: Window) -> Range | None:
        return None if self.surface is None else self.surface.y

    def _paint_picture(self, painter: QPainter, frame: Frame) -> None:
        if self.surface is None:
            return
        (left, right), (low, high) = (self.surface.x, self.surface.y)
        place = QRectF(
            QPointF(float(frame.across(left)), float(frame.up(high))),
            QPointF(float(frame.across(right)), float(frame.up(low))),
        )
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(place, self._image)

    def _paint_points(self, painter: QPainter, frame: Frame) -> None:
        """Samples in the colours of their classes; those of another class than is predicted there are crossed."""
        found = self.surface
        if found is None or not len(found.points):
            return
        every = slice(None, None, -(-len(found.points) // MOST))
        across, up = frame.across(found.points[every, 0]), frame.up(found.points[every, 1])
        crosses = wrong(found)[every]
        colours = colours_of(found, np.asarray(found.targets)[every], self.theme)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for x, y, name, crossed in zip(across.tolist(), up.tolist(), colours, crosses.tolist(), strict=True):
            painter.setPen(QPen(QColor(self.theme.background), 1.0))
            painter.setBrush(QColor(name))
            painter.drawEllipse(QPointF(x, y), RADIUS, RADIUS)
            if crossed:
                painter.setPen(QPen(QColor(self.theme.text), 1.4))
                painter.drawLine(QPointF(x - 4, y - 4), QPointF(x + 4, y + 4))
                painter.drawLine(QPointF(x - 4, y + 4), QPointF(x + 4, y - 4))

    def _point(self, at: QPointF | None) -> None:
        self._pointer = at
        self.field.redraw()

    def _paint_told(self, painter: QPainter, frame: Frame) -> None:
        if self._pointer is None or self.surface is None:
            return
        share = (frame.box.bottom() - self._pointer.y()) / frame.box.height()
        y = frame.y[0] + share * (frame.y[1] - frame.y[0])
        words = told(self.surface, frame.number_across(self._pointer.x()), y)
        if words:
            at = QPointF(frame.box.left() + 4, frame.box.bottom() - QFontMetricsF(small()).height() - 2)
            write(painter, words, at, self.theme.text, self.theme, small())

    def _paint_names(self, painter: QPainter, frame: Frame) -> None:
        """Which input goes across, and which up."""
        if self.surface is None:
            return
        font, (across, up) = small(), self.surface.names
        metrics = QFontMetricsF(font)
        right = frame.box.right() - metrics.horizontalAdvance(across) - 6
        low = QPointF(right, frame.box.bottom() - metrics.height() - 2)
        write(painter, across, low, self.theme.dim, self.theme, font)
        write(painter, up, QPointF(frame.box.left() + 2, frame.box.top() + 2), self.theme.dim, self.theme, font)

    def entries(self) -> Sequence[Entry]:
        if self.surface is None or len(self.surface.shares) < 2:
            return []
        colours = hues(len(self.surface.shares), self.theme)
        return [Entry(name, colour) for name, colour in zip(class_names(self.surface), colours, strict=True)]

    def explanation(self) -> tuple[str, ...]:
        """How it is read, by how many samples lie on the wrong side."""
        found = self.surface
        if found is None:
            return ("Nothing has been predicted yet.",)
        rows, columns = found.shares.shape[1:]
        ground = f"The ground is what the network predicts at {rows:,} × {columns:,} places"
        lines = [f"{ground}; dots are {len(found.points):,} samples."]
        if len(found.shares) > 1:
            count = int(wrong(found).sum())
            lines.append("The stronger a colour, the surer the network; where it is pale it could be either.")
            lines.append(f"{count:,} samples lie on the wrong side: they are crossed.")
        return tuple(lines)

    def sheets(self) -> tuple[Sheet, ...]:
        found = self.surface
        if found is None:
            return ()
        rows, columns = found.shares.shape[1:]
        y, x = (
            low + (np.arange(count) + 0.5) * (high - low) / count
            for (low, high), count in ((found.y, rows), (found.x, columns))
        )
        across, up = np.meshgrid(x, y)
        grid = {found.names[0]: across.reshape(-1), found.names[1]: up.reshape(-1)}
        grid |= {
            f"predicted {name}": plane.reshape(-1) for name, plane in zip(class_names(found), found.shares, strict=True)
        }
        points = {found.names[0]: found.points[:, 0], found.names[1]: found.points[:, 1], "target": found.targets}
        return Sheet("grid", grid), Sheet("samples", points)

    def draw_body(self, painter: QPainter, place: QRectF) -> None:
        self.field.picture_of(painter, place)
