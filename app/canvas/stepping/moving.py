"""What the last step brings, on its way along the wires: a value to who takes it, a gradient back to where it goes."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from ....core.stepping import Moment
from ....core.stepping.timeline import BACKWARD, FORWARD, Array
from ..batch import Floats
from ..lettering import NUMBER, font, width
from ..nodes import TEXTS
from .forks import amount

if TYPE_CHECKING:
    from ..canvas import Canvas

MOST = 40  # wires on which something moves: more are not followed by any eye
PIECES = 32  # of a wire, as it is walked along
HIGH, PADDING, DOT = 20.0, 10.0, 5.0


def paint_moving(painter: QPainter, canvas: Canvas, moment: Moment, progress: float) -> None:
    """Draw what moves, so far along its wires; what travels back in a dashed line, as all gradients are drawn."""
    back = moment.step is not None and moment.step.phase == BACKWARD
    slots_of, coming = canvas.scene.wires.slots, canvas.editor.motion.coming
    there = ((port, value) for port, value in _moving(moment) if port in slots_of and (not back or port in coming))
    moving = list(islice(there, MOST))
    if not moving:
        return
    slots = np.array([slots_of[port] for port, _ in moving], np.intp)
    paths = canvas.scene.wires.paths(slots, PIECES)
    painter.save()
    painter.setTransform(canvas.view.transform, True)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setFont(font(NUMBER))
    for (_, value), path in zip(moving, paths, strict=True):
        text = amount(value, canvas.decimals) if canvas.view.scale >= TEXTS else ""
        _chip(painter, canvas, _along(path, 1 - progress if back else progress), text, back)
    painter.restore()


def _moving(moment: Moment) -> Iterator[tuple[tuple[str, str], Array]]:
    """By the port at which its wire ends, what the last step has delivered, or has taken; all that a group has."""
    step, run = moment.step, moment.timeline.run
    if step is not None and step.phase == BACKWARD:
        for delivery in moment.delivering:
            yield (delivery.node, delivery.port), delivery.value
    elif step is not None and step.phase == FORWARD:
        for node in [each.node for each in moment.done_at_once if each.node is not None]:
            for port, source in run.asked.graph.inputs(node).items():
                value = run.value(source)
                if value is not None:
                    yield (node, port), value


def _along(path: Floats, share: float) -> QPointF:
    """The point of a path after a share of its length."""
    lengths = np.hypot(*np.diff(path, axis=0).T)
    reached = np.concatenate([[0.0], np.cumsum(lengths)])
    x, y = (np.interp(share * reached[-1], reached, path[:, axis]) for axis in (0, 1))
    return QPointF(float(x), float(y))


def _chip(painter: QPainter, canvas: Canvas, middle: QPointF, text: str, back: bool) -> None:
    theme = canvas.theme
    wide = width(text, NUMBER) + 2 * PADDING if text else 2 * DOT
    place = QRectF(0, 0, wide, HIGH if text else 2 * DOT)
    place.moveCenter(middle)
    style = Qt.PenStyle.DashLine if back else Qt.PenStyle.SolidLine
    painter.setPen(QPen(QColor(theme.gradient if back else theme.accent), 1.5, style))
    painter.setBrush(QColor(theme.raised))
    painter.drawRoundedRect(place, place.height() / 2, place.height() / 2)
    if text:
        painter.setPen(QColor(theme.text))
        painter.drawText(place, int(Qt.AlignmentFlag.AlignCenter), text)
