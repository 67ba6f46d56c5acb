"""Forks: the junction at a value that several ports take, the parts that have come back, and what they add up to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from ....core.graph import Source
from ....core.stepping import Delivery, Gradient, Moment
from ....core.stepping.forks import Fork
from ...look.numbers import fixed, significant
from ...look.theme import Theme
from ..anatomy import PortRef
from ..lettering import LABEL, NUMBER, font, width
from ..scene import Scene

RADIUS = 12.0  # of the junction
AWAY = 20.0  # of its middle from the port
CHIP_HEIGHT, CHIP_PADDING = 20.0, 10.0
FEW = 4  # elements that are all told
APART = 24.0  # between the middles of two chips of one fork
_CENTER = int(Qt.AlignmentFlag.AlignCenter)


class Junction(NamedTuple):
    """A fork that is shown: where it stands, and what has arrived there."""

    source: Source
    place: QPointF
    gradient: Gradient


def junctions(scene: Scene, moment: Moment) -> Iterator[Junction]:
    """The forks in the group that is shown at which a gradient is on its way or whole."""
    seen = set()
    for delivery in moment.delivered.values():
        if delivery.source in seen:
            continue
        seen.add(delivery.source)
        gradient = moment.gradient(delivery.source)
        if gradient.parts < 2 or delivery.source.node not in scene.graph.nodes:
            continue
        if scene.face(delivery.source.node) is None:
            continue
        x, y = scene.position(PortRef(delivery.source.node, delivery.source.output, True))
        yield Junction(delivery.source, QPointF(x + AWAY, y), gradient)


def paint_forks(painter: QPainter, scene: Scene, theme: Theme, moment: Moment, decimals: int) -> None:
    """Draw each fork with its parts."""
    for junction in junctions(scene, moment):
        _chips(painter, scene, theme, junction, decimals)
        _junction(painter, theme, junction)


def _junction(painter: QPainter, theme: Theme, junction: Junction) -> None:
    """Σ once all parts are there; till then how many of them, and a ring that is closed as far."""
    arrived, parts = len(junction.gradient.arrived), junction.gradient.parts
    place = QRectF(0, 0, 2 * RADIUS, 2 * RADIUS)
    place.moveCenter(junction.place)
    colour = QColor(theme.gradient)
    painter.setBrush(QColor(theme.panel))
    whole = arrived == parts
    pen = QPen(colour, 2.0)
    if not whole:
        painter.setPen(QPen(QColor(theme.line), 2.0))
        painter.drawEllipse(place)
        painter.setPen(pen)
        painter.drawArc(place, 90 * 16, -round(360 * 16 * arrived / parts))
    else:
        painter.setPen(pen)
        painter.drawEllipse(place)
    painter.setFont(font(LABEL))
    painter.setPen(colour)
    painter.drawText(place, _CENTER, "Σ" if whole else f"{arrived}/{parts}")


def _chips(painter: QPainter, scene: Scene, theme: Theme, junction: Junction, decimals: int) -> None:
    """The parts, each on its wire, where they stay. Where there is no room for the consumer's name, the wire tells."""
    placed: list[tuple[QPointF, str, bool]] = []
    for delivery in junction.gradient.arrived:
        slot = scene.wires.slots.get((delivery.node, delivery.port))
        if slot is None:
            continue
        path = scene.wires.paths(np.array([slot]), 8)[0]
        room = abs(float(path[-1][0] - path[0][0])) - AWAY - RADIUS
        text, short = told(scene, delivery, decimals), amount(delivery.value, decimals)
        text = text if width(text, NUMBER) + 2 * CHIP_PADDING <= room else short
        x, y = path[len(path) // 2]
        x = max(float(x), junction.place.x() + RADIUS + 4 + width(text, NUMBER) / 2 + CHIP_PADDING)
        placed.append((QPointF(x, float(y)), text, bool(np.isfinite(delivery.value).all())))
    last = None
    for middle, text, finite in sorted(placed, key=lambda chip: chip[0].y()):
        if last is not None and middle.y() - last < APART:
            middle.setY(last + APART)
        last = middle.y()
        _pill(painter, middle, text, QColor(theme.gradient if finite else theme.nonfinite), theme)


def told(scene: Scene, delivery: Delivery, decimals: int) -> str:
    """`via sin 0.540`; where one op takes the value at two ports, with the port; of a tensor its norm."""
    graph = scene.graph
    name = graph.nodes[delivery.node].name if delivery.node in graph.nodes else delivery.node
    ports = [port for port, source in graph.inputs(delivery.node).items() if source == delivery.source]
    name += f".{delivery.port}" if len(ports) > 1 else ""
    return f"via {name} {amount(delivery.value, decimals)}"


def amount(value: np.ndarray, decimals: int) -> str:
    """One number as it is, a few in brackets; of a larger tensor its norm, which is said."""
    array = np.asarray(value)
    if array.size == 1:
        return fixed(array.reshape(()), decimals)
    if array.ndim == 1 and array.size <= FEW:
        return f"[{', '.join(fixed(number, min(decimals, 2)) for number in array)}]"
    return f"‖{significant(np.linalg.norm(array.astype(np.float64)), decimals + 1)}‖"


def _pill(painter: QPainter, middle: QPointF, text: str, colour: QColor, theme: Theme) -> None:
    wide = width(text, NUMBER) + 2 * CHIP_PADDING
    place = QRectF(0, 0, wide, CHIP_HEIGHT)
    place.moveCenter(middle)
    painter.setBrush(QColor(theme.panel))
    painter.setPen(QPen(colour, 1.5))
    painter.drawRoundedRect(place, CHIP_HEIGHT / 2, CHIP_HEIGHT / 2)
    painter.setFont(font(NUMBER))
    painter.setPen(QColor(theme.text))
    painter.drawText(place, _CENTER, text)


def balance(name: str, gradient: Gradient, decimals: int) -> str:
    """`x: 0.540 + 2.000 = 2.540 · cancellation 0 %`; before all has arrived, without the sum and with how much has."""
    parts = [part.value for part in gradient.arrived]
    told = " + ".join(amount(part, decimals) for part in parts)
    if gradient.value is None:
        return f"{name}: {told} + …, {len(parts)} of {gradient.parts} arrived"
    cancelled = Fork(parts).cancellation
    share = f" · cancellation {cancelled:.0%}".replace("%", "\u202f%") if np.isfinite(cancelled) else ""
    return f"{name}: {told} = {amount(gradient.value, decimals)}{share}"
