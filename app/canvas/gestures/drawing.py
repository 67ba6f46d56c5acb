"""What gestures draw above the nodes: curves, strokes and a line of text beside the pointer."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from ...look.fonts import text_font
from ...look.theme import Theme
from ..curves import points

Point = tuple[float, float]
ROOM = 80.0  # between a node's port and its lower edge, about
LONGEST = 420  # logical pixels of a line of text beside the pointer


def curve(start: Point, end: Point) -> QPainterPath:
    """A wire in the making, from an output to a port, of the shape that it would have."""
    ends = np.array([[*start, *end]])
    (y0, y1), apart = (start[1], end[1]), abs(start[1] - end[1])
    lane = np.array([(y0 + y1) / 2 if apart > 2 * ROOM else max(y0, y1) + ROOM])
    return path_of(points(ends, lane, 12)[0])


def path_of(places: np.ndarray) -> QPainterPath:
    """The line through some points (n, 2)."""
    return QPainterPath() if not len(places) else _polygon(QPolygonF([QPointF(x, y) for x, y in places.tolist()]))


def _polygon(polygon: QPolygonF) -> QPainterPath:
    path = QPainterPath()
    path.addPolygon(polygon)
    return path


def draw_path(painter: QPainter, path: QPainterPath, colour: str, width: float = 2.5, dashed: bool = False) -> None:
    """A line of `width` logical pixels at any zoom."""
    pen = QPen(QColor(colour), width)
    pen.setCosmetic(True)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    if dashed:
        pen.setStyle(Qt.PenStyle.DashLine)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(path)


def draw_stroke(painter: QPainter, points: Iterable[Point], colour: str) -> None:
    """The way that the pointer went."""
    placed = [QPointF(*point) for point in points]
    path = QPainterPath(placed[0])
    for point in placed[1:]:
        path.lineTo(point)
    draw_path(painter, path, colour, 2.0, dashed=True)


def draw_box(painter: QPainter, box: QRectF, colour: str, fill: bool = True, dashed: bool = True) -> None:
    """A rectangle in scene units with a line of one and a half logical pixels."""
    path = QPainterPath()
    path.addRoundedRect(box, 3, 3)
    if fill:
        inside = QColor(colour)
        inside.setAlphaF(0.12)
        painter.fillPath(path, inside)
    draw_path(painter, path, colour, 1.5, dashed)


def draw_text(painter: QPainter, theme: Theme, at: Point, text: str, colour: str, mark: str = "") -> None:
    """A line beside the pointer, of the same size at any zoom. `mark` says the same as the colour, by its shape."""
    painter.save()
    corner = painter.worldTransform().map(QPointF(*at))
    painter.resetTransform()
    font = text_font()
    metrics = QFontMetricsF(font)
    shown = f"{mark}  {text}" if mark else text
    room = QRectF(0, 0, LONGEST, 400)
    flags = int(Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft)
    words = metrics.boundingRect(room, flags, shown)
    card = QRectF(0, 0, words.width() + 18, words.height() + 10)
    card.moveTopLeft(_within(painter, corner + QPointF(16, 18), card))
    path = QPainterPath()
    path.addRoundedRect(card, 5, 5)
    painter.fillPath(path, QColor(theme.panel))
    painter.setPen(QPen(QColor(colour), 1))
    painter.drawPath(path)
    painter.setFont(font)
    painter.setPen(QColor(theme.text))
    painter.drawText(card.adjusted(9, 5, -9, -5), flags, shown)
    painter.restore()


def _within(painter: QPainter, corner: QPointF, card: QRectF) -> QPointF:
    """`corner` so far to the left and up that the card lies within what is painted on."""
    device = painter.device()
    # A picture counts its own pixels, a widget logical ones.
    ratio = 1.0 if isinstance(device, QWidget) else device.devicePixelRatio() or 1.0
    width, height = device.width() / ratio, device.height() / ratio
    x = min(corner.x(), width - card.width() - 6)
    y = corner.y() if corner.y() + card.height() + 6 < height else corner.y() - card.height() - 34
    return QPointF(max(x, 6.0), max(y, 6.0))
