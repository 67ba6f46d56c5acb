"""The pictures of one element, drawn: panels that go on in the next line where there is no room, and what is chosen."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ..inspecting.sheet import small
from ..look import colour_map
from ..look.numbers import significant
from ..look.theme import Theme
from .detail import Detail, Panel
from .elements import Index

SIDE = 128.0  # of a picture, in pixels at a text height of `LINE`
LINE = 14.0
LARGEST = 20.0  # of a cell of a picture, at that height
SIGN = 22.0  # room for a sign
GAP = 10.0
_CENTER = int(Qt.AlignmentFlag.AlignCenter)


class Placed(NamedTuple):
    """A panel with where its plane is drawn, and how large its cells are."""

    panel: Panel
    sign: QRectF
    box: QRectF
    wide: float
    high: float


class DetailView(QWidget):
    """Shows a `Detail`. A click on the array that is told chooses the element there."""

    chosen = Signal(object)  # an index

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.detail: Detail | None = None
        self._colours: list[QImage] = []
        self.setFont(small())
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)

    def show_detail(self, detail: Detail | None) -> None:
        """Show other panels, or none."""
        self.detail = detail
        self.setVisible(detail is not None)
        if detail is None:
            return
        self._colours = [self._image(panel) for panel in detail.panels]
        told = [
            f"{each.sign} {each.name} {each.plane.shape[0]}×{each.plane.shape[1]}".strip() for each in detail.panels
        ]
        self.setAccessibleName("element: " + " ".join(told))
        self._fit()
        self.update()

    def _image(self, panel: Panel) -> QImage:
        colours = colour_map.colour(panel.plane, -panel.most, panel.most, self.theme.name == "dark")
        return colour_map.image_of(colours)

    # Where panels lie.

    def placed(self, width: float) -> tuple[list[Placed], float]:
        """Each panel where it is drawn in a view so wide, and how high that is."""
        found: list[Placed] = []
        line: list[Placed] = []
        x = y = 0.0
        for panel in () if self.detail is None else self.detail.panels:
            (wide, high), (above, left, rows, columns) = self._cell(panel), _extent(panel)
            sign = SIGN + self._em(panel.sign) if panel.sign else 0.0
            room = max(columns * wide, self.fontMetrics().horizontalAdvance(panel.name) + 2.0)
            if line and x + sign + room > width:
                y = self._end(line, found, y)
                line, x = [], 0.0
            own_rows, own_columns = panel.plane.shape
            box = QRectF(x + sign + left * wide, above * high, own_columns * wide, own_rows * high)
            line.append(Placed(panel, QRectF(x, 0, sign, rows * high), box, wide, high))
            x += sign + room + GAP
        return found, self._end(line, found, y)

    def _end(self, line: list[Placed], found: list[Placed], y: float) -> float:
        """Put a line of panels beneath what is there, each in its middle; returns where the next begins."""
        most = max((each.sign.height() for each in line), default=0.0)
        for each in line:
            down = y + 2 + (most - each.sign.height()) / 2
            found.append(each._replace(sign=each.sign.translated(0, down), box=each.box.translated(0, down)))
        return y + most + self.fontMetrics().height() + 8 if line else y

    def _em(self, text: str) -> float:
        return max(self.fontMetrics().horizontalAdvance(text) - SIGN / 2, 0.0)

    def _cell(self, panel: Panel) -> tuple[float, float]:
        """How wide and high one cell is."""
        em = self.fontMetrics().height() / LINE
        if panel.numbered:
            wide = max(self.fontMetrics().horizontalAdvance(text) for row in _texts(panel) for text in row)
            return max(wide + 6.0, 26.0 * em), self.fontMetrics().height() + 4.0
        _, _, rows, columns = _extent(panel)
        side = min(SIDE / max(rows, columns), LARGEST) * em
        return side, side

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """As high as the panels are in this width."""
        self.setFixedHeight(int(self.placed(self.width())[1]) + 1)

    # The pointer.

    def mousePressEvent(self, event: QMouseEvent) -> None:
        found = self._at(event.position())
        if found is not None:
            self.chosen.emit(found)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        pointed = self._at(event.position())
        self.setCursor(Qt.CursorShape.ArrowCursor if pointed is None else Qt.CursorShape.PointingHandCursor)

    def _at(self, point: QPointF) -> Index | None:
        for each in self.placed(self.width())[0]:
            lead = each.panel.lead
            if lead is not None and each.box.contains(point):
                rows, columns = each.panel.plane.shape
                row, column = (point.y() - each.box.top()) / each.high, (point.x() - each.box.left()) / each.wide
                return (*lead, min(int(row), rows - 1), min(int(column), columns - 1))
        return None

    # Painting.

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        for each, image in zip(self.placed(self.width())[0], self._colours, strict=True):
            painter.setPen(QColor(self.theme.dim))
            painter.drawText(each.sign, _CENTER, each.panel.sign)
            painter.drawImage(each.box, image)
            painter.setPen(QPen(QColor(self.theme.line), 1))
            painter.drawRect(each.box)
            if each.panel.numbered:
                self._paint_numbers(painter, each)
            self._paint_frames(painter, each)
            name = QPointF(each.sign.right(), each.sign.bottom() + self.fontMetrics().ascent() + 3)
            painter.setPen(QColor(self.theme.dim))
            painter.drawText(name, each.panel.name)

    def _paint_numbers(self, painter: QPainter, each: Placed) -> None:
        panel, dark = each.panel, self.theme.name == "dark"
        colours = colour_map.colour(panel.plane, -panel.most, panel.most, dark)
        for row, texts in enumerate(_texts(panel)):
            for column, text in enumerate(texts):
                cell = QRectF(
                    each.box.left() + column * each.wide, each.box.top() + row * each.high, each.wide, each.high
                )
                padding = panel.void is not None and bool(panel.void[row, column])
                if padding:
                    painter.fillRect(cell, QColor(self.theme.panel))
                painter.setPen(QPen(QColor(self.theme.panel), 1))
                painter.drawRect(cell)
                painter.setPen(QColor(self.theme.dim) if padding else _ink(colours[row, column]))
                painter.drawText(cell, _CENTER, text)

    def _paint_frames(self, painter: QPainter, each: Placed) -> None:
        box, least = each.box, 4.0
        for row, column, rows, columns, strong in each.panel.frames:
            frame = QRectF(
                box.left() + column * each.wide,
                box.top() + row * each.high,
                max(columns * each.wide, least),
                max(rows * each.high, least),
            )
            painter.setPen(QPen(QColor(self.theme.background), 4.0 if strong else 3.2))
            painter.drawRect(frame)
            painter.setPen(QPen(QColor(self.theme.text if strong else self.theme.accent), 2.0 if strong else 1.6))
            painter.drawRect(frame)


def _extent(panel: Panel) -> tuple[int, int, int, int]:
    """Rows above and columns left of a plane that its frames take, and how many rows and columns there are in all."""
    rows, columns = panel.plane.shape
    top = min([0, *(frame.row for frame in panel.frames)])
    left = min([0, *(frame.column for frame in panel.frames)])
    bottom = max([rows, *(frame.row + frame.rows for frame in panel.frames)])
    right = max([columns, *(frame.column + frame.columns for frame in panel.frames)])
    return -top, -left, bottom - top, right - left


def _texts(panel: Panel) -> list[list[str]]:
    return [[significant(value, 3) for value in row] for row in panel.plane.tolist()]


def _ink(colour: np.ndarray) -> QColor:
    """Black or white, whichever is told better from a ground."""
    red, green, blue = (float(part) / 255 for part in colour)
    return (
        QColor("#101010") if 0.2126 * red**2.2 + 0.7152 * green**2.2 + 0.0722 * blue**2.2 > 0.179 else QColor("#ffffff")
    )
