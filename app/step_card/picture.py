"""What goes into an array and what comes out, side by side: small maps of elements, or boxes with their lengths."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from ..inspecting.sheet import small
from ..look.theme import Theme
from ..tensor_view.heat_map import mark_nonfinite
from .boxes import GAP, Boxes, frames, rows_and_columns, words_of
from .elements import Index
from .facets import BOTH
from .maps import image_of
from .planes import Planes
from .working import Term, Working

CROSS, SMALLEST = 4.0, 1.5  # half the width of a cross over a column, and below which none is drawn
_CENTER = int(Qt.AlignmentFlag.AlignCenter)


class Picture(QWidget):
    """The terms of a working in a row. A click on a map of what is made chooses the element there."""

    chosen = Signal(object)  # an index

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.working: Working | None = None
        self.index: Index = ()
        self.zoom = 1.0  # of the boxes, where there is room
        self.way = BOTH  # in which several planes are laid out
        self._terms: tuple[Term, ...] = ()
        self._images: list[QImage | None] = []
        self._planes = Planes(theme)
        self.setFont(small())
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)

    def show_working(self, working: Working, index: Index) -> None:
        """Show the terms of a working, with one element marked."""
        if working is not self.working:
            self.working = working
            dark = self.theme.name == "dark"
            self._images = [None if t.plane is None else image_of(t.plane, dark) for t in working.picture]
            self._planes.forget()
            told = [f"{term.sign} {term.name} {term.shape}".strip() for term in working.picture]
            self.setAccessibleName("picture: " + " ".join(told))
        self.index = index
        self._terms = tuple(term.spread(working.array.shape, index, self.way) for term in working.picture)
        self.setVisible(bool(working.picture) and working.stage > 0)
        self.updateGeometry()
        self.update()

    def lay_out(self, way: str) -> None:
        """Draw other planes of arrays that have several."""
        self.way = way
        if self.working is not None:
            self.show_working(self.working, self.index)

    def enlarge(self, zoom: float) -> None:
        """Draw the boxes so many times as large."""
        if zoom != self.zoom:
            self.zoom = zoom
            self.updateGeometry()
            self.update()

    def needed(self, zoom: float) -> int:
        """The width that the terms take with boxes so many times as large, in pixels."""
        return self._boxes(zoom).width

    def _boxes(self, zoom: float | None = None) -> Boxes:
        return Boxes(self._terms, self.fontMetrics(), self.zoom if zoom is None else zoom)

    def placed(self) -> list[tuple[QRectF, float]]:
        """The box of each term, and where its sign begins."""
        return self._boxes().placed(self.width())

    def sizeHint(self) -> QSize:
        boxes = self._boxes()
        return QSize(boxes.width, boxes.height)

    def minimumSizeHint(self) -> QSize:
        return QSize(60, self._boxes().height)

    # The pointer.

    def mousePressEvent(self, event: QMouseEvent) -> None:
        found = self._at(event.position())
        if found is not None:
            self.chosen.emit(found)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        pointed = self._at(event.position())
        self.setCursor(Qt.CursorShape.ArrowCursor if pointed is None else Qt.CursorShape.PointingHandCursor)

    def _at(self, point: QPointF) -> Index | None:
        """The element of what is made that is drawn at a point."""
        if self.working is None:
            return None
        shape = self.working.array.shape
        for term, (box, _) in zip(self._terms, self.placed(), strict=True):
            if term.shape == shape and shape and box.contains(point):
                if term.facets is not None:
                    left, top = box.left(), box.top()
                    return term.facets.at((point.x() - left) / box.width(), (point.y() - top) / box.height())
                rows, columns = rows_and_columns(shape)
                row = min(int((point.y() - box.top()) / box.height() * rows), rows - 1)
                column = min(int((point.x() - box.left()) / box.width() * columns), columns - 1)
                return tuple(int(i) for i in np.unravel_index(row * columns + column, shape))
        return None

    # Painting.

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.working is None:
            return
        painter = QPainter(self)
        tall, boxes = self.fontMetrics().height(), self._boxes()
        bottom = self.height() - boxes.lines * tall + self.fontMetrics().ascent()
        for number, (term, image, (box, x)) in enumerate(zip(self._terms, self._images, self.placed(), strict=True)):
            painter.setPen(QColor(self.theme.dim))
            painter.drawText(QRectF(x, box.center().y() - tall / 2, 2 * GAP + 8, tall), _CENTER, term.sign)
            for i, line in enumerate(words_of(term)):
                painter.drawText(QPointF(box.left() - boxes.margin(term), bottom + i * tall), line)
            if term.to_come:
                painter.fillRect(box, QColor(self.theme.field))
                painter.drawRect(box)
                continue
            if term.facets is not None:
                self._planes.paint(painter, number, term, box)
            elif image is None or term.plane is None:
                self._paint_lengths(painter, term, box)
            else:
                painter.drawImage(box, image)
                mark_nonfinite(
                    painter, term.plane, box.topLeft(), box.width() / image.width(), box.height() / image.height()
                )
                _cross_dead(painter, term, box, self.theme)
                painter.setPen(QPen(QColor(self.theme.line), 1))
                painter.drawRect(box)
            painter.setPen(QPen(QColor(self.theme.text), 1.5))
            for frame in frames(self.working, term, self.index):
                x, y = box.left() + frame.left() * box.width(), box.top() + frame.top() * box.height()
                wide, high = max(frame.width() * box.width(), 3.0), max(frame.height() * box.height(), 3.0)
                painter.drawRect(QRectF(x, y, wide, high))

    def _pen(self, letter: str) -> QPen:
        """How a length is drawn: those that are one alike, in colour and in style."""
        name = {"m": self.theme.accent, "k": self.theme.warning, "n": self.theme.good}.get(letter, self.theme.dim)
        styles = {"k": Qt.PenStyle.DashLine, "n": Qt.PenStyle.DotLine}
        return QPen(QColor(name), 2.4, styles.get(letter, Qt.PenStyle.SolidLine))

    def _paint_lengths(self, painter: QPainter, term: Term, box: QRectF) -> None:
        painter.fillRect(box, QColor(self.theme.field))
        tall = self.fontMetrics().height()
        for axis, (length, letter) in enumerate(zip(term.shape[-2:], term.dims[-2:], strict=True)):
            painter.setPen(self._pen(letter))
            if axis == 0 and len(term.shape) > 1:
                painter.drawLine(box.topLeft(), box.bottomLeft())
                painter.drawLine(box.topRight(), box.bottomRight())
                room = QRectF(box.left() - 60, box.center().y() - tall / 2, 56, tall)
                painter.drawText(room, int(Qt.AlignmentFlag.AlignRight), str(length))
            else:
                painter.drawLine(box.topLeft(), box.topRight())
                painter.drawLine(box.bottomLeft(), box.bottomRight())
                room = QRectF(box.left() - 20, box.top() - tall - 1, box.width() + 40, tall)
                painter.drawText(room, _CENTER, str(length))


def _cross_dead(painter: QPainter, term: Term, box: QRectF, theme: Theme) -> None:
    """Mark the columns of a map that pass no gradient on, where they are wide enough for a sign."""
    assert term.plane is not None
    wide = box.width() / term.plane.shape[1] if term.dead else 0.0
    arm = min(wide / 2 - 1, CROSS)
    if arm < SMALLEST:
        return
    painter.setPen(QPen(QColor(theme.dim), 1.4))
    for column in term.dead:
        middle = QPointF(box.left() + (column + 0.5) * wide, box.center().y())
        for slope in (-1, 1):
            painter.drawLine(middle + QPointF(-arm, -slope * arm), middle + QPointF(arm, slope * arm))
