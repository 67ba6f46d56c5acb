"""How an entry of the welcome page is drawn: a picture, a title, and what it is about in the lines beneath."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPainterPath, QPen, QPixmap
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from ..look.theme import Theme
from ..look.wrapping import wrapped

ABOUT = Qt.ItemDataRole.AccessibleDescriptionRole  # what is drawn beneath is also what a screen reader says
PICTURE = Qt.ItemDataRole.UserRole + 1
MARGIN, GAP, RADIUS = 8, 4, 5


class Cards(QStyledItemDelegate):
    """Draws the entries of a list. `picture` is the size of a picture, None where there are none."""

    def __init__(self, theme: Theme, picture: QSize | None, lines: int, parent: Any) -> None:
        super().__init__(parent)
        self.theme, self._picture, self._lines = theme, picture, lines

    def sizeHint(self, option: QStyleOptionViewItem, index: Any) -> QSize:
        given = index.data(Qt.ItemDataRole.SizeHintRole)
        if isinstance(given, QSize):  # a heading
            return given
        line = option.fontMetrics.lineSpacing()
        high = line * (1 + self._lines) + GAP + 2 * MARGIN
        if self._picture is None:
            return QSize(120, high)
        return QSize(self._picture.width() + 2 * MARGIN, self._picture.height() + GAP + high)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Any) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if index.data(Qt.ItemDataRole.SizeHintRole) is not None:
            self._paint_heading(painter, option, index.data())
            painter.restore()
            return
        self._ground(painter, option)
        place = QRectF(option.rect).adjusted(MARGIN, MARGIN, -MARGIN, -MARGIN)
        if self._picture is not None:
            self._paint_picture(painter, place, index.data(PICTURE))
            place.setTop(place.top() + self._picture.height() + 2 * GAP)
        font = QFont(option.font)
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(QColor(self.theme.text))
        metrics = QFontMetrics(font)
        name = metrics.elidedText(index.data(), Qt.TextElideMode.ElideRight, int(place.width()))
        painter.drawText(QPointF(place.left(), place.top() + metrics.ascent()), name)
        painter.setFont(option.font)
        painter.setPen(QColor(self.theme.dim))
        top = place.top() + metrics.lineSpacing() + GAP / 2
        for number, line in enumerate(wrapped(index.data(ABOUT) or "", option.font, place.width(), self._lines)):
            at = top + option.fontMetrics.ascent() + number * option.fontMetrics.lineSpacing()
            painter.drawText(QPointF(place.left(), at), line)
        painter.restore()

    def _paint_heading(self, painter: QPainter, option: QStyleOptionViewItem, text: str) -> None:
        painter.setFont(option.font)
        painter.setPen(QColor(self.theme.dim))
        place = QRectF(option.rect).adjusted(MARGIN, 0, -MARGIN, -MARGIN / 2)
        painter.drawText(place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom, text)

    def _ground(self, painter: QPainter, option: QStyleOptionViewItem) -> None:
        """The entry that has the keyboard has an edge, the one under the pointer a ground."""
        theme, state = self.theme, option.state
        focused = bool(state & QStyle.StateFlag.State_HasFocus)
        if not focused and not state & QStyle.StateFlag.State_MouseOver:
            return
        painter.setBrush(QColor(theme.raised))
        painter.setPen(QPen(QColor(theme.accent if focused else theme.line), 2 if focused else 1))
        painter.drawRoundedRect(QRectF(option.rect).adjusted(1, 1, -1, -1), RADIUS, RADIUS)

    def _paint_picture(self, painter: QPainter, place: QRectF, picture: QPixmap | None) -> None:
        assert self._picture is not None
        frame = QRectF(place.left(), place.top(), self._picture.width(), self._picture.height())
        shape = QPainterPath()
        shape.addRoundedRect(frame, RADIUS, RADIUS)
        painter.fillPath(shape, QColor(self.theme.background))
        if picture is not None:
            painter.save()
            painter.setClipPath(shape)
            painter.drawPixmap(frame.topLeft(), picture)
            painter.restore()
        painter.setPen(QPen(QColor(self.theme.line), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(shape)
