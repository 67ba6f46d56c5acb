"""Gradients on wires: a dashed lane beneath each wire on which one has come back, as wide as the gradient is large.

A wire through which none can come back has a bar across its end, ⊣.

Widths are on one scale for the whole graph, from 1e−6 to 1e2 in decades, so that vanishing is seen as thinning.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from ....core.stepping import Moment
from ...look.theme import Theme
from ...look.thickness import lane_width
from ..badges import growth
from ..batch import Floats, draw_lines
from ..curves import DASH, dashes, segments
from ..items import Slots
from ..kept import Kept
from ..scene import Scene
from ..wires import pieces

APART = 2.5  # scene units between a wire and the edge of the lane beneath it
FINE = 0.12  # the zoom from which all that is in view is drawn smoothly
LARGEST = 4.0  # how many times as wide they come as the view goes out, so that widths are told apart
CLEAR, PALE = 0.85, 0.15  # opacity of a lane, and of one that is not lit
NEAR = 1.5  # as long as lanes come no larger: dashes are told apart
CORE = 0.3  # of the width of a lane by the bright line within one that was just gone along: it looks no wider
BAR, THICK = 9.0, 3.5  # from a wire to either end of the bar of one through which nothing comes back; scene units
BEFORE = 13.0  # from the bar to the port
MOST_LOOKS = 64  # lanes of so many widths, opacities and colours are kept from frame to frame
MOST_DASHED = 500  # lanes: of more, dashes would take longer than a frame, and be too small to be seen


def paint_lanes(
    painter: QPainter,
    scene: Scene,
    theme: Theme,
    moment: Moment,
    wires: Slots,
    lit: Slots | None = None,
    scale: float = 1.0,
) -> None:
    """Draw the lanes of those `wires` that have delivered; within those of the last step is a bright line.

    With some wires `lit`, the lanes of the others are pale. `scale` is the zoom, which says how finely they are drawn.
    """
    fresh = {(delivery.node, delivery.port) for delivery in moment.delivering}
    bright = None if lit is None else set(lit.tolist())
    stopped = list[int]()
    batches: dict[_Look, list[int]] = {}
    for slot in wires.tolist():
        _, target, port = wire = scene.wires.at(slot)
        delivery = moment.delivery(target, port)
        if delivery is None:
            if moment.going_back and moment.timeline.stopped(wire):
                stopped.append(slot)
            continue
        strength = moment.timeline.strength(delivery)
        opacity = PALE if bright is not None and slot not in bright else CLEAR
        colour = theme.gradient if strength.finite else theme.nonfinite
        look = _Look(opacity, colour, lane_width(strength), (target, port) in fresh and opacity > PALE)
        batches.setdefault(look, []).append(slot)
    few, size = sum(map(len, batches.values())) <= MOST_DASHED, growth(scale, LARGEST)
    seen = few or scale >= FINE
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, seen)
    for look, slots in sorted(batches.items()):
        lines = _lines_of(scene, slots, look.wide, scale, few)
        painter.setPen(_pen(look.colour, look.opacity, look.wide * size if seen else 0.0, size < NEAR))
        draw_lines(painter, lines)
        if look.fresh:
            painter.setPen(_pen(theme.text, 1.0, look.wide * size * CORE if seen else 0.0, size < NEAR))
            draw_lines(painter, lines)
    _paint_bars(painter, scene, theme, stopped, bright, scale)


class _Look(NamedTuple):
    """Of lanes that are drawn together; `fresh`: the last step has delivered through them."""

    opacity: float
    colour: str
    wide: float
    fresh: bool


def _pen(colour: str, opacity: float, wide: float, near: bool) -> QPen:
    """A pen whose dashes end where their lines do while the view is `near`: gaps are seen between wide ones too."""
    ink = QColor(colour)
    ink.setAlphaF(opacity)
    cap = Qt.PenCapStyle.FlatCap if near else Qt.PenCapStyle.SquareCap
    return QPen(ink, wide, Qt.PenStyle.SolidLine, cap)


_lines: Kept[Floats] = Kept(MOST_LOOKS)


def _lines_of(scene: Scene, slots: list[int], wide: float, scale: float, dashed: bool) -> Floats:
    """The lines of lanes so wide beneath some wires: a step changes few, the others are as they were."""
    size, count = growth(scale, LARGEST), pieces(scale)

    def lay() -> Floats:
        lanes = scene.wires.paths(np.array(slots, np.intp), count) + np.array([0.0, (APART + wide / 2) * size])
        return dashes(lanes, DASH * size) if dashed else segments(lanes)

    return _lines.get(scene, (tuple(slots), wide, size, count, dashed), lay)


def _paint_bars(
    painter: QPainter, scene: Scene, theme: Theme, slots: list[int], bright: set[int] | None, scale: float
) -> None:
    """A bar across the end of each of these wires."""
    if not slots or scale < FINE:
        return
    for slot, path in zip(slots, scene.wires.paths(np.array(slots, np.intp), pieces(scale)), strict=True):
        colour = QColor(theme.dim)  # as where there is no path: violet are gradients
        colour.setAlphaF(PALE if bright is not None and slot not in bright else 1.0)
        painter.setPen(QPen(colour, THICK * growth(scale)))
        painter.drawLine(*across(path, growth(scale)))


def across(path: Floats, size: float = 1.0) -> tuple[QPointF, QPointF]:
    """The ends of a bar across a wire (points, 2), a little before the port at its end; so many times as long."""
    away = np.hypot(*(path - path[-1]).T)
    at = path[np.flatnonzero(away >= min(BEFORE, away[0]))[-1]]
    along = path[-1] - at
    x, y = size * BAR * along / (np.hypot(*along) or 1.0)
    return QPointF(at[0] - y, at[1] + x), QPointF(at[0] + y, at[1] - x)
