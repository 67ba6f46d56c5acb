"""What a plot of curves draws: computed for what is in view, and again only where that has changed."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from PySide6.QtGui import QPainter

from ..inspecting.sheet import small
from .bands import Bands
from .data import Axis, Mark, Reference, Region
from .drawing import Line, draw_curves, draw_marks, draw_rails, draw_references, draw_upright
from .field import Field
from .frame import Frame
from .regions import draw_regions, in_view, name_regions
from .track import Trace, Window
from .tracks import Tracks
from .zoom import Range, Zoom


class Drawn(NamedTuple):
    """The lines, and of each curve the trace of the numbers themselves."""

    lines: list[Line]
    raw: list[Trace]


class CurveScene:
    """`version` goes up where the curves, their colours or which of them are shown have changed."""

    def __init__(self, field: Field, tracks: Tracks) -> None:
        self.axis: Axis = "iterations"
        self.marks: tuple[Mark, ...] = ()
        self.references: tuple[Reference, ...] = ()
        self.regions: tuple[Region, ...] = ()
        self.bands = Bands()
        self.cursor: int | None = None
        self.version = 0
        self._field, self._tracks = field, tracks
        self._known: tuple[object, Drawn] = (None, Drawn([], []))
        self.zoom = Zoom(field, lambda log: tracks.extent(self.axis, log), self._up)

    @property
    def drawn(self) -> Drawn:
        """What is drawn in the window that is seen."""
        window = self.zoom.window
        key = (window, self.version)
        if self._known[0] != key:
            self._known = key, self._draw(window)
        return self._known[1]

    def _draw(self, window: Window) -> Drawn:
        looks, lines, raw = self._tracks.looks(self._field.theme), [], []
        for track in self._tracks.seen(self.axis):
            look = looks[track.curve.name]
            raw.append(track.trace(self.axis, window))
            lines.append(Line(raw[-1], *look, pale=track.smoothed is not None))
            if track.smoothed is not None:
                lines.append(Line(track.trace(self.axis, window, smoothed=True), *look))
        return Drawn(lines, raw)

    def _up(self, window: Window) -> Range | None:
        """Between what the curves lie, and the levels that they are read against where all of it is seen."""
        traces = [track.trace(self.axis, window) for track in self._tracks.seen(self.axis)]
        lows, highs = self.bands.extent(self._tracks, self.axis, window)
        lows, highs = lows + [trace.low for trace in traces], highs + [trace.high for trace in traces]
        if not self.zoom.zoomed_x:
            levels = [each.value for each in self.references if each.value > 0 or not window.log_y]
            lows, highs = lows + levels, highs + levels
        low, high = min(lows, default=np.inf), max(highs, default=-np.inf)
        return (low, high) if low <= high else None

    def paint(self, painter: QPainter, frame: Frame) -> None:
        """All but the point that is read."""
        drawn, font, theme = self.drawn, small(), self._field.theme
        regions = in_view(frame, self._tracks, self.axis, self.regions)
        draw_regions(painter, frame, regions, theme)
        self.bands.paint(painter, frame, self._tracks, self.axis, self.zoom.window, theme)
        draw_curves(painter, frame, drawn.lines)
        labels = draw_references(painter, frame, self.references, theme, font)
        name_regions(painter, frame, regions, theme, font, labels)
        marks = [(x, mark) for mark in self.marks if (x := self._tracks.place(mark.iteration, self.axis)) is not None]
        draw_marks(painter, frame, marks, theme, font)
        draw_rails(painter, frame, drawn.raw, theme, font)
        x = None if self.cursor is None else self._tracks.place(self.cursor, self.axis)
        if x is not None:
            draw_upright(painter, frame, x, theme.text, 1.2)
