"""The chip of a gradient: a form of its own for each state, so that none is told from another by colour alone."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPainterPath, QPen, QPolygonF

from ...core.stepping import State
from ..look.theme import Theme
from .lettering import FIGURE, LABEL, font, of_numbers, width

TIP = 6.0  # how far the left edge points back
ASIDE = 17.0  # what the label takes beside numbers in cells
SMALL = 8.0  # of its letters there
RING = 6.5  # radius of the ring of what waits
BLACK = "#000000"
SIZE = 12.0  # of the letters of numbers
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)

TEXTS = {State.UNREACHED: "–", State.NO_PATH: "∅", State.STOPPED: "stopped", State.ZERO: "0"}


class Chip(NamedTuple):
    """What a chip tells beside its number: the state, how many parts of how many have arrived, and why it is stopped.

    A chip that is `pending` has no number because Live has none yet; one that is `asked` for says nothing but that.
    Of the number `left` is the share that iterations before this one have left: all of it as long as nothing is added.
    Beside numbers in `cells` its label is small and stands upright.
    """

    state: State = State.UNREACHED
    arrived: int = 0
    parts: int = 0
    pending: bool = False
    asked: bool = False
    left: float = 0.0
    cells: bool = False

    @property
    def numbered(self) -> bool:
        """Whether the gradient itself stands in the chip."""
        return not self.asked and (self.left > 0 or self.state in (State.FINAL, State.NONFINITE))

    @property
    def label(self) -> str:
        """What the number is: a gradient, or one of an earlier iteration."""
        return "left" if self.left == 1 else "grad"

    @property
    def text(self) -> str:
        """What stands in the chip in place of a gradient."""
        if self.asked:
            return "?"
        if self.state is State.WAITING:
            return f"{self.arrived}/{self.parts}"
        return "…" if self.pending else TEXTS.get(self.state, "")


def arrow(place: QRectF) -> QPolygonF:
    """The outline of a chip: its left edge points back, the way a gradient goes."""
    left, top, right, bottom = place.left(), place.top(), place.right(), place.bottom()
    corners = [(left + TIP, top), (right, top), (right, bottom), (left + TIP, bottom), (left, (top + bottom) / 2)]
    return QPolygonF([QPointF(x, y) for x, y in corners])


def _looks(chip: Chip, theme: Theme) -> tuple[QBrush, QPen, QColor]:
    """Ground, edge and the colour of the label."""
    violet, quiet = QColor(theme.gradient), QColor(theme.line)
    ground: QBrush = QBrush(Qt.BrushStyle.NoBrush)
    pen = QPen(violet, 1.2)
    label = violet
    match chip.state:
        case State.FINAL:
            tint = QColor(theme.gradient)
            tint.setAlpha(26)
            ground = QBrush(tint)
            pen.setDashPattern([3, 2])
        case State.WAITING:
            pen.setDashPattern([3, 2])
        case State.UNREACHED:
            pen, label = QPen(quiet, 1.0), QColor(theme.dim)
            ground = QBrush(quiet, Qt.BrushStyle.BDiagPattern)
        case State.NO_PATH:
            pen, label = QPen(QColor(theme.dim), 1.2, Qt.PenStyle.DotLine), QColor(theme.dim)
        case State.STOPPED:
            pen, label = QPen(quiet, 1.2), QColor(theme.dim)
        case State.NONFINITE:
            pen, label = QPen(QColor(theme.nonfinite), 1.8), QColor(theme.nonfinite)
            ground = QBrush(QColor(BLACK) if theme.name == "dark" else QColor("#ffffff"))
    if chip.left and not chip.asked:
        ground, label = QBrush(Qt.BrushStyle.NoBrush), violet
        pen = QPen(violet, 1.2, Qt.PenStyle.DotLine) if chip.state is State.UNREACHED else pen
    return ground, pen, label


def _outline(painter: QPainter, place: QRectF, chip: Chip, theme: Theme) -> QColor:
    """Draw ground and edge; the colour of the label."""
    ground, pen, label = _looks(chip, theme)
    outline = place.adjusted(0.5, 0.5, -0.5, -0.5)
    if chip.left and not chip.asked:
        _paint_left(painter, outline, chip.left, QColor(theme.gradient))
    painter.setBrush(ground)
    painter.setPen(pen)
    painter.drawPolygon(arrow(outline))
    if chip.state is State.STOPPED:  # a bar, as at the end of a road
        painter.setPen(QPen(QColor(theme.dim), 3.0))
        painter.drawLine(QPointF(outline.left() + 3, outline.top()), QPointF(outline.left() + 3, outline.bottom()))
    return label


def paint_ground(painter: QPainter, place: QRectF, chip: Chip, theme: Theme) -> None:
    """Draw the chip without its number."""
    label = _outline(painter, place, chip, theme)
    aside = chip.cells and chip.numbered
    if chip.left and not chip.asked:
        wide = ASIDE - TIP if aside else width(chip.label, LABEL)
        clear(painter, QRectF(place.left() + (TIP if aside else 13), place.top() + 2, wide, place.height() - 4), theme)
    painter.setPen(label)
    if aside:
        _tell_aside(painter, place, chip.label)
        return
    painter.setFont(font(LABEL))
    painter.drawText(place.adjusted(13, 0, -6, 0), _LEFT, chip.label)
    if not chip.numbered:
        _tell(painter, place, chip, theme)


def clear(painter: QPainter, place: QRectF, theme: Theme) -> None:
    """A ground on which letters are read that would stand on what is hatched."""
    painter.fillRect(place.adjusted(-2, 0, 2, 0), QColor(theme.raised))


def _tell_aside(painter: QPainter, place: QRectF, label: str) -> None:
    painter.save()
    painter.translate(place.left() + (TIP + ASIDE) / 2 - 1, place.center().y())
    painter.rotate(-90)
    painter.setFont(font(LABEL, SMALL))
    painter.drawText(QRectF(-50, -50, 100, 100), int(Qt.AlignmentFlag.AlignCenter), label)
    painter.restore()


def paint_small(painter: QPainter, place: QRectF, chip: Chip, theme: Theme, letters: float) -> None:
    """Draw the chip without its number where the zoom leaves room for a few `letters` of this size alone."""
    label = _outline(painter, place, chip, theme)
    if chip.numbered or chip.state is State.STOPPED:
        return
    painter.save()
    painter.translate(place.center())
    painter.scale(letters / SIZE, letters / SIZE)
    painter.setFont(font(FIGURE))
    painter.setPen(label)
    painter.drawText(QRectF(-500, -50, 1000, 100), int(Qt.AlignmentFlag.AlignCenter), chip.text)
    painter.restore()


def _paint_left(painter: QPainter, outline: QRectF, share: float, colour: QColor) -> None:
    """Hatch as much of a chip as earlier iterations have left of its gradient."""
    whole, left = QPainterPath(), QPainterPath()
    whole.addPolygon(arrow(outline))
    left.addRect(QRectF(outline.left(), outline.top(), outline.width() * share, outline.height()))
    hatch = QColor(colour)
    hatch.setAlpha(120)
    painter.fillPath(whole.intersected(left), QBrush(hatch, Qt.BrushStyle.BDiagPattern))  # SVG knows no clipping


def _tell(painter: QPainter, place: QRectF, chip: Chip, theme: Theme) -> None:
    """Draw the text that stands in place of a number, and the ring of what has arrived."""
    quiet = not chip.asked and chip.state in (State.UNREACHED, State.NO_PATH, State.STOPPED)
    numbers = of_numbers(SIZE * painter.worldTransform().m11())
    painter.setFont(font(LABEL if chip.state is State.STOPPED else numbers))
    painter.setPen(QColor(theme.dim if quiet else theme.gradient))
    painter.drawText(place.adjusted(42, 0, -8, 0), _RIGHT, chip.text)
    if chip.state is State.WAITING and chip.parts and not chip.asked:
        ring = QRectF(0, 0, 2 * RING, 2 * RING)
        ring.moveCenter(QPointF(place.right() - 44, place.center().y()))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(theme.line), 2.0))
        painter.drawEllipse(ring)
        painter.setPen(QPen(QColor(theme.gradient), 2.0))
        painter.drawArc(ring, 90 * 16, -round(360 * 16 * chip.arrived / chip.parts))
