"""All that is drawn over a graph while it is stepped through."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from ....core.stepping import Moment
from ....core.stepping.timeline import BACKWARD, UPDATE
from ..nodes import TEXTS
from .caption import paint_caption
from .forks import paint_forks
from .lanes import paint_lanes

if TYPE_CHECKING:
    from ..canvas import Canvas

GLOW = 4.0  # between a node and the line around the one at work


class Overlay:
    """Draws the moment of a canvas' stepper, in two layers: beneath the nodes and above them."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas

    @property
    def _moment(self) -> Moment | None:
        return self._canvas.editor.stepper.moment

    def paint_beneath(self, painter: QPainter) -> None:
        """Gradients on the wires, before the nodes are drawn."""
        moment = self._moment
        if moment is None:
            return
        canvas = self._canvas
        painter.save()
        painter.setTransform(canvas.view.transform, True)
        paint_lanes(painter, canvas.scene, canvas.theme, moment)
        painter.restore()

    def paint_above(self, painter: QPainter) -> None:
        """Forks and the step at work, after the nodes are drawn."""
        moment = self._moment
        if moment is None:
            return
        canvas = self._canvas
        painter.save()
        painter.setTransform(canvas.view.transform, True)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._glow(painter, moment)
        if canvas.view.scale >= TEXTS:
            paint_forks(painter, canvas.scene, canvas.theme, moment, canvas.decimals)
        painter.restore()
        paint_caption(painter, canvas, moment)

    def _glow(self, painter: QPainter, moment: Moment) -> None:
        """A line around the node whose step it is."""
        canvas, step = self._canvas, moment.step
        if step is None or step.node is None or step.node not in canvas.scene.graph.nodes:
            return
        face = canvas.scene.face(step.node)
        if face is None:
            return
        theme = canvas.theme
        colour = theme.gradient if step.phase == BACKWARD else theme.good if step.phase == UPDATE else theme.accent
        x, y, width, height = canvas.scene.rect(face)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(colour), max(2.0, 1.5 / canvas.view.scale)))
        painter.drawRoundedRect(QRectF(x - GLOW, y - GLOW, width + 2 * GLOW, height + 2 * GLOW), 9, 9)
