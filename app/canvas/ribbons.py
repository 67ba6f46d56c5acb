"""Wires while a run goes on: as wide as the gradients that come back through them are large, on a scale of decades."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from ...core.graph import Source
from ..look.theme import Theme
from .items import Slots
from .lettering import LABEL, font, width
from .scene import Scene

if TYPE_CHECKING:
    from ..editor import Editor

DECADES = 4.0  # below the largest gradient: from there on a wire is as thin as one without any
THIN, WIDE, STEPS = 0.8, 6.0, 6
MOST = 2_000  # wires in view, of more nobody compares the widths
TRIED = "what you try is shown, not the data · Esc ends it"
EDGE = 12.0  # pixels from the corner of the canvas


def by_width(scene: Scene, wires: Slots, sizes: Mapping[Source, float]) -> Iterator[tuple[float, Slots]]:
    """The wires in a few classes of one width each; `sizes` are those of the gradients at their sources."""
    largest = max(sizes.values(), default=0.0)
    if not largest or len(wires) > MOST:
        yield 2.0, wires
        return
    found = np.array([sizes.get(scene.wires.at(slot).source, 0.0) for slot in wires.tolist()]) / largest
    with np.errstate(divide="ignore"):
        share = np.clip(1.0 + np.log10(found) / DECADES, 0.0, 1.0)
    classes = np.round(share * STEPS)
    for each in np.unique(classes):
        yield THIN + (WIDE - THIN) * float(each) / STEPS, wires[classes == each]


def sizes_of(editor: Editor) -> Mapping[Source, float] | None:
    """How large gradients are in the run that is shown; None where none is."""
    flow = editor.flowing.now
    return None if flow is None or editor.stepper.active else flow.sizes


def paint_live(painter: QPainter, editor: Editor, theme: Theme, right: float) -> None:
    """Say in the upper right corner of what values and gradients are, where that is not the data: of a run, or of what
    is tried.
    """
    flow, tried = editor.flowing.now, editor.live.feeding.shown
    if editor.stepper.active or (flow is None and not tried):
        return
    text = TRIED if flow is None else flow.about
    colour = QColor(theme.good if flow is not None else theme.accent)
    painter.setFont(font(LABEL))
    wide = width(text, LABEL) + 34
    place = QRectF(right - wide - EDGE, EDGE, wide, 24)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(colour, 1))
    painter.setBrush(QColor(theme.panel))
    painter.drawRoundedRect(place, 12, 12)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawEllipse(QPointF(place.left() + 14, place.center().y()), 4, 4)
    painter.setPen(QColor(theme.text))
    painter.drawText(place.adjusted(24, 0, -6, 0), int(Qt.AlignmentFlag.AlignVCenter), text)
