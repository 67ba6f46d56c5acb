"""Points with names: where they are drawn, and which of them is meant."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPolygonF

from ..inspecting.sheet import small
from ..look.numbers import significant
from ..look.theme import Theme
from .frame import Array, Frame
from .labelling import Labelling
from .zoom import Range

DOT = 5.0  # pixels of a point
REACH = 14.0  # pixels from a point in which it is pointed at
AROUND = 0.06  # of the width, beside all points
MOST = 1000  # points of which the closest are looked for


class Cloud:
    """`points` (rows, 2) are NaN where a row is not finite, which is nowhere."""

    def __init__(self) -> None:
        self.points: Array = np.zeros((0, 2))
        self._names: tuple[str, ...] = ()
        self._sizes: Array = np.zeros((0, 2))  # of the names, in pixels
        self._labelling = Labelling()

    def show(self, points: Array, labels: tuple[str, ...]) -> None:
        """Other points; the array is the cloud's from now on."""
        points[~np.isfinite(points).all(1)] = np.nan
        names = (*labels[: len(points)], *(str(row) for row in range(len(labels), len(points))))
        if names != self._names:
            metrics = QFontMetricsF(small())
            self._sizes = np.array([(metrics.horizontalAdvance(name) + 1, metrics.height() - 3) for name in names])
        self.points, self._names = points, names

    def label(self, row: int) -> str:
        """A row by its label, by its number where it has none."""
        return self._names[row]

    def words(self, row: int) -> str:
        """A row, and where it is."""
        first, second = (significant(number, 3) for number in self.points[row])
        name = self.label(row)
        return f"{name}{'' if name == str(row) else f' (row {row})'}: {first}, {second}"

    def extent(self, axis: int) -> Range | None:
        """From where to where there are points, with something to the sides; above and beneath there is room anyway."""
        numbers = self.points[np.isfinite(self.points[:, axis]), axis]
        if not numbers.size:
            return None
        low, high = float(numbers.min()), float(numbers.max())
        around = (high - low) * AROUND * (axis == 0)
        return low - around, high + around

    def pixels(self, frame: Frame) -> Array:
        """Where they are drawn, (rows, 2)."""
        return np.stack([frame.across(self.points[:, 0]), frame.up(self.points[:, 1])], 1)

    def paint(self, painter: QPainter, frame: Frame, first: int | None, theme: Theme) -> None:
        """All points, and names where there is room; that of the row `first` before all others."""
        pixels = self.pixels(frame)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(theme.accent), DOT, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        shown = pixels[np.isfinite(pixels[:, 0])]
        painter.drawPoints(QPolygonF([QPointF(x, y) for x, y in shown.tolist()]))
        painter.setPen(QColor(theme.text))
        middle = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextDontClip
        for row, place in self._labelling.places(pixels, self._sizes, frame.box, first).items():
            painter.drawText(place, middle, self._names[row])

    def paint_ring(self, painter: QPainter, frame: Frame, row: int, theme: Theme) -> None:
        """Around one point."""
        x, y = self.pixels(frame)[row].tolist()
        if np.isfinite(x):
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(QColor(theme.text), 1.5))
            painter.drawEllipse(QPointF(x, y), DOT, DOT)

    def nearest(self, frame: Frame, at: QPointF) -> int | None:
        """The point that is pointed at."""
        if not np.isfinite(self.points).any():
            return None
        away = np.hypot(*(self.pixels(frame) - (at.x(), at.y())).T)
        row = int(np.nanargmin(away))
        return row if away[row] <= REACH else None

    def beside(self, frame: Frame, row: int | None, move: tuple[int, int]) -> int | None:
        """The nearest point from a row in a direction, the row itself where there is none there.

        That nearest to the middle, where there is no row.
        """
        pixels, middle = self.pixels(frame), frame.box.center()
        apart = pixels - (np.array([middle.x(), middle.y()]) if row is None else pixels[row])
        along, aside = apart @ np.array(move), np.abs(apart @ np.array(move[::-1]))
        away = np.nan_to_num(np.hypot(*apart.T), nan=np.inf)
        if row is not None:
            away = np.where((along > 0) & (aside <= along), away, np.inf)
        best = int(np.argmin(away)) if len(away) else None
        return best if best is not None and np.isfinite(away[best]) else row

    def closest(self) -> tuple[int, int] | None:
        """The two rows that lie closest, of the first so many."""
        known = np.flatnonzero(np.isfinite(self.points[:, 0]))[:MOST]
        if len(known) < 2:
            return None
        points = self.points[known]
        away = np.hypot(*np.moveaxis(points[:, None] - points, -1, 0))
        np.fill_diagonal(away, np.inf)
        one, other = np.unravel_index(int(np.argmin(away)), away.shape)
        return int(known[one]), int(known[other])
