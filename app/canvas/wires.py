"""How wires are drawn: all in view in a few calls."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from ...core.graph import Source
from ..look.theme import Theme
from .batch import Floats, draw_lines
from .curves import DASH, arrow_heads, dashes, is_backward, segments
from .items import Slots
from .kept import Kept
from .lettering import LABEL, font, width
from .ribbons import by_width
from .scene import Scene
from .view import Bounds, View

_STUB, _BESIDE = 34.0, 5.0  # how long the end of a wire is that leads out, and how far off its label stands
LEAST_DASH = 4.0  # pixels
MOST_LAID = 32  # batches of wires that are kept from frame to frame
MOST_DASHED = 500  # wires: of more, dashes would take longer than a frame
ARROWS = 0.3  # the zoom from which backward wires have a head


def pieces(scale: float) -> int:
    """Into how many pieces a third of a wire is drawn at a zoom."""
    return 8 if scale >= 0.5 else 4 if scale >= 0.2 else 2


def paint_wires(
    painter: QPainter,
    scene: Scene,
    view: View,
    theme: Theme,
    window: Bounds,
    lit: Slots | None,
    lifted: Collection[tuple[str, str]] = (),
    sizes: Mapping[Source, float] | None = None,
) -> None:
    """Draw the wires in view; with a net to be lit, the others are dimmed. The painter draws in widget coordinates.

    Those `lifted`, by target and port, are about to go elsewhere: they are drawn pale and dashed. With `sizes` of the
    gradients of their sources they are as wide as these are large.
    """
    wires = scene.wires.within(*window)
    if not len(wires):
        return
    leaving = np.array([scene.wires.slots[port] for port in lifted if port in scene.wires.slots], np.intp)
    if len(leaving):
        wires = np.setdiff1d(wires, leaving)
        _batch(painter, scene, view, leaving, QColor(theme.dim), 1.5, dashed=True)
    bad = wires[scene.bad_wires[wires]] if scene.bad_wires is not None else wires[:0]
    plain = QColor(theme.wire)
    if lit is None:
        sound = np.setdiff1d(wires, bad) if len(bad) else wires
        for wide, some in [(2.0, sound)] if sizes is None else by_width(scene, sound, sizes):
            _batch(painter, scene, view, some, plain, wide)
    else:
        dimmed = QColor(theme.line)
        _batch(painter, scene, view, np.setdiff1d(wires, lit), dimmed, 1.5)
        _batch(painter, scene, view, np.intersect1d(wires, lit), QColor(theme.accent), 3.0)
    _batch(painter, scene, view, bad, QColor(theme.error), 2.5, dashed=True)


def _batch(
    painter: QPainter, scene: Scene, view: View, wires: Slots, colour: QColor, wide: float, dashed: bool = False
) -> None:
    if not len(wires):
        return
    fine = view.scale >= 0.12
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, fine)
    thick = max(1.0, wide * view.lines * min(view.scale, 1.5)) if fine else 0.0
    pen = QPen(colour, thick)
    dashed = dashed and fine and len(wires) <= MOST_DASHED
    # Flat ends of two pieces that meet within a pixel would leave it paler than the rest.
    pen.setCapStyle(Qt.PenCapStyle.FlatCap if dashed else Qt.PenCapStyle.SquareCap)
    painter.setPen(pen)
    count, dash = pieces(view.scale), max(DASH, LEAST_DASH / view.scale) if dashed else None
    key = wires.tobytes(), count, fine, dash
    lines, heads = _laid.get(scene, key, lambda: _lay(scene, wires, count, fine, dash))
    draw_lines(painter, lines * view.scale + [view.x, view.y, view.x, view.y])
    if view.scale >= ARROWS:
        painter.setPen(QPen(colour, thick, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        draw_lines(painter, heads * view.scale + [view.x, view.y, view.x, view.y])


_laid: Kept[tuple[Floats, Floats]] = Kept(MOST_LAID)


def _lay(scene: Scene, wires: Slots, count: int, fine: bool, dash: float | None) -> tuple[Floats, Floats]:
    """The lines of wires, in dashes so long or whole, and of the heads of those that go back."""
    backward = wires[is_backward(scene.wires.ends[wires])]
    heads = arrow_heads(scene.wires.paths(backward, count))
    if dash is not None:
        return dashes(scene.wires.paths(wires, count), dash), heads
    return _lines(scene, wires, count, fine), heads


def _lines(scene: Scene, wires: Slots, count: int, fine: bool) -> Floats:
    """The pieces of wires."""
    bent = scene.wires.bends.among(wires)
    rerouted = [segments(scene.wires.bends.path(slot, scene.wires.ends[slot])[None]) for slot in wires[bent].tolist()]
    wires = wires[~bent]
    if not fine:
        return np.concatenate([scene.wires.ends[wires], *rerouted])
    ends = scene.wires.ends[wires]
    # One piece where it is straight: antialiased pieces that overlap show as dots along a level line.
    straight = (np.abs(ends[:, 1] - ends[:, 3]) < 1.0) & (ends[:, 2] > ends[:, 0])
    curved = segments(scene.wires.paths(wires[~straight], count))
    return np.concatenate([ends[straight], curved, *rerouted])


def stub_places(scene: Scene) -> list[Bounds]:
    """What the ends that lead out of the group shown take up, each with what is written there."""
    found = []
    for stub in scene.joiner.stubs:
        x, y = scene.position(stub.port)
        reach = _STUB + _BESIDE + width(stub.label, LABEL)
        found.append((x, y - 9.0, x + reach, y + 9.0) if stub.port.output else (x - reach, y - 9.0, x, y + 9.0))
    return found


def paint_stubs(painter: QPainter, scene: Scene, theme: Theme, window: Bounds, scale: float) -> None:
    """Draw the ends of wires that lead out of the group shown, each with the path of what lies there."""
    if not scene.joiner.stubs:
        return
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setFont(font(LABEL))
    for stub in scene.joiner.stubs:
        x, y = scene.position(stub.port)
        if not (window[0] - 300 <= x <= window[2] + 300 and window[1] <= y <= window[3]):
            continue
        way = _STUB if stub.port.output else -_STUB
        painter.setPen(QPen(QColor(theme.wire), max(1.5, 1 / scale), Qt.PenStyle.DotLine))
        painter.drawLine(QPointF(x, y), QPointF(x + way, y))
        if scale >= 0.4:
            painter.setPen(QColor(theme.dim))
            wide = width(stub.label, LABEL)
            left = x + way + _BESIDE if stub.port.output else x + way - _BESIDE - wide
            painter.drawText(QRectF(left, y - 9, wide + 2, 18), int(Qt.AlignmentFlag.AlignVCenter), stub.label)
