"""Gradients on wires: a dashed lane beneath each wire on which one has come back, as wide as the gradient is large.

Widths are on one scale for the whole graph, from 1e−6 to 1e2 in decades, so that vanishing is seen as thinning.
"""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QColor, QPainter, QPen

from ....core.stepping import Moment
from ....core.stepping.timeline import Strength
from ...look.theme import Theme
from ..batch import draw_lines
from ..curves import dashes, segments
from ..items import Slots
from ..scene import Scene
from ..wires import pieces

APART = 2.5  # scene units between a wire and the edge of the lane beneath it
LEAST, MOST = -6.0, 2.0  # decades of the root of the mean square
THIN, PER_DECADE = 1.0, 0.75  # scene units
FINE = 0.12  # the zoom from which their widths are seen
PALE = 0.15  # opacity of a lane that is not lit
MOST_DASHED = 500  # lanes: of more, dashes would take longer than a frame, and be too small to be seen


def lane_width(strength: Strength) -> float:
    """How wide a lane is, in scene units, to a quarter of a decade: lanes of one width are drawn together.

    One that is not finite is as wide as lanes come.
    """
    if not np.isfinite(strength.rms):
        return THIN + PER_DECADE * (MOST - LEAST)
    decade = round(4 * np.log10(strength.rms)) / 4 if strength.rms > 0 else LEAST
    return float(THIN + PER_DECADE * (min(max(decade, LEAST), MOST) - LEAST))


def paint_lanes(
    painter: QPainter,
    scene: Scene,
    theme: Theme,
    moment: Moment,
    wires: Slots,
    lit: Slots | None = None,
    scale: float = 1.0,
) -> None:
    """Draw the lanes of those `wires` that have delivered; what the last step delivered is brighter.

    With some wires `lit`, the lanes of the others are pale. `scale` is the zoom, which says how finely they are drawn.
    """
    fresh = {(delivery.node, delivery.port) for delivery in moment.delivering}
    bright = None if lit is None else set(lit.tolist())
    slots: list[int] = []
    batches: dict[tuple[float, str, float], list[int]] = {}  # by how they look, places among `slots`
    for slot in wires.tolist():
        _, target, port = scene.wires.at(slot)
        delivery = moment.delivery(target, port)
        if delivery is None:
            continue
        strength = moment.timeline.strength(delivery)
        opacity = PALE if bright is not None and slot not in bright else 1.0 if (target, port) in fresh else 0.7
        name = theme.gradient if strength.finite else theme.nonfinite
        batches.setdefault((opacity, name, lane_width(strength)), []).append(len(slots))
        slots.append(slot)
    paths = scene.wires.paths(np.array(slots, np.intp), pieces(scale))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, scale >= FINE)
    for (opacity, name, wide), places in sorted(batches.items()):
        colour = QColor(name)
        colour.setAlphaF(opacity)
        painter.setPen(QPen(colour, wide if scale >= FINE else 0.0))
        lanes = paths[places] + np.array([0.0, APART + wide / 2])
        draw_lines(painter, dashes(lanes) if len(slots) <= MOST_DASHED else segments(lanes))
