"""Many rectangles or lines in one call: QPainter reads them straight out of a NumPy array."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QRectF
from PySide6.QtGui import QPainter
from shiboken6 import wrapInstance

Floats = NDArray[np.float64]


def _first(array: Floats, kind: type) -> Any:
    # QRectF and QLineF are four doubles each, so an (n, 4) array in C order is an array of n of them.
    return wrapInstance(array.ctypes.data, kind)


def draw_rects(painter: QPainter, rects: Floats) -> None:
    """Draw (n, 4) rectangles, each x, y, width, height, with the painter's pen and brush."""
    rects = np.ascontiguousarray(rects, np.float64)
    if len(rects):
        painter.drawRects(_first(rects, QRectF), len(rects))


def draw_lines(painter: QPainter, lines: Floats) -> None:
    """Draw (n, 4) lines, each x1, y1, x2, y2, with the painter's pen."""
    lines = np.ascontiguousarray(lines, np.float64)
    if len(lines):
        painter.drawLines(_first(lines, QLineF), len(lines))
