"""Gradients on wires: a dashed lane beneath each wire on which one has come back, as wide as the gradient is large.

Widths are on one scale for the whole graph, from 1e−6 to 1e2 in decades, so that vanishing is seen as thinning.
"""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QColor, QPainter, QPen

from ....core.stepping import Moment
from ...look.theme import Theme
from ..batch import draw_lines
from ..curves import dashed
from ..scene import Scene

APART = 4.0  # scene units between a wire and the lane beneath it
LEAST, MOST = -6.0, 2.0  # decades of the root of the mean square
THIN, PER_DECADE = 1.0, 0.5  # scene units
PIECES = 8


def lane_width(gradient: np.ndarray) -> float:
    """How wide the lane of a gradient is, in scene units. One that is not finite is as wide as lanes come."""
    with np.errstate(all="ignore"):
        rms = float(np.sqrt(np.mean(np.square(gradient, dtype=np.float64)))) if gradient.size else 0.0
    if not np.isfinite(rms):
        return THIN + PER_DECADE * (MOST - LEAST)
    decade = np.log10(rms) if rms > 0 else LEAST
    return float(THIN + PER_DECADE * (min(max(decade, LEAST), MOST) - LEAST))


def paint_lanes(painter: QPainter, scene: Scene, theme: Theme, moment: Moment) -> None:
    """Draw the lanes of all that has been delivered; what the last step delivered is brighter."""
    fresh = {(delivery.node, delivery.port) for delivery in moment.delivering}
    for port, delivery in moment.delivered.items():
        slot = scene.wires.slots.get(port)
        if slot is None:
            continue
        points = scene.wires.paths(np.array([slot]), PIECES)[0] + (0.0, APART)
        finite = bool(np.isfinite(delivery.value).all())
        colour = QColor(theme.gradient if finite else theme.nonfinite)
        colour.setAlphaF(1.0 if port in fresh else 0.7)
        painter.setPen(QPen(colour, lane_width(delivery.value)))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        draw_lines(painter, dashed(points))
