"""Points with names: where they are drawn, and which of them is meant."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPolygonF

from ..inspecting.sheet import small
from ..look.numbers import significant
from ..look.theme import Theme
from .frame import Array, Frame
from .labelling import MOST as MOST_NAMES
from .labelling import Labelling
from .zoom import Range

DOT = 5.0  # pixels of a point
REACH = 14.0  # pixels from a point in which it is pointed at
AROUND = 0.06  # of the width, beside all points
MOST = 4000  # points that are drawn, at most
COMPARED = 1000  # points of which the closest are looked for


class Cloud:
    """`points` (rows, 2) are NaN where a row is not finite, which is nowhere."""

    def __init__(self) -> None:
        self.points: Array = np.zeros((0, 2))
        self._names: tuple[str, ...] = ()
        self._sizes: Array = np.zeros((0, 2))  # of the names, in pixels; NaN of those that have not been drawn yet
        self._labelling = Labelling()
        self._closest: tuple[int, int] | None = None
        self._compared = False

    def show(self, points: Array, labels: tuple[str, ...]) -> None:
        """Other points; the array is the cloud's from now on."""
        points[~np.isfinite(points).all(1)] = np.nan
        names = (*labels[: len(points)], *(str(row) for row in range(len(labels), len(points))))
        if names != self._names:
            self._sizes = np.full((len(names), 2), np.nan)
        self.points, self._names = points, names
        self._compared = False

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

    def drawn(self, frame: Frame, first: int | None = None) -> Array:
        """Where those are that are drawn, and NaN where the others are: the same ones for as long as the view stays.

        Of more than `MOST` that are seen these are every second row, fourth row and so on, and the row `first`.
        """
        pixels = self.pixels(frame)
        every = 1
        while _within(pixels[::every], frame.box).sum() > MOST:
            every *= 2  # so that nearer by all stay that were drawn
        left_out = np.arange(len(pixels)) % every > 0
        if first is not None:
            left_out[first] = False
        pixels[left_out] = np.nan
        return pixels

    def paint(self, painter: QPainter, frame: Frame, first: int | None, theme: Theme) -> None:
        """Points, and names where there is room; that of the row `first` before all others."""
        pixels = self.drawn(frame, first)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(theme.accent), DOT, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        seen = _within(pixels, frame.box.adjusted(-DOT, -DOT, DOT, DOT))
        painter.drawPoints(QPolygonF([QPointF(x, y) for x, y in pixels[seen].tolist()]))
        painter.setPen(QColor(theme.text))
        middle = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextDontClip
        self._measure(np.flatnonzero(_within(pixels, frame.box))[:MOST_NAMES].tolist())
        if first is not None:
            self._measure([first])
        for row, place in self._labelling.places(pixels, self._sizes, frame.box, first).items():
            painter.drawText(place, middle, self._names[row])

    def _measure(self, rows: list[int]) -> None:
        """Find how large the names of rows are: of many thousands few are ever drawn."""
        metrics = QFontMetricsF(small())
        for row in rows:
            if np.isnan(self._sizes[row, 0]):
                self._sizes[row] = metrics.horizontalAdvance(self._names[row]) + 1, metrics.height() - 3

    def paint_ring(self, painter: QPainter, frame: Frame, row: int, theme: Theme) -> None:
        """Around one point."""
        x, y = self.pixels(frame)[row].tolist()
        if np.isfinite(x):
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(QColor(theme.text), 1.5))
            painter.drawEllipse(QPointF(x, y), DOT, DOT)

    def nearest(self, frame: Frame, at: QPointF) -> int | None:
        """The point that is pointed at."""
        away = np.hypot(*(self.drawn(frame) - (at.x(), at.y())).T)
        if not np.isfinite(away).any():
            return None
        row = int(np.nanargmin(away))
        return row if away[row] <= REACH else None

    def beside(self, frame: Frame, row: int | None, move: tuple[int, int]) -> int | None:
        """The nearest point from a row in a direction, the row itself where there is none there.

        That nearest to the middle, where there is no row.
        """
        pixels, middle = self.drawn(frame, row), frame.box.center()
        apart = pixels - (np.array([middle.x(), middle.y()]) if row is None else pixels[row])
        along, aside = apart @ np.array(move), np.abs(apart @ np.array(move[::-1]))
        away = np.nan_to_num(np.hypot(*apart.T), nan=np.inf)
        if row is not None:
            away = np.where((along > 0) & (aside <= along), away, np.inf)
        best = int(np.argmin(away)) if len(away) else None
        return best if best is not None and np.isfinite(away[best]) else row

    def closest(self) -> tuple[int, int] | None:
        """The two rows that lie closest, of the first so many; found when it is first asked of these points."""
        if not self._compared:
            self._closest, self._compared = _closest(self.points), True
        return self._closest


def _within(pixels: Array, box: QRectF) -> Array:
    """Which of the points (n, 2) lie in a box; NaN do not."""
    across, up = pixels.T
    return (across >= box.left()) & (across <= box.right()) & (up >= box.top()) & (up <= box.bottom())


def _closest(points: Array) -> tuple[int, int] | None:
    known = np.flatnonzero(np.isfinite(points[:, 0]))[:COMPARED]
    if len(known) < 2:
        return None
    across, up = points[known].T / (np.abs(points[known]).max() or 1.0)  # squares of large numbers would be infinite
    away = (across[:, None] - across) ** 2 + (up[:, None] - up) ** 2
    np.fill_diagonal(away, np.inf)
    one, other = np.unravel_index(int(np.argmin(away)), away.shape)
    return int(known[one]), int(known[other])
