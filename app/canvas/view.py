"""Which part of the scene is shown: zoom and place, in logical pixels."""

from __future__ import annotations

from PySide6.QtCore import QPointF
from PySide6.QtGui import QTransform

from ..look.theme import GRID

LEAST, MOST = 0.01, 4.0
MARGIN, MOST_MARGIN = 40.0, 0.1  # around what is framed: pixels, and at most this share of a low or narrow widget
LEAST_MARGIN = 12.0  # pixels to which it shrinks where texts could not be read otherwise
FRAMED = 1.0  # framing a small graph magnifies it no further
LEGIBLE = 0.6  # framing makes all as large at least, where the margin leaves so much

Bounds = tuple[float, float, float, float]


class View:
    """screen = scene * scale + (x, y). The place is kept on whole device pixels, so that panning blurs nothing."""

    def __init__(self) -> None:
        self.scale = 1.0
        self.x = self.y = 0.0
        self.ratio = 1.0  # device pixels in a logical one
        self.lines = 1.0  # how much thicker wires are than usual
        self.framed = FRAMED
        self._all: object = self.place_and_zoom  # where all was framed, None: it was not
        self.opening = False  # that was as what is opened is

    @property
    def place_and_zoom(self) -> tuple[float, float, float]:
        """What is seen, as one value to compare."""
        return self.x, self.y, self.scale

    def note_framed(self, all: bool, opening: bool = False) -> None:
        """What is seen now was framed: all, or a part; `opening`: as what is opened is."""
        self._all, self.opening = self.place_and_zoom if all else None, opening

    @property
    def all_framed(self) -> bool:
        """Whether all is seen as it was framed, and nobody has moved it since."""
        return self._all == self.place_and_zoom

    def place(self, x: float, y: float) -> None:
        """Put the scene's origin at (x, y) of the widget."""
        self.x, self.y = round(x * self.ratio) / self.ratio, round(y * self.ratio) / self.ratio

    def pan(self, dx: float, dy: float) -> None:
        """Move the scene by so many pixels."""
        self.place(self.x + dx, self.y + dy)

    def zoom(self, factor: float, about: QPointF) -> None:
        """Zoom by a factor, the point `about` of the widget staying where it is."""
        scale = min(max(self.scale * factor, LEAST), MOST)
        kept = scale / self.scale
        self.scale = scale
        self.place(about.x() - (about.x() - self.x) * kept, about.y() - (about.y() - self.y) * kept)

    def frame(self, bounds: Bounds, width: float, height: float) -> None:
        """Show (left, top, right, bottom) of the scene in the middle of a widget of this size, as large as it fits."""
        left, top, right, bottom = bounds
        sides = (width, max(right - left, 1.0)), (height, max(bottom - top, 1.0))
        fits, most = (
            min((size - 2 * min(margin, MOST_MARGIN * size)) / extent for size, extent in sides)
            for margin in (MARGIN, LEAST_MARGIN)
        )
        self.scale = min(max(fits, min(most, LEGIBLE), LEAST), self.framed)
        self.center((left + right) / 2, (top + bottom) / 2, width, height)

    def begin(self, bounds: Bounds, first: Bounds, scale: float, width: float, height: float) -> None:
        """Show at this zoom what has no room in a widget of this size: all across or down where that fits, else from
        its beginning on, or from that of what is to be seen `first`, where this would not be in view.
        """
        self.scale = scale
        left, top, right, bottom = (edge * scale for edge in bounds)
        from_x, from_y, to_x, to_y = (edge * scale for edge in first)
        x, y = _begin(left, right, from_x, to_x, width), _begin(top, bottom, from_y, to_y, height)
        self.place(-x, -y)

    def center(self, x: float, y: float, width: float, height: float) -> None:
        """Show the point (x, y) of the scene in the middle."""
        self.place(width / 2 - x * self.scale, height / 2 - y * self.scale)

    def holds(self, rect: Bounds, width: float, height: float) -> bool:
        """Whether all of (x, y, width, height) of the scene is seen in a widget of this size."""
        left, top, right, bottom = self.window(width, height)
        x, y, wide, high = rect
        return left <= x and top <= y and x + wide <= right and y + high <= bottom

    def reveal(self, bounds: Bounds, width: float, height: float) -> bool:
        """Move by as little as brings (left, top, right, bottom) into a widget of this size; whether it had to.

        Of what is too large the beginning is shown.
        """
        left, top, right, bottom = self.window(width, height)
        across, down = _step(bounds[0], bounds[2], left, right), _step(bounds[1], bounds[3], top, bottom)
        if across or down:
            self.center((left + right) / 2 + across, (top + bottom) / 2 + down, width, height)
        return bool(across or down)

    def contain(self, bounds: Bounds, width: float, height: float) -> bool:
        """Bring all of (left, top, right, bottom) into a widget of this size, zooming out where it has no room there.

        Whether anything had to move.
        """
        across, down = bounds[2] - bounds[0] + 2 * GRID, bounds[3] - bounds[1] + 2 * GRID
        fits = min(width / across, height / down)
        if fits >= self.scale:
            return self.reveal(bounds, width, height)
        self.scale = max(fits, LEAST)
        self.center((bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2, width, height)
        return True

    def to_scene(self, point: QPointF) -> tuple[float, float]:
        return (point.x() - self.x) / self.scale, (point.y() - self.y) / self.scale

    def to_screen(self, x: float, y: float) -> QPointF:
        return QPointF(x * self.scale + self.x, y * self.scale + self.y)

    def window(self, width: float, height: float) -> Bounds:
        """The left, top, right and bottom of what a widget of this size shows."""
        return (*self.to_scene(QPointF(0, 0)), *self.to_scene(QPointF(width, height)))

    def middle(self, width: float, height: float) -> tuple[float, float]:
        """The point of the scene in the middle of a widget of this size."""
        return self.to_scene(QPointF(width / 2, height / 2))

    @property
    def transform(self) -> QTransform:
        return QTransform(self.scale, 0, 0, self.scale, self.x, self.y)


def _begin(low: float, high: float, first: float, last: float, size: float) -> float:
    """Where a view `size` long begins that shows all from `low` to `high`, or from its beginning; all in pixels."""
    if high - low + 2 * LEAST_MARGIN <= size:
        return (low + high - size) / 2
    return low - LEAST_MARGIN if last - low + LEAST_MARGIN <= size else first - LEAST_MARGIN


def _step(first: float, last: float, low: float, high: float) -> float:
    """By how much a view from `low` to `high` must move to hold all from `first` to `last`."""
    if first >= low and last <= high:
        return 0.0
    begin = first - GRID - low
    return begin if first < low else min(begin, last + GRID - high)
