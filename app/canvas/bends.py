"""Reroute dots: the points that a wire is drawn through. They are layout, kept with the graph, and no op of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QPainter, QPen

from ..look.theme import Theme
from .batch import Floats
from .curves import LEAST_REACH, MOST_REACH

if TYPE_CHECKING:
    from ...core.graph.elements import Places
    from .items import Slots
    from .scene import Scene
    from .view import Bounds, View

RADIUS, REACH = 4.0, 3.0  # of a dot, and how far beside it a press still meets it; scene units
TURN = 0.4  # how far the handles of a curve reach, of the distance between two dots
PIECES = 24  # lines from one dot to the next
ROUND = 6.0  # what a curve through dots swings out beyond them, at most, of the same


class Dot(NamedTuple):
    """One dot: which wire, by the port that it ends at, and its place among the dots from the source on."""

    target: str
    port: str
    number: int


def route(start: tuple[float, float], end: tuple[float, float], dots: Floats, count: int) -> Floats:
    """`count` + 1 points of a smooth line from an output through some dots to a port; each dot is one of them."""
    knots = np.concatenate([[start], dots, [end]])
    if len(knots) - 1 > count:  # far out, where there are more dots than points to draw
        knots = knots[np.linspace(0, len(knots) - 1, count + 1).round().astype(int)]
    lengths = np.sqrt((np.diff(knots, axis=0) ** 2).sum(axis=1))
    ways = np.empty_like(knots)  # the direction at each knot: level at the ports, else along its neighbours
    ways[1:-1] = knots[2:] - knots[:-2]
    ways[1:-1] /= np.maximum(np.sqrt((ways[1:-1] ** 2).sum(axis=1, keepdims=True)), 1e-9)
    ways[[0, -1]] = 1.0, 0.0
    rises = np.diff(knots[:, 1])
    level = np.flatnonzero((rises[:-1] * rises[1:] <= 0.0) & (ways[1:-1, 0] != 0.0)) + 1
    ways[level] = np.stack([np.sign(ways[level, 0]), np.zeros(len(level))], axis=1)  # else it would swing beyond
    # A level stretch is one piece; all others go to where the line turns.
    turning = np.where((rises == 0.0) & (ways[:-1, 1] == 0.0) & (ways[1:, 1] == 0.0), 0.0, lengths)
    whole = max(float(turning.sum()), 1e-9)
    shares = np.floor(np.cumsum(turning) / whole * (count - len(lengths))).astype(int)
    parts = np.diff(shares, prepend=0) + 1
    parts[int(turning.argmax())] += count - int(parts.sum())
    reaches = _reaches(knots, ways, lengths)
    points = [knots[:1]]
    for i, part in enumerate(parts.tolist()):
        t = np.linspace(0.0, 1.0, part + 1)[1:, None]
        reach = reaches[i]
        a, b, c, d = knots[i], knots[i] + ways[i] * reach, knots[i + 1] - ways[i + 1] * reach, knots[i + 1]
        points.append((1 - t) ** 3 * a + 3 * t * (1 - t) ** 2 * b + 3 * t**2 * (1 - t) * c + t**3 * d)
    return np.concatenate(points)


def _reaches(knots: Floats, ways: Floats, lengths: Floats) -> Floats:
    """How far the handles of each stretch reach: of an S, level at both ends, no further than that of a wire would."""
    across = np.abs(np.diff(knots[:, 0]))
    is_s = (ways[:-1, 1] == 0.0) & (ways[1:, 1] == 0.0) & (ways[:-1, 0] * np.diff(knots[:, 0]) > 0.0)
    s_reach = np.clip(across * 0.5, LEAST_REACH, MOST_REACH)
    reaches: Floats = np.where(is_s & (ways[:-1, 0] == ways[1:, 0]), np.minimum(s_reach, lengths), TURN * lengths)
    return reaches


class Bends:
    """The dots of the bent wires of a table: few, so they are kept by the slot of the wire."""

    def __init__(self) -> None:
        self.dots: dict[int, Floats] = {}
        self._shifts: dict[int, Floats] = {}  # of wires that are dragged with both of their ends

    def put(self, slot: int, points: Places) -> None:
        """Take these as the dots of a wire; one without any is straight."""
        self.dots.pop(slot, None)
        if points:
            self.dots[slot] = np.array(points, np.float64)

    def shift(self, offsets: Mapping[int, tuple[float, float]], items: Slots) -> None:
        """Draw the dots elsewhere whose wires have both ends at items that are, by the same (dx, dy).

        `items` (n, 2) are the slots of the items at both ends of each wire.
        """
        self._shifts = {}
        for slot in self.dots:
            source, target = items[slot].tolist()
            if source in offsets and offsets[source] == offsets.get(target):
                self._shifts[slot] = np.array(offsets[source])

    def of(self, slot: int) -> Floats:
        """Where the dots of a wire are drawn now, (k, 2)."""
        dots = self.dots.get(slot)
        if dots is None:
            return np.empty((0, 2))
        shift = self._shifts.get(slot)
        return dots if shift is None else dots + shift

    def among(self, wires: Slots) -> np.ndarray:
        """Which of some wires have dots."""
        return np.isin(wires, list(self.dots)) if self.dots else np.zeros(len(wires), bool)

    def path(self, slot: int, ends: Floats, count: int | None = None) -> Floats:
        """`count` + 1 points of one bent wire between its ends (4,); without, as many as it takes to look round."""
        x0, y0, x1, y1 = ends.tolist()
        dots = self.of(slot)
        return route((x0, y0), (x1, y1), dots, PIECES * (len(dots) + 1) if count is None else count)

    def nearest(self, x: float, y: float, reach: float) -> tuple[int, int] | None:
        """The slot of the wire and the number of the dot at a point."""
        for slot in self.dots:
            away = ((self.of(slot) - [x, y]) ** 2).sum(axis=1)
            if away.min() <= reach**2:
                return slot, int(away.argmin())
        return None

    def within(self, x0: float, y0: float, x1: float, y1: float) -> list[tuple[int, int]]:
        """The slots of wires and the numbers of the dots in a window."""
        found = []
        for slot in self.dots:
            inside = ((self.of(slot) >= [x0, y0]) & (self.of(slot) <= [x1, y1])).all(axis=1)
            found += [(slot, number) for number in np.flatnonzero(inside).tolist()]
        return found


def paint_dots(
    painter: QPainter, scene: Scene, view: View, theme: Theme, window: Bounds, chosen: frozenset[Dot]
) -> None:
    """Draw the dots in view; the painter draws in widget coordinates."""
    if not scene.wires.bends.dots or view.scale < 0.2:
        return
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    radius = RADIUS * max(view.scale, 0.5)
    for slot in scene.wires.bends.dots:
        wire = scene.wires.at(slot)
        for number, (x, y) in enumerate(scene.wires.bends.of(slot).tolist()):
            if not (window[0] - 9 <= x <= window[2] + 9 and window[1] - 9 <= y <= window[3] + 9):
                continue
            picked = Dot(wire.target, wire.port, number) in chosen
            painter.setBrush(QColor(theme.wire))
            painter.setPen(QPen(QColor(theme.background), 1.5))
            at = QPointF(*view.to_screen(x, y).toTuple())
            painter.drawEllipse(at, radius, radius)
            if picked:  # a ring as well, not a colour alone
                painter.setBrush(QColor(0, 0, 0, 0))
                painter.setPen(QPen(QColor(theme.accent), 2))
                painter.drawEllipse(at, radius + 3, radius + 3)
