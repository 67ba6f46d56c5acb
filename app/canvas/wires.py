"""How wires are drawn: all in view in a few calls."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from ..look.theme import Theme
from .batch import draw_lines
from .curves import segments
from .items import Slots
from .lettering import LABEL, font, width
from .scene import Scene
from .view import Bounds, View

_STUB = 34.0


def pieces(scale: float) -> int:
    """Into how many pieces a third of a wire is drawn at a zoom."""
    return 8 if scale >= 0.5 else 4 if scale >= 0.2 else 2


def paint_wires(painter: QPainter, scene: Scene, view: View, theme: Theme, window: Bounds, lit: Slots | None) -> None:
    """Draw the wires in view; with a net to be lit, the others are dimmed. The painter draws in widget coordinates."""
    wires = scene.wires.within(*window)
    if not len(wires):
        return
    bad = wires[scene.bad_wires[wires]] if scene.bad_wires is not None else wires[:0]
    plain = QColor(theme.wire)
    if lit is None:
        _batch(painter, scene, view, np.setdiff1d(wires, bad) if len(bad) else wires, plain, 2.0)
    else:
        dimmed = QColor(theme.line)
        _batch(painter, scene, view, np.setdiff1d(wires, lit), dimmed, 1.5)
        _batch(painter, scene, view, np.intersect1d(wires, lit), QColor(theme.accent), 3.0)
    _batch(painter, scene, view, bad, QColor(theme.error), 2.5, Qt.PenStyle.DashLine)


def _batch(
    painter: QPainter,
    scene: Scene,
    view: View,
    wires: Slots,
    colour: QColor,
    wide: float,
    style: Qt.PenStyle = Qt.PenStyle.SolidLine,
) -> None:
    if not len(wires):
        return
    fine = view.scale >= 0.12
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, fine)
    thick = max(1.0, wide * view.lines * min(view.scale, 1.5)) if fine else 0.0
    pen = QPen(colour, thick, style if fine else Qt.PenStyle.SolidLine)
    # Flat ends of two pieces that meet within a pixel would leave it paler than the rest.
    pen.setCapStyle(Qt.PenCapStyle.FlatCap if style != Qt.PenStyle.SolidLine else Qt.PenCapStyle.SquareCap)
    painter.setPen(pen)
    bent = scene.wires.is_bent(wires)
    rerouted = [segments(scene.wires.bent_path(slot)[None]) for slot in wires[bent].tolist()]
    wires = wires[~bent]
    if fine:
        ends = scene.wires.ends[wires]
        # One piece where it is straight: antialiased pieces that overlap show as dots along a level line.
        straight = (np.abs(ends[:, 1] - ends[:, 3]) < 1.0) & (ends[:, 2] > ends[:, 0])
        curved = segments(scene.wires.paths(wires[~straight], pieces(view.scale)))
        lines = np.concatenate([ends[straight], curved])
    else:
        lines = scene.wires.ends[wires]
    lines = np.concatenate([lines, *rerouted])
    draw_lines(painter, lines * view.scale + [view.x, view.y, view.x, view.y])


def paint_stubs(painter: QPainter, scene: Scene, theme: Theme, window: Bounds, scale: float) -> None:
    """Draw the ends of wires that lead out of the group shown, each with the path of what lies there."""
    if not scene.stubs:
        return
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setFont(font(LABEL))
    for stub in scene.stubs:
        x, y = scene.position(stub.port)
        if not (window[0] - 300 <= x <= window[2] + 300 and window[1] <= y <= window[3]):
            continue
        way = _STUB if stub.port.output else -_STUB
        painter.setPen(QPen(QColor(theme.wire), max(1.5, 1 / scale), Qt.PenStyle.DotLine))
        painter.drawLine(QPointF(x, y), QPointF(x + way, y))
        if scale >= 0.4:
            painter.setPen(QColor(theme.dim))
            wide = width(stub.label, LABEL)
            left = x + way + 5 if stub.port.output else x + way - 5 - wide
            painter.drawText(QRectF(left, y - 9, wide + 2, 18), int(Qt.AlignmentFlag.AlignVCenter), stub.label)
