"""How the elements of arrays are spread over iterations: a small plot for each layer, side by side."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from ..inspecting.sheet import small
from ..look.numbers import significant
from ..look.theme import Theme
from .bands import draw_band
from .card import Card, Sheet
from .data import AXES, Axis, Column, Curve, Ribbon
from .drawing import draw_rails, draw_upright, write
from .field import Field
from .frame import Array, Frame
from .keys import Keys
from .reader import Reader
from .strokes import draw_alone, draw_pieces, pieces
from .track import Window
from .tracks import Tracks
from .zoom import Range, Zoom

WIDE, HIGH = 230, 120  # pixels that a small plot has at least
OPACITY = (36, 60, 92)  # of 255, of the bands from the widest on


class RibbonField:
    """One small plot: a field, its bands, and the reading of all their edges."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        self.field = Field(theme, parent)
        self.field.setMinimumSize(WIDE - 20, HIGH)
        self.tracks = Tracks()
        self.ribbon: Ribbon | None = None
        self.axis: Axis = "iterations"
        self.cursor: int | None = None
        self.common: Range | None = None  # the height that it shares with its neighbours
        self.zoom = Zoom(self.field, lambda log: self.tracks.extent(self.axis, log), self._up)
        self.reader = Reader(self.field, self.tracks)
        self.reader.waits = lambda: self.zoom.zoomed
        self.keys = Keys(self.field, self.tracks, self.zoom, self.reader)
        self.field.layers += [self._paint, self.reader.paint]

    def show_ribbon(self, ribbon: Ribbon) -> None:
        """Show this one, which may have grown."""
        self.ribbon = ribbon
        self.tracks.show(Curve(name, Column(values, ribbon.at), "one") for name, values in _columns(ribbon))
        self.field.setAccessibleName(ribbon.name)

    def own(self, window: Window) -> Range | None:
        """Between what it lies in a window."""
        traces = [track.trace(self.axis, window) for track in self.tracks.seen(self.axis)]
        low = min((trace.low for trace in traces), default=np.inf)
        high = max((trace.high for trace in traces), default=-np.inf)
        return (low, high) if low <= high else None

    def _up(self, window: Window) -> Range | None:
        return self.common if self.common is not None else self.own(window)

    def refresh(self) -> None:
        """Show what there is now."""
        self.zoom.refresh()
        self.reader.refresh()

    def _paint(self, painter: QPainter, frame: Frame) -> None:
        ribbon, theme, font = self.ribbon, self.field.theme, small()
        if ribbon is None or self.tracks.extent(self.axis, frame.log_x) is None:
            return
        window = self.zoom.window
        traces = {name: track.trace(self.axis, window) for name, track in self.tracks.all.items()}
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for (_, low, high), opacity in zip(_bands(ribbon), OPACITY[-len(ribbon.bands) :], strict=False):
            draw_band(painter, frame, traces[low].edge(False), traces[high].edge(True), theme.accent, opacity)
        middle = traces[ribbon.middle_name]
        place = frame.across(middle.x), frame.up(middle.y)
        painter.setPen(QPen(QColor(theme.accent), 1.2))
        draw_pieces(painter, pieces(*place))
        draw_alone(painter, *place)
        draw_rails(painter, frame, [middle], theme, font)
        x = None if self.cursor is None else self.tracks.place(self.cursor, self.axis)
        if x is not None:
            draw_upright(painter, frame, x, theme.text, 1.2)
        name = QFontMetricsF(font).elidedText(ribbon.name, Qt.TextElideMode.ElideMiddle, frame.box.width() - 12)
        wide = QFontMetricsF(font).horizontalAdvance(name) + 6
        write(painter, name, QPointF(frame.box.right() - wide, frame.box.top() + 2), theme.dim, theme, font)


def _bands(ribbon: Ribbon) -> list[tuple[str, str, str]]:
    """The name of each band and of its two edges."""
    return [(band.name, f"{band.name}, lower", f"{band.name}, upper") for band in ribbon.bands]


def _columns(ribbon: Ribbon) -> list[tuple[str, Array]]:
    """From the uppermost edge to the lowest, by name."""
    names = _bands(ribbon)
    upper = [(name[2], band.high) for name, band in zip(names, ribbon.bands, strict=True)]
    lower = [(name[1], band.low) for name, band in zip(names, ribbon.bands, strict=True)]
    return [*upper, (ribbon.middle_name, ribbon.middle), *reversed(lower)]


class RibbonPlot(Card):
    """Small plots in as many columns as there is room for, each on its own scale or all on one."""

    clicked = Signal(int)

    def __init__(self, theme: Theme, title: str, parent: QWidget | None = None, log_y: bool = False) -> None:
        super().__init__(theme, title, self.explanation, parent)
        self.fields: list[RibbonField] = []
        self.axis: Axis = "iterations"
        self.shared = False
        self._log = log_y
        self._cursor: int | None = None
        self._inside = QWidget()
        self._grid = QGridLayout(self._inside)
        self._grid.setContentsMargins(4, 0, 4, 4)
        self._grid.setSpacing(4)
        self._inside.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)  # columns go as it narrows
        self.put(self._inside)
        self._shares = self.offer("One scale for all", self.set_shared, checkable=True)
        self._logs = self.offer("Logarithmic height", self.set_log, checkable=True)
        self._logs.setChecked(log_y)
        self.offer("Show all\t0", lambda _: self.fit())
        self.add_exports()
        self._paint_ground()

    def show_ribbons(self, ribbons: Sequence[Ribbon]) -> None:
        """Show these, each in a plot of its own."""
        while len(self.fields) < len(ribbons):
            self._add()
        for each, ribbon in zip(self.fields, ribbons, strict=False):
            each.show_ribbon(ribbon)
        while len(self.fields) > len(ribbons):
            gone = self.fields.pop()
            self._grid.removeWidget(gone.field)
            gone.field.close()
            gone.field.deleteLater()
        self._arrange()
        self.refresh()

    def _add(self) -> None:
        made = RibbonField(self.theme, self._inside)
        made.axis = made.reader.axis = self.axis
        made.cursor = self._cursor
        made.field.name_axis(AXES[self.axis])
        made.zoom.set_logs(False, self._log)
        made.reader.clicked.connect(self.clicked)
        made.zoom.changed.connect(lambda across, made=made: self._follow(made, across))
        made.field.box.doubled.connect(self.fit)
        self.fields.append(made)

    def _follow(self, one: RibbonField, across: bool) -> None:
        """What is zoomed into in one is zoomed into in all."""
        if across:
            for each in self.fields:
                if each is not one:
                    each.zoom.see(*one.field.frame.limits)

    def refresh(self) -> None:
        """Show what there is now, on one scale where that is wanted."""
        found = [each.own(each.zoom.window) for each in self.fields] if self.shared else []
        known = [each for each in found if each is not None]
        common = (min(low for low, _ in known), max(high for _, high in known)) if known else None
        for each in self.fields:
            each.common = common
            each.refresh()
        self.help.refresh()

    def fit(self) -> None:
        """Show all there is, and follow it."""
        for each in self.fields:
            each.zoom.fit()

    def set_shared(self, shared: bool) -> None:
        """One scale for all, or each its own."""
        self.shared = shared
        self._shares.setChecked(shared)
        self.refresh()

    def set_log(self, log: bool) -> None:
        """Whether the height is logarithmic."""
        self._log = log
        self._logs.setChecked(log)
        for each in self.fields:
            each.zoom.set_logs(False, log)
        self.refresh()

    def set_axis(self, axis: Axis) -> None:
        """Count this across."""
        self.axis = axis
        for each in self.fields:
            each.axis = each.reader.axis = axis
            each.reader.show_point(None)
            each.zoom.zoomed_x = False
            each.field.name_axis(AXES[axis])
        self.refresh()

    def set_cursor(self, iteration: int | None) -> None:
        """Mark the iteration that is stepped through."""
        self._cursor = iteration
        for each in self.fields:
            each.cursor = iteration
            each.field.redraw()

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self._paint_ground()
        for each in self.fields:
            each.field.restyle(theme)
        self.refresh()

    def _paint_ground(self) -> None:
        self._inside.setStyleSheet(f"background: {self.theme.background};")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        columns = max(1, min(self.width() // WIDE, len(self.fields)))
        for number, each in enumerate(self.fields):
            self._grid.addWidget(each.field, number // columns, number % columns)
        rows = -(-len(self.fields) // columns)
        self._inside.setMinimumHeight(rows * (HIGH + self._grid.spacing()))

    def explanation(self) -> tuple[str, ...]:
        """How it is read."""
        return _explained(self.fields[0].ribbon if self.fields else None, self.shared)

    def sheets(self) -> tuple[Sheet, ...]:
        return tuple(_sheet(each.ribbon) for each in self.fields if each.ribbon is not None)

    def draw_body(self, painter: QPainter, place: QRectF) -> None:
        columns = max(1, min(int(place.width()) // WIDE, len(self.fields)))
        rows = -(-len(self.fields) // columns)
        wide, high = place.width() / columns, place.height() / max(rows, 1)
        for number, each in enumerate(self.fields):
            row, column = divmod(number, columns)
            each.field.picture_of(painter, QRectF(place.left() + column * wide, place.top() + row * high, wide, high))


def _sheet(ribbon: Ribbon) -> Sheet:
    size = min(len(ribbon.middle), len(ribbon.at.iterations))
    places = {word: found[:size] for axis, word in AXES.items() if (found := ribbon.at.along(axis)) is not None}
    return Sheet(ribbon.name, places | {name: values[:size] for name, values in _columns(ribbon)})


def _explained(ribbon: Ribbon | None, shared: bool) -> tuple[str, ...]:
    """How ribbons are read, by the first of them."""
    size = 0 if ribbon is None else min(len(ribbon.middle), len(ribbon.at.iterations))
    if ribbon is None or not size:
        return ("Nothing has been told yet: ribbons begin with the first iteration.",)
    widest, middle_name, at = ribbon.bands[0], ribbon.middle_name, int(ribbon.at.iterations[size - 1])
    columns = widest.low, widest.high, ribbon.middle
    low, high, middle = (significant(column[size - 1], 3) for column in columns)
    bands = ", ".join(band.name for band in ribbon.bands)
    return (
        f"The line is the {middle_name} of the elements of each array; the bands are {bands}.",
        f"{ribbon.name} at step {at:,}: {middle_name} {middle}, {widest.name} {low} to {high}.",
        "A band that closes around 0 says that a layer falls silent; one that opens ever wider, that it explodes.",
        "All have one scale." if shared else "Each has a scale of its own.",
    )
