"""All that is drawn over a graph while it is stepped through."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from ....core.graph import Source
from ....core.stepping import Moment
from ....core.stepping.timeline import BACKWARD, UPDATE
from ...look.theme import Theme
from ..items import Slots
from ..nodes import TEXTS
from ..scene import Scene
from ..view import Bounds, View
from .forks import paint_forks
from .junctions import junctions
from .lanes import paint_lanes

GLOW = 4.0  # between a node and the line around the one at work


class Overlay(NamedTuple):
    """A moment as it is drawn over a scene, in two layers: beneath the nodes and above them.

    With a part of the scene lit, the wires `lit` and the items `bright`, the rest is dimmed.
    """

    moment: Moment
    scene: Scene
    view: View
    theme: Theme
    decimals: int
    lit: Slots | None = None
    bright: Collection[int] | None = None
    window: Bounds | None = None  # what is in view; None: all
    kept: Sequence[QRectF] = ()  # what the parts at forks must not cover beside nodes
    coming: frozenset[tuple[str, str]] = frozenset()  # ports, by node, from which a gradient is still on its way

    def _wires(self, ports: Collection[tuple[str, str]] | None = None) -> Slots:
        """The wires in view, or those that end at some ports."""
        wires = self.scene.wires
        if ports is None and self.window is not None:
            return wires.within(*self.window)
        named = wires.slots if ports is None else [port for port in ports if port in wires.slots]
        return np.array([wires.slots[port] for port in named], np.intp)

    def paint_beneath(self, painter: QPainter, ports: Collection[tuple[str, str]] | None = None) -> None:
        """Gradients on the wires, before the nodes are drawn: on all, or on those into some ports."""
        painter.save()
        painter.setTransform(self.view.transform, True)
        paint_lanes(painter, self.scene, self.theme, self.moment, self._wires(ports), self.lit, self.view.scale)
        painter.restore()

    def paint_forks(self, painter: QPainter, sources: Collection[Source] | None = None) -> None:
        """Forks, all or those of some values, where they can be read."""
        if self.view.scale < TEXTS:
            return
        painter.save()
        painter.setTransform(self.view.transform, True)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        shown = junctions(self.scene, self.moment, self._wires())
        told = self.decimals, self.bright, self.lit, self.kept, sources, self.coming
        paint_forks(painter, self.scene, self.theme, shown, *told)
        painter.restore()

    def paint_glow(self, painter: QPainter) -> None:
        """A line around the node whose step it is, before the nodes are drawn: their badges stand over it."""
        painter.save()
        painter.setTransform(self.view.transform, True)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._glow(painter)
        painter.restore()

    def _glow(self, painter: QPainter) -> None:
        scene, theme, step = self.scene, self.theme, self.moment.step
        if step is None or step.node is None or step.node not in scene.graph.nodes:
            return
        face = scene.face(step.node)
        if face is None:
            return
        colour = theme.gradient if step.phase == BACKWARD else theme.good if step.phase == UPDATE else theme.accent
        x, y, width, height = scene.rect(face)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(colour), max(2.0, 1.5 / self.view.scale)))
        painter.drawRoundedRect(QRectF(x - GLOW, y - GLOW, width + 2 * GLOW, height + 2 * GLOW), 9, 9)
