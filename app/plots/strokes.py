"""Long lines in pixels, drawn piece by piece: Qt takes seconds to find where a wide line crosses itself."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QLineF, QRectF
from PySide6.QtGui import QPainter
from shiboken6 import wrapInstance

Array = np.ndarray[Any, Any]
DASH, GAP = 5.0, 3.0  # pixels
STEEP = 20_000.0  # pixels of a line from which on dashes are measured across: along it there would be too many


def pieces(x: Array, y: Array) -> Array:
    """(n, 4): from point to point, none where `y` is NaN."""
    found = np.stack([x[:-1], y[:-1], x[1:], y[1:]], 1)
    return found[np.isfinite(found).all(1)]


def ink(lines: Array) -> float:
    """How many pixels lines of (n, 4) are long, up and across."""
    return float(np.abs(lines[:, 2:] - lines[:, :2]).sum())


def dashed(lines: Array) -> Array:
    """What is drawn of lines that follow each other, cut where dashes begin and end."""
    if not len(lines):
        return lines
    across, up = (lines[:, 2:] - lines[:, :2]).T
    lengths = np.hypot(across, up) if ink(lines) < STEEP else np.abs(across)
    ends = np.cumsum(lengths)
    begins = ends - lengths
    period = DASH + GAP
    cuts = np.arange(0.0, ends[-1], period)
    cuts = np.sort(np.concatenate([cuts, cuts + DASH]))
    places = np.unique(np.concatenate([begins, cuts[cuts < ends[-1]]]))
    of = np.clip(np.searchsorted(ends, places, "right"), 0, len(lines) - 1)
    stops = np.minimum(np.append(places[1:], ends[-1]), ends[of])
    with np.errstate(invalid="ignore", divide="ignore"):
        first, last = (np.nan_to_num((place - begins[of]) / lengths[of])[:, None] for place in (places, stops))
    start, way = lines[of, :2], lines[of, 2:] - lines[of, :2]
    shown = (places + stops) / 2 % period < DASH
    return np.hstack([start + way * first, start + way * last])[shown]


def draw_alone(painter: QPainter, x: Array, y: Array) -> None:
    """A dot for each point that has no neighbour to be joined with."""
    there = np.isfinite(y)
    lonely = there & ~np.append(there[1:], False) & ~np.append(False, there[:-1])
    size = painter.pen().widthF() + 1.5
    for across, up in zip(np.round(x[lonely]).tolist(), np.round(y[lonely]).tolist(), strict=True):
        painter.fillRect(QRectF(across - size / 2, up - size / 2, size, size), painter.pen().color())


def draw_pieces(painter: QPainter, lines: Array, dashes: bool = False) -> None:
    """Draw lines of (n, 4) with the painter's pen."""
    drawn = np.ascontiguousarray(dashed(lines) if dashes else lines, np.float64)
    if len(drawn):  # a QLineF is four doubles, so these are an array of them already
        painter.drawLines(wrapInstance(drawn.ctypes.data, QLineF), len(drawn))  # type: ignore[call-overload]
