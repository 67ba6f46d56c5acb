"""Long lines in pixels, drawn piece by piece: Qt takes seconds to find where a wide line crosses itself."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QLineF, QRectF
from PySide6.QtGui import QPainter
from shiboken6 import wrapInstance

Array = np.ndarray[Any, Any]
Dashes = tuple[float, ...]  # pixels that are drawn, that are left out, and so on; none: all is drawn
SOLID: Dashes = ()
DASHED: Dashes = (5.0, 3.0)  # of validation
DOTS, LONG, MIXED = (1.5, 2.5), (11.0, 3.0), (11.0, 3.0, 1.5, 3.0)
STYLES: tuple[Dashes, ...] = (SOLID, DOTS, LONG, MIXED)
STEEP = 20_000.0  # pixels of a line from which on dashes are measured across: along it there would be too many


def pieces(x: Array, y: Array) -> Array:
    """(n, 4): from point to point, none where `y` is NaN."""
    found = np.stack([x[:-1], y[:-1], x[1:], y[1:]], 1)
    return found[np.isfinite(found).all(1)]


def ink(lines: Array) -> float:
    """How many pixels lines of (n, 4) are long, up and across."""
    return float(np.abs(lines[:, 2:] - lines[:, :2]).sum())


def dashed(lines: Array, dashes: Dashes = DASHED) -> Array:
    """What is drawn of lines that follow each other, cut where dashes begin and end."""
    if not len(lines):
        return lines
    across, up = (lines[:, 2:] - lines[:, :2]).T
    lengths = np.hypot(across, up) if ink(lines) < STEEP else np.abs(across)
    ends = np.cumsum(lengths)
    begins = ends - lengths
    edges = np.cumsum(dashes)  # where each dash and each gap of a period ends
    period = edges[-1]
    cuts = np.sort((np.arange(0.0, ends[-1], period)[:, None] + np.append(0.0, edges[:-1])).reshape(-1))
    places = np.unique(np.concatenate([begins, cuts[cuts < ends[-1]]]))
    of = np.clip(np.searchsorted(ends, places, "right"), 0, len(lines) - 1)
    stops = np.minimum(np.append(places[1:], ends[-1]), ends[of])
    with np.errstate(invalid="ignore", divide="ignore"):
        first, last = (np.nan_to_num((place - begins[of]) / lengths[of])[:, None] for place in (places, stops))
    start, way = lines[of, :2], lines[of, 2:] - lines[of, :2]
    shown = np.searchsorted(edges, (places + stops) / 2 % period, "right") % 2 == 0
    return np.hstack([start + way * first, start + way * last])[shown]


def draw_alone(painter: QPainter, x: Array, y: Array) -> None:
    """A dot for each point that has no neighbour to be joined with."""
    there = np.isfinite(y)
    lonely = there & ~np.append(there[1:], False) & ~np.append(False, there[:-1])
    size = painter.pen().widthF() + 1.5
    for across, up in zip(np.round(x[lonely]).tolist(), np.round(y[lonely]).tolist(), strict=True):
        painter.fillRect(QRectF(across - size / 2, up - size / 2, size, size), painter.pen().color())


def draw_pieces(painter: QPainter, lines: Array, dashes: Dashes = SOLID) -> None:
    """Draw lines of (n, 4) with the painter's pen."""
    drawn = np.ascontiguousarray(dashed(lines, dashes) if dashes else lines, np.float64)
    if len(drawn):  # a QLineF is four doubles, so these are an array of them already
        painter.drawLines(wrapInstance(drawn.ctypes.data, QLineF), len(drawn))  # type: ignore[call-overload]
