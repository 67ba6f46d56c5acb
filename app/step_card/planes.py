"""Planes of one array side by side, all on one scale of colours, and marks where there are more of them."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from ..look.theme import Theme
from .elements import Index, most_of
from .facets import MORE
from .maps import plane_image
from .working import Term

_CENTER = int(Qt.AlignmentFlag.AlignCenter)


class Planes:
    """Draws the planes of terms, and keeps their images: made when they are first drawn."""

    def __init__(self, theme: Theme) -> None:
        self.theme = theme
        self._images: dict[tuple[int, Index], QImage] = {}  # by number of a term and place of the plane
        self._most: dict[int, float] = {}  # by number of a term, the end of its colours

    def forget(self) -> None:
        """Other terms are shown."""
        self._images.clear()
        self._most.clear()

    def paint(self, painter: QPainter, number: int, term: Term, box: QRectF) -> None:
        """Draw those of the term with this number in a box."""
        facets, array = term.facets, term.array
        assert facets is not None
        assert array is not None
        if number not in self._most:
            self._most[number] = most_of(array)
        for place, part in facets.planes():
            if (number, place) not in self._images:
                self._images[number, place] = plane_image(array[place], self._most[number], self.theme.name == "dark")
            left, top = box.left() + part.left() * box.width(), box.top() + part.top() * box.height()
            cell = QRectF(left, top, part.width() * box.width(), part.height() * box.height())
            painter.drawImage(cell, self._images[number, place])
            painter.setPen(QPen(QColor(self.theme.line), 1))
            painter.drawRect(cell)
        (across, down), tall = facets.size, painter.fontMetrics().height()
        painter.setPen(QColor(self.theme.dim))
        if facets.right:
            wide = MORE / across * box.width()
            painter.drawText(QRectF(box.right() - wide, box.top(), wide + 4, box.height()), _CENTER, "…")
        if facets.below:
            high = MORE / down * box.height()
            painter.drawText(QRectF(box.left(), box.bottom() - high / 2 - tall / 2, 16, tall), _CENTER, "⋮")
