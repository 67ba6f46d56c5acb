"""How a line that a `print` node wrote is drawn: where it comes from, its phase, its node, and what it says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter

from ..look.fonts import mono
from .rows import GAP, RowPainter

if TYPE_CHECKING:
    from ..results.printing import Heard
    from .view import ListView, Row

NARROW, NARROWER = 460, 300  # pixels at a text scale of 1, below which phases are arrows, and there is no place
ARROWS = {"forward": "→", "backward": "←"}
NAME = 0.24  # of the width that names take at most
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class PrintedPainter(RowPainter):
    """Draws rows in columns, which become wider with what stands in them, until `forget`."""

    def __init__(self, view: ListView) -> None:
        super().__init__(view)
        self._mono: tuple[str, QFont] = ("", QFont())
        self.forget()

    def forget(self) -> None:
        """Columns are as wide again as what comes next needs."""
        self._place = self._name = 0

    def make_room(self, heard: Heard) -> None:
        """Let the columns be wide enough for this line."""
        metrics = self.view.fontMetrics()
        self._place = max(self._place, metrics.horizontalAdvance(heard.place))
        self._name = max(self._name, metrics.horizontalAdvance(heard.name))

    def _paint_row(self, painter: QPainter, inside: QRect, row: Row, unfolded: bool) -> None:
        theme, plain = self.view.theme, QFontMetrics(self.view.font())
        place, phase = row.note.split("; ")
        scale = self.view.fontMetrics().height() / 17
        name = min(self._name, round(NAME * inside.width()))
        columns: list[tuple[str, int, str]] = []
        if inside.width() >= NARROWER * scale:
            columns.append((place, self._place, theme.dim))
        told = ARROWS if inside.width() < NARROW * scale else dict.fromkeys(ARROWS)
        wide = max(plain.horizontalAdvance(arrow or word) for word, arrow in told.items())
        columns.append((told.get(phase) or phase, wide, _colour(theme, phase)))
        columns.append((row.text, name, theme.text))
        left = inside.left()
        for text, width, colour in columns:
            painter.setPen(QColor(colour))
            painter.setFont(self.view.font())
            cut = plain.elidedText(text, Qt.TextElideMode.ElideMiddle, width + 1)
            painter.drawText(QRect(left, inside.top(), width + GAP, inside.height()), _LEFT, cut)
            left += width + GAP
        painter.setFont(font := self._font())
        painter.setPen(QColor(theme.text))
        rest = QRect(left, inside.top(), inside.right() - left, inside.height())
        painter.drawText(
            rest, _LEFT, QFontMetrics(font).elidedText(row.detail, Qt.TextElideMode.ElideRight, rest.width())
        )

    def _font(self) -> QFont:
        """That of numbers, found once for each font of the view."""
        known = self.view.font().key()
        if self._mono[0] != known:
            self._mono = known, mono()
        return self._mono[1]


def _colour(theme: Any, phase: str) -> str:
    return str(theme.gradient if phase == "backward" else theme.dim)
