"""Areas between two curves behind a third: between what the runs of a group lie around their mean."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter

from ..look.theme import Theme
from .data import Axis, Curve
from .frame import Array, Frame
from .track import Trace, Track, Window
from .tracks import Tracks

OPACITY = 44  # of 255


class Edges(NamedTuple):
    """Between what a curve lies."""

    low: Curve
    high: Curve


class Bands:
    """By the name of the curve that each belongs to, and with whose colour it is drawn; hidden with it."""

    def __init__(self) -> None:
        self._all: dict[str, tuple[Track, Track]] = {}

    def show(self, bands: Mapping[str, Edges]) -> None:
        """Show these, and no others."""
        before = self._all
        self._all = {}
        for name, edges in bands.items():
            low, high = before.get(name, (None, None))
            self._all[name] = _grown(low, edges.low), _grown(high, edges.high)

    def traces(self, tracks: Tracks, axis: Axis, window: Window) -> Iterator[tuple[str, Trace, Trace]]:
        """The edges of those that are seen."""
        for name, (low, high) in self._all.items():
            if name in tracks.all and name not in tracks.hidden:
                yield name, low.trace(axis, window), high.trace(axis, window)

    def extent(self, tracks: Tracks, axis: Axis, window: Window) -> tuple[list[float], list[float]]:
        """How low and how high they reach."""
        found = list(self.traces(tracks, axis, window))
        return [low.low for _, low, _ in found], [high.high for _, _, high in found]

    def paint(self, painter: QPainter, frame: Frame, tracks: Tracks, axis: Axis, window: Window, theme: Theme) -> None:
        """All that are seen, behind every curve."""
        if not self._all:
            return
        colours = tracks.colours(theme)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for name, low, high in self.traces(tracks, axis, window):
            draw_band(painter, frame, low.edge(False), high.edge(True), colours[name], OPACITY)


def _grown(track: Track | None, curve: Curve) -> Track:
    """The track of a curve that only goes on, of which just what is new is read; else another."""
    if track is None or not track.continued_by(curve):
        return Track(curve)
    track.grow(curve)
    return track


def draw_band(
    painter: QPainter, frame: Frame, low: tuple[Array, Array], high: tuple[Array, Array], name: str, opacity: int
) -> None:
    """The area between two edges, interrupted where the upper one is."""
    colour = QColor(name)
    colour.setAlpha(opacity)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    x, top = frame.across(high[0]), frame.up(high[1])
    bottom = frame.up(low[1])
    bottom = np.where(np.isfinite(bottom), bottom, frame.box.bottom())  # what has no logarithm lies beneath all
    places = np.flatnonzero(np.isfinite(top))
    for part in np.split(places, np.flatnonzero(np.diff(places) > 1) + 1):
        if part.size:
            around = np.concatenate([x[part], x[part][::-1]]), np.concatenate([top[part], bottom[part][::-1]])
            painter.drawPolygon(pg.functions.arrayToQPolygonF(*around))
