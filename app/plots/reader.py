"""Reading a plot: the point that the pointer or the arrow keys are at, and the exact numbers there."""

from __future__ import annotations

import html
from collections.abc import Callable

from PySide6.QtCore import QObject, QPoint, QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QApplication, QLabel

from ..inspecting.sheet import small
from ..look.numbers import full, significant
from .data import AXES, Axis
from .drawing import RAIL, draw_point, draw_upright
from .field import Field
from .frame import Frame
from .nearest import nearest
from .tracks import Point, Tracks

MOST = 12  # curves whose numbers are told at once
MARGIN = 10  # pixels between the line and its numbers


class Reader(QObject):
    """`lines(point)` gives what is to be read at a point: a heading, then a name, a colour and a number each."""

    clicked = Signal(int)  # an iteration

    def __init__(self, field: Field, tracks: Tracks) -> None:
        super().__init__(field)
        self.axis: Axis = "iterations"
        self.point: Point | None = None
        self.notes: Callable[[int], list[str]] = lambda _: []  # what else is told of an iteration
        self.heading: Callable[[Point], str] = self._heading  # what is told of a point before its numbers
        self.waits: Callable[[], bool] = lambda: False  # whether a double click would change what is seen
        self._field, self._tracks = field, tracks
        self._meant: Point | None = None
        self._soon = QTimer(self, singleShot=True)
        self._soon.timeout.connect(self._go)
        self.card = QLabel(field.viewport())
        self.card.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.card.setTextFormat(Qt.TextFormat.RichText)
        self.card.setFont(small())
        self.card.hide()
        field.box.pointed.connect(self._point_at)
        field.box.clicked.connect(self._click)
        field.box.doubled.connect(self._soon.stop)

    def show_point(self, point: Point | None) -> None:
        """Read here, or nowhere."""
        self.point = point
        self.refresh()

    def refresh(self) -> None:
        """The numbers, or the colours, are others."""
        point = self.point
        if point is not None and self._tracks.all.get(point.track.curve.name) is not point.track:
            point = self.point = None
        self._field.redraw()
        if point is None:
            self.card.hide()
            return
        theme = self._field.theme
        self.card.setStyleSheet(
            f"QLabel {{ background: {theme.raised}; color: {theme.text}; border: 1px solid {theme.line};"
            " border-radius: 4px; padding: 3px 6px; }"
        )
        self.card.setText(self._words(point))
        self._field.setAccessibleDescription(self.told())
        self.card.adjustSize()
        self._place(point)

    def told(self) -> str:
        """What is to be read, as plain text."""
        if self.point is None:
            return ""
        heading, rows, notes = self._rows(self.point)
        return "; ".join([heading, *(f"{name} {number}" for name, _, number in rows), *notes])

    def paint(self, painter: QPainter, frame: Frame) -> None:
        """The upright line and a dot on each curve."""
        if self.point is None:
            return
        x = self.point.along(self.axis)
        draw_upright(painter, frame, x, self._field.theme.dim)
        colours = self._tracks.colours(self._field.theme)
        for track in self._tracks.seen(self.axis):
            here = self._here(track.curve.name, x)
            if here is not None:
                at = here.along(self.axis), float(here.value)
                draw_point(painter, frame, *at, colours[track.curve.name], self._field.theme)

    def _here(self, name: str, x: float) -> Point | None:
        if self.point is not None and name == self.point.track.curve.name:
            return self.point
        return self._tracks.at(self._tracks.all[name], self.axis, x)

    def _rows(self, point: Point) -> tuple[str, list[tuple[str, str, str]], list[str]]:
        """The heading, a name, a colour and a number for each curve, and further lines."""
        x, iteration = point.along(self.axis), point.iteration
        colours = self._tracks.colours(self._field.theme)
        rows = []
        for track in self._tracks.seen(self.axis):
            name = track.curve.name
            here = self._here(name, x)
            if here is None:
                continue
            number = full(here.value)
            if track.smoothed is not None:
                mean = track.smoothed.read(here.index, here.index + 1)[0]
                number += f", smoothed {significant(mean, 4)}"
            if here.iteration != iteration:
                number += f" (step {here.iteration:,})"
            rows.append((name, colours[name], number))
        rest = [f"and {len(rows) - MOST} more"] if len(rows) > MOST else []
        return self.heading(point), rows[:MOST], [*rest, *self.notes(iteration)]

    def _heading(self, point: Point) -> str:
        """The step, behind its place along another axis."""
        step = f"step {point.iteration:,}"
        return (
            step if self.axis == "iterations" else f"{AXES[self.axis]} {significant(point.along(self.axis), 6)}, {step}"
        )

    def _words(self, point: Point) -> str:
        heading, rows, notes = self._rows(point)
        lines = "".join(
            f"<tr><td><span style='color:{colour}'>━</span> {html.escape(name)}&nbsp;&nbsp;</td>"
            f"<td align='right'>{html.escape(number)}</td></tr>"
            for name, colour, number in rows
        )
        more = "".join(f"<div>{html.escape(note)}</div>" for note in notes)
        return f"<div>{html.escape(heading)}</div><table cellspacing='0'>{lines}</table>{more}"

    def _place(self, point: Point) -> None:
        """Beside the line where there is more room, and within the plot."""
        frame, port = self._field.frame, self._field.viewport()
        box: QRectF = self._field.box.mapRectToScene(frame.box)
        at = box.left() + float(frame.across(point.along(self.axis)))
        right = at + MARGIN + self.card.width() <= port.width()
        left = at + MARGIN if right else at - MARGIN - self.card.width()
        top = min(box.top() + RAIL + 4, port.height() - self.card.height() - 2)
        self.card.move(QPoint(int(min(max(left, 2), max(port.width() - self.card.width() - 2, 2))), int(max(top, 2))))
        self.card.show()

    def _point_at(self, at: QPointF | None) -> None:
        frame = self._field.frame
        self.show_point(None if at is None else nearest(self._tracks, frame, self.axis, at))
        marked = Qt.CursorShape.ArrowCursor if self.point is None else Qt.CursorShape.PointingHandCursor
        self._field.viewport().setCursor(marked)

    def _click(self, at: QPointF) -> None:
        """Go to what is marked; where a part is shown only once it is sure that no double click is to show all."""
        point = nearest(self._tracks, self._field.frame, self.axis, at)
        if point is None:
            return
        self._meant = point
        self._soon.start(QApplication.doubleClickInterval() if self.waits() else 0)

    def _go(self) -> None:
        if self._meant is not None:
            self.clicked.emit(self._meant.iteration)
