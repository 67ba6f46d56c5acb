"""Nodes too small for texts but large enough to be looked at: a name, and beneath it value and gradient at a glance."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter

from ..look.theme import Theme
from .anatomy import Item
from .gradient_chip import TIP, Chip, paint_small
from .lettering import FIGURE, font, width
from .looks import Number

if TYPE_CHECKING:
    from .values import Shown

GLANCE = 0.25  # the zoom from which values are shown at a glance
BAND, LETTERS = 15.0, 9.5  # pixels of the name's band at most, and of the letters of numbers
SHARE = 0.38  # of the height that the band takes at most
LEAST = 5.0  # pixels of a strip in which something is seen
EDGE = 2.0  # pixels between strips, and around them
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)


class Places(NamedTuple):
    """Where name, value and gradient stand, in scene units from the item's corner."""

    band: QRectF
    value: QRectF
    chip: QRectF | None


def places(item: Item, scale: float, gradients: bool) -> Places | None:
    """The places of an item at this zoom; None where it shows no values, or has no room for them."""
    if not item.sources or scale < GLANCE:
        return None
    band, edge = min(BAND / scale, SHARE * item.height), EDGE / scale
    strips = 2 if gradients else 1
    high = (item.height - band - (strips + 1) * edge) / strips
    if high * scale < LEAST:
        return None
    value = QRectF(edge, band + edge, item.width - 2 * edge, high)
    chip = value.translated(0, high + edge) if gradients else None
    return Places(QRectF(0, 0, item.width, band), value, chip)


def paint_grounds(painter: QPainter, at: Places, chip: Chip, theme: Theme, stale: bool, scale: float) -> None:
    """Draw what stands beneath value and gradient; of a gradient that is none, why."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(theme.field))
    painter.drawRect(at.value)
    painter.setBrush(QColor(theme.dim if stale else theme.accent))
    painter.drawRect(QRectF(at.value.x(), at.value.y(), 1.5 / scale, at.value.height()))
    if at.chip is not None:
        paint_small(painter, at.chip, chip, theme, LETTERS / scale)


def paint_looks(painter: QPainter, at: Places, shown: Shown, theme: Theme, ink: str, scale: float) -> None:
    """Draw value and gradient into their places; `ink` is the colour of the gradient's number."""
    if shown.value is not None:
        colour = QColor(theme.dim if shown.stale else theme.text)
        _paint(painter, shown.value, at.value.adjusted(3 / scale, 0, -EDGE / scale, 0), colour, scale)
    if at.chip is not None and shown.gradient is not None and shown.chip.numbered:
        place = at.chip.adjusted(TIP, 1 / scale, -EDGE / scale, -1 / scale)
        _paint(painter, shown.gradient, place, QColor(theme.dim if shown.stale_gradient else ink), scale)


def _paint(painter: QPainter, look: object, place: QRectF, colour: QColor, scale: float) -> None:
    if not isinstance(look, Number):
        look.paint(painter, place, colour)  # type: ignore[attr-defined]
        return
    size = min(LETTERS / scale, 12.0 * place.width() / (width(look.text, FIGURE) + 1.0), place.height())
    painter.save()
    painter.translate(place.right(), place.center().y())
    painter.scale(size / 12.0, size / 12.0)
    painter.setFont(font(FIGURE))
    painter.setPen(look.own or colour)
    painter.drawText(QRectF(-1000, -50, 1000, 100), _RIGHT, look.text)
    painter.restore()
