"""What the nodes in view show of their values and gradients: made once for each value, painted in every frame."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from ...core.graph import Source
from ..editor import Editor
from ..theme import Theme
from .anatomy import Item
from .lettering import LABEL, NUMBER, font
from .looks import LOOKS, Look, Number
from .nodes import chip_rect, value_rect

_WAITING = {"waiting": "…", "none": "–"}
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)


class Shown:
    """What one node shows of its first output."""

    __slots__ = ("chip", "error", "gradient", "stale", "value")

    def __init__(self, editor: Editor, source: Source, theme: Theme, decimals: int) -> None:
        live = editor.live
        self.stale = live.is_stale(source.node)
        self.error = live.error(source.node)
        self.value = _look(live.value(source), theme, decimals)
        self.chip = live.gradient_state(source)
        gradient = live.gradient(source)
        self.gradient = _look(gradient, theme, decimals)
        if gradient is not None and self.gradient is not None:
            self.chip = "value"


def _look(value: object, theme: Theme, decimals: int) -> Look | None:
    if value is None:
        return None
    array = np.asarray(value)
    kind = next((look for look in LOOKS if look.fits(array)), None)
    return kind(array, theme, decimals) if kind is not None else None


class Values:
    """The previews of the nodes in view."""

    def __init__(self, editor: Editor) -> None:
        self._editor = editor
        self._shown: dict[Source, Shown] = {}

    def forget(self) -> None:
        """Values, theme or decimals are others now."""
        self._shown.clear()

    def of(self, source: Source, theme: Theme, decimals: int) -> Shown:
        """What is shown of the value at `source`."""
        found = self._shown.get(source)
        if found is None:
            found = self._shown[source] = Shown(self._editor, source, theme, decimals)
        return found


def paint_values(painter: QPainter, item: Item, shown: Shown, theme: Theme, gradients: bool) -> None:
    """Draw value and gradient into their places; the painter's origin is the item's corner."""
    place = value_rect(item).adjusted(9, 0, -6, 0)
    colour = QColor(theme.dim if shown.stale else theme.text)
    if shown.error is not None:
        painter.setFont(font(LABEL))
        painter.setPen(QColor(theme.error))
        text = painter.fontMetrics().elidedText(shown.error, Qt.TextElideMode.ElideRight, int(place.width()))
        painter.drawText(place, _LEFT, text)
    elif shown.value is None:
        painter.setFont(font(NUMBER))
        painter.setPen(QColor(theme.dim))
        painter.drawText(place, _RIGHT, "–")
    else:
        if isinstance(shown.value, Number):
            painter.setFont(font(LABEL))
            painter.setPen(QColor(theme.dim))
            painter.drawText(place, _LEFT, "value")
        _paint(painter, shown.value, place, colour, shown.stale)
    if shown.stale:
        _clock(painter, QPointF(item.width - 2, value_rect(item).top()), theme)
    if gradients:
        chip = chip_rect(item).adjusted(42, 2, -6, -2)
        if shown.gradient is None:
            painter.setFont(font(NUMBER))
            painter.setPen(QColor(theme.dim))
            painter.drawText(chip, _RIGHT, _WAITING.get(shown.chip, "–"))
        else:
            _paint(painter, shown.gradient, chip, QColor(theme.dim if shown.stale else theme.gradient), shown.stale)


def _paint(painter: QPainter, look: Look, place: QRectF, colour: QColor, stale: bool) -> None:
    if not stale:
        look.paint(painter, place, colour)
        return
    painter.setOpacity(0.6)
    look.paint(painter, place, colour)
    painter.setOpacity(1.0)


def _clock(painter: QPainter, middle: QPointF, theme: Theme) -> None:
    """The mark of a value that is older than the graph."""
    painter.setPen(QPen(QColor(theme.warning), 1.5))
    painter.setBrush(QColor(theme.background))
    painter.drawEllipse(middle, 6, 6)
    painter.drawLine(middle, middle + QPointF(0, -4))
    painter.drawLine(middle, middle + QPointF(3, 0))
