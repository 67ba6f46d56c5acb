"""Which element of which curve is meant by a place of the pointer."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF

from .data import Axis
from .drawing import RAIL
from .frame import Frame
from .track import Track, position
from .tracks import Point, Tracks

REACH = 5.0  # pixels to either side in which the nearest element is looked for
CLOSE = 14.0  # pixels from a curve from which on only the place across counts


def nearest(tracks: Tracks, frame: Frame, axis: Axis, at: QPointF) -> Point | None:
    """The element that is drawn nearest, on a rail one of those that it stands for; far from all curves the one that
    is nearest across; None where there is no curve.
    """
    seen = list(tracks.seen(axis))
    found = [each for track in seen if (each := _near(track, frame, axis, at)) is not None]
    if found:
        apart, point = min(found, key=lambda each: each[0])
        if apart <= CLOSE:
            return point
    beside = [each for track in seen if (each := _beside(track, frame, axis, at.x())) is not None]
    return min(beside, key=lambda each: each[0])[1] if beside else None


def _near(track: Track, frame: Frame, axis: Axis, at: QPointF) -> tuple[float, Point] | None:
    """How many pixels the nearest element within reach is away, and which it is."""
    along = track.along(axis)
    assert along is not None
    reach = [frame.number_across(at.x() - REACH), frame.number_across(at.x() + REACH)]
    start, stop = int(position(along, reach[0])), int(position(along, reach[1], "right"))
    if start >= stop:
        return None
    values = np.asarray(track.read(start, stop), np.float64)
    across = frame.across(along[start:stop]) - at.x()
    up = frame.up(values) - at.y()
    broken = ~np.isfinite(values)
    up[broken] = 0.0 if at.y() <= frame.box.top() + RAIL else np.inf
    if frame.log_y:
        up[~broken & (values <= 0)] = 0.0 if at.y() >= frame.box.bottom() - RAIL else np.inf
    away = np.hypot(across, up)
    index = int(np.argmin(away))
    return float(away[index]), Point(track, start + index)


def _beside(track: Track, frame: Frame, axis: Axis, across: float) -> tuple[float, Point] | None:
    """The element nearest across, however far up or down it is."""
    along = track.along(axis)
    assert along is not None
    after = int(position(along, frame.number_across(across)))
    near = [index for index in (after - 1, after) if 0 <= index < len(along)]
    if not near:
        return None
    away = [abs(float(frame.across(float(along[index]))) - across) for index in near]
    best = int(np.argmin(away))
    return away[best], Point(track, near[best])
