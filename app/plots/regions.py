"""Regions of a plot: from where on something is wrong, as a ground behind the curves with its name; what is over."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QLineF, QPointF, QRectF
from PySide6.QtGui import QColor, QFont, QPainter, QPen

from ..look.theme import Theme
from .data import Axis, Region
from .drawing import RAIL, extent, write
from .field import faint
from .frame import Frame
from .tracks import Tracks

HINT, GRAVE, OVER = 22, 26, 150  # of 255: how much is seen of a ground, and of a strip
STRIP = 3.0  # pixels
ROWS = 4  # names that stand beneath each other, before the next has no room
LEAST = 3.0  # pixels that a region is wide


class Placed(NamedTuple):
    """A region and what of it is in view."""

    place: QRectF
    region: Region


def in_view(frame: Frame, tracks: Tracks, axis: Axis, regions: Sequence[Region]) -> list[Placed]:
    """Those of some regions that are seen, each where it is."""
    places = ((_place(frame, tracks, axis, region), region) for region in regions)
    return [Placed(place, region) for place, region in places if place is not None]


def draw_regions(painter: QPainter, frame: Frame, seen: Sequence[Placed], theme: Theme) -> None:
    """What still holds as one ground from where the first of it began; what is over as a strip at the upper edge."""
    for place, region in seen:
        if region.ended is not None:
            painter.fillRect(QRectF(place.left(), place.top(), place.width(), STRIP), faint(theme.warning, OVER))
    now = [(place, region) for place, region in seen if region.ended is None]
    for grave in (False, True):
        lefts = [place.left() for place, region in now if region.grave or not grave]
        if lefts:
            ground = QRectF(QPointF(min(lefts), frame.box.top()), frame.box.bottomRight())
            painter.fillRect(ground, faint(theme.warning, GRAVE if grave else HINT))
    painter.setPen(QPen(QColor(theme.warning), 1.0))
    for place, _ in now:
        painter.drawLine(QLineF(place.left() + 0.5, place.top(), place.left() + 0.5, place.bottom()))


def name_regions(
    painter: QPainter, frame: Frame, seen: Sequence[Placed], theme: Theme, font: QFont, written: Sequence[QRectF] = ()
) -> None:
    """Write over the curves what still holds, each beside where it began, beneath each other and what is `written`
    there already where they would meet.
    """
    taken = list(written)
    for place, region in seen:
        if region.ended is not None:
            continue
        wide, high = extent(region.text, font)
        left = min(place.left() + 3, frame.box.right() - wide - 2)
        for row in range(ROWS):
            name = QRectF(left, frame.box.top() + RAIL + 1 + row * high, wide, high)
            if left >= frame.box.left() and not any(name.intersects(other) for other in taken):
                taken.append(write(painter, region.text, name.topLeft(), theme.warning, theme, font))
                break


def _place(frame: Frame, tracks: Tracks, axis: Axis, region: Region) -> QRectF | None:
    """What of it is in view; None where nothing is."""
    begins = tracks.place(region.began, axis)
    ends = None if region.ended is None else tracks.place(region.ended, axis)
    if begins is None:
        return None
    box, first = frame.box, frame.place_across(begins)
    left = max(first, box.left())
    right = box.right() if ends is None else min(frame.place_across(ends), box.right())
    if left >= box.right() or right < box.left() or first > right:
        return None
    return QRectF(left, box.top(), max(right - left, LEAST), box.height())
