"""What is drawn in a field: curves, rails for what has no place among them, levels, marks and the upright lines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from ..look.theme import Theme
from .data import Mark, Reference
from .frame import Array, Frame
from .strokes import SOLID, Dashes, draw_alone, draw_pieces, ink, pieces
from .track import Trace

PALE = 70  # of 255: how much is seen of a curve behind its smoothed one
SOME, MUCH = 60_000.0, 300_000.0  # pixels of line, drawn wide with smooth edges, thin with them, and thin without
RAIL = 9.0  # pixels at the upper edge for what is not finite, at the lower one for what has no logarithm
ROWS = 4  # of texts of marks above each other, at most
APART = 6.0  # pixels between marks of a rail: closer ones are one


class Line(NamedTuple):
    """A curve and how it looks; a pale one is drawn behind the others."""

    trace: Trace
    colour: str
    dashes: Dashes = SOLID
    pale: bool = False


def draw_curves(painter: QPainter, frame: Frame, lines: Sequence[Line]) -> None:
    """The curves, the pale ones first; thinner where they go up and down so often that they become areas."""
    ordered = sorted(lines, key=lambda each: not each.pale)
    places = [(frame.across(each.trace.x), frame.up(each.trace.y)) for each in ordered]
    parts = [pieces(*place) for place in places]
    total = sum(map(ink, parts))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, total < MUCH)
    for each, place, part in zip(ordered, places, parts, strict=True):
        colour = QColor(each.colour)
        colour.setAlpha(PALE if each.pale else 255)
        pen = QPen(colour, 1.5 if total < SOME else 1.0)
        if each.dashes:
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)  # any other reaches into the gaps
        painter.setPen(pen)
        draw_pieces(painter, part, each.dashes)
        draw_alone(painter, *place)


def rail_text(traces: Iterable[Trace]) -> tuple[str, str]:
    """What stands beside the rails: how many are not finite, and how many have no logarithm; nothing where none."""
    found = list(traces)
    broken, flat = sum(each.broken_count for each in found), sum(each.flat_count for each in found)
    return f"{broken:,} not finite" if broken else "", f"{flat:,} at or below 0" if flat else ""


def draw_rails(painter: QPainter, frame: Frame, traces: Sequence[Trace], theme: Theme, font: QFont) -> None:
    """A cross at the upper edge for each that is not finite, a wedge at the lower one for each at zero or below."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    box, (broken, flat) = frame.box, rail_text(traces)
    painter.setPen(QPen(QColor(theme.nonfinite), 1.4))
    for at in _apart(frame.across(np.concatenate([each.broken for each in traces] or [np.zeros(0)]))):
        middle = box.top() + RAIL / 2
        painter.drawLine(QLineF(at - 2.5, middle - 2.5, at + 2.5, middle + 2.5))
        painter.drawLine(QLineF(at - 2.5, middle + 2.5, at + 2.5, middle - 2.5))
    painter.setPen(QPen(QColor(theme.warning), 1.4))
    for at in _apart(frame.across(np.concatenate([each.flat for each in traces] or [np.zeros(0)]))):
        low = box.bottom() - 2
        painter.drawPolyline([QPointF(at - 3, low - 4), QPointF(at, low), QPointF(at + 3, low - 4)])
    if broken:
        beneath = QPointF(box.left() + 4, box.top() + RAIL + 2)
        write(painter, broken, beneath, theme.nonfinite, theme, font)
    if flat:
        high = extent(flat, font)[1]
        write(painter, flat, QPointF(box.left() + 4, box.bottom() - RAIL - 2 - high), theme.warning, theme, font)


@lru_cache(maxsize=1000)  # texts stay for many pictures, in each of which shaping them again would take its time
def extent(text: str, font: QFont) -> tuple[float, float]:
    """How wide and how high a text is with the ground that it is written on."""
    metrics = QFontMetricsF(font)
    return metrics.horizontalAdvance(text) + 4, metrics.height()


def write(painter: QPainter, text: str, at: QPointF, colour: str, theme: Theme, font: QFont) -> QRectF:
    """A text with its upper left corner here, on a ground through which curves are not seen; where it stands."""
    place = QRectF(at, QSizeF(*extent(text, font)))
    ground = QColor(theme.background)
    ground.setAlpha(200)
    painter.fillRect(place, ground)
    painter.setFont(font)
    painter.setPen(QColor(colour))
    painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)
    return place


def draw_references(
    painter: QPainter, frame: Frame, references: Sequence[Reference], theme: Theme, font: QFont
) -> list[QRectF]:
    """A level line with its label at the right, for each that lies in view; where the labels stand."""
    written = []
    for value, label in references:
        if frame.log_y and value <= 0:
            continue
        at = frame.place_up(value)
        if not frame.box.top() <= at <= frame.box.bottom():
            continue
        pen = QPen(QColor(theme.dim), 1.0)
        pen.setDashPattern([2.0, 3.0])
        painter.setPen(pen)
        painter.drawLine(QPointF(frame.box.left(), round(at) + 0.5), QPointF(frame.box.right(), round(at) + 0.5))
        wide, high = extent(label, font)
        above = at - high - 1 if at - high - 1 >= frame.box.top() else at + 2
        place = QPointF(frame.box.right() - wide - 2, above)
        written.append(write(painter, label, place, theme.dim, theme, font))
    return written


def draw_marks(painter: QPainter, frame: Frame, marks: Sequence[tuple[float, Mark]], theme: Theme, font: QFont) -> None:
    """An upright line at each place, with its text behind it or before it: of marks close to each other one above the
    other.
    """
    box = frame.box
    written: list[QRectF] = []
    places = [(frame.place_across(x), mark) for x, mark in marks]
    seen = [(at, mark) for at, mark in places if box.left() <= at <= box.right()]
    for at, _ in seen:
        pen = QPen(QColor(theme.gradient), 1.0)
        pen.setDashPattern([1.0, 3.0])
        painter.setPen(pen)
        painter.drawLine(QPointF(round(at) + 0.5, box.top() + RAIL), QPointF(round(at) + 0.5, box.bottom()))
    for at, mark in seen:
        place = _free_place(at, QSizeF(*extent(mark.text, font)), box, written)
        if place is not None:
            write(painter, mark.text, place.topLeft(), theme.gradient, theme, font)
            written.append(place)


def _free_place(at: float, size: QSizeF, box: QRectF, written: Sequence[QRectF]) -> QRectF | None:
    """Where a text stands beside its line and over no other, as low as it can; None where there is no room."""
    for row in range(1, ROWS + 1):
        top = box.bottom() - row * size.height() - 1
        for left in (at + 3, at - size.width() - 4):
            place = QRectF(QPointF(left, top), size)
            if box.contains(place) and not any(place.intersects(other) for other in written):
                return place
    return None


def draw_upright(painter: QPainter, frame: Frame, x: float, colour: str, wide: float = 1.0) -> None:
    """A line from top to bottom."""
    at = round(frame.place_across(x)) + 0.5
    painter.setPen(QPen(QColor(colour), wide))
    painter.drawLine(QPointF(at, frame.box.top()), QPointF(at, frame.box.bottom()))


def draw_point(painter: QPainter, frame: Frame, x: float, y: float, colour: str, theme: Theme) -> None:
    """A dot on a curve."""
    if not np.isfinite(y) or (frame.log_y and y <= 0):
        return
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(theme.background), 1.5))
    painter.setBrush(QColor(colour))
    painter.drawEllipse(QPointF(frame.place_across(x), frame.place_up(y)), 3.5, 3.5)


def _apart(places: Array) -> list[float]:
    """Of pixels those that are told apart."""
    kept: list[float] = []
    for at in np.unique(places).tolist():
        if not kept or at - kept[-1] >= APART:
            kept.append(at)
    return kept
