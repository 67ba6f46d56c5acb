"""How a row of a list is drawn: a sign, a bar of colour, the text with the letters found, details, and a note."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from ..look.wrapping import wrapped

if TYPE_CHECKING:
    from ..look.theme import Theme
    from .view import ListView, Row

MARGIN = 10
GAP = 10
SIGN = 14  # width of a mark
LEAST_NOTE = 40  # pixels of a note that is cut, or there is none
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class RowPainter(QStyledItemDelegate):
    """Draws the rows of a `ListView` in its theme."""

    def __init__(self, view: ListView) -> None:
        super().__init__(view)
        self.view = view

    def sizeHint(self, option: QStyleOptionViewItem, index: Any) -> QSize:
        return QSize(80, self.view.row_height)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Any) -> None:
        row: Row = index.data(Qt.ItemDataRole.UserRole)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setClipRect(option.rect)
        painter.fillRect(option.rect, QColor(self.view.theme.panel))  # over the bar that tables draw under chosen rows
        self._paint_background(painter, option, row)
        inside = option.rect.adjusted(MARGIN, 0, -MARGIN, 0)
        inside.setHeight(self.view.row_height)
        unfolding = self.view.unfolding
        self._paint_row(painter, inside, row, unfolding is not None and index.row() in unfolding.rows)
        painter.restore()

    def lines_of(self, row: Row) -> list[str]:
        """All of a row's detail, in as many lines as it takes in the width of the view."""
        inside = QRect(MARGIN, 0, self.view.viewport().width() - 2 * MARGIN, self.view.row_height)
        plain = QFontMetrics(self.view.font())
        left = inside.left() + (SIGN + 6) * bool(row.mark) + 10 * bool(row.colour) + self.view.column + GAP
        note = min(plain.horizontalAdvance(row.note), inside.width() // 2) + GAP if row.note else 0
        return wrapped(row.detail, self.view.font(), max(inside.right() - note - left, 20), len(row.detail) or 1)

    def paint_empty(self, widget: QWidget, text: str) -> None:
        """Say in the middle of an empty list why it is empty."""
        painter = QPainter(widget)
        painter.setPen(QColor(self.view.theme.dim))
        inside = widget.rect().adjusted(MARGIN, MARGIN, -MARGIN, -MARGIN)
        painter.drawText(inside, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, text)
        painter.end()

    def paint_ring(self, widget: QWidget) -> None:
        """Show that the list has the keyboard, also where no row is chosen."""
        painter = QPainter(widget)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor(self.view.theme.accent))
        painter.drawRoundedRect(QRectF(widget.rect()).adjusted(1.5, 1.5, -1.5, -1.5), 4, 4)
        painter.end()

    def _paint_background(self, painter: QPainter, option: QStyleOptionViewItem, row: Row) -> None:
        if row.section and not self.view.over_sections:
            return
        theme, rect = self.view.theme, QRectF(option.rect).adjusted(4, 1, -4, -1)
        colour = QColor(theme.accent)
        if option.state & QStyle.StateFlag.State_Selected:
            colour.setAlpha(56)
        elif option.state & QStyle.StateFlag.State_MouseOver:
            colour.setAlpha(22)
        else:
            return
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawRoundedRect(rect, 4, 4)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setBrush(QColor(theme.accent))
            painter.drawRoundedRect(QRectF(rect.left(), rect.top() + 3, 2.5, rect.height() - 6), 1, 1)

    def _paint_row(self, painter: QPainter, inside: QRect, row: Row, unfolded: bool) -> None:
        theme, font = self.view.theme, QFont(self.view.font())
        plain = QFontMetrics(font)
        left, right = inside.left(), inside.right()
        if row.mark:
            paint_mark(painter, QRectF(left, inside.center().y() - SIGN / 2 + 0.5, SIGN, SIGN), row.mark, theme)
            left += SIGN + 6
        if row.colour:
            painter.fillRect(QRectF(left, inside.top() + 6, 3, inside.height() - 12), QColor(row.colour))
            left += 10
        if row.note:
            room = inside.width() if self.view.column else right - left - self.text_width(row) - GAP
            right -= self._paint_note(painter, inside, row, plain, room)
        if row.section:
            font.setBold(True)
        width = right - left if not (self.view.column and row.detail) else min(self.view.column, right - left)
        colour = QColor(theme.dim if row.section or row.faded else theme.text)
        used = self._paint_text(painter, QRect(left, inside.top(), width, inside.height()), row, font, colour)
        if row.detail:
            left += (self.view.column if self.view.column else used) + GAP
            painter.setFont(self.view.font())
            # With a column the detail is what the row says; beside a text of any width it explains it.
            painter.setPen(QColor(theme.text if self.view.column and not row.faded else theme.dim))
            place = QRect(left, inside.top(), right - left, inside.height())
            cut = plain.elidedText(row.detail, Qt.TextElideMode.ElideRight, right - left)
            for text in self.lines_of(row) if unfolded else [cut] if right - left > 20 else []:
                painter.drawText(place, _LEFT, text)
                place.translate(0, plain.lineSpacing())

    def note_width(self, row: Row, inside: int, room: int) -> int:
        """How wide the note is drawn in a row so wide that leaves it so much: 0 where it is not.

        With a column, and where the row says so, it may be cut; else it stands whole or not at all, and what the row is
        called comes first.
        """
        needed = QFontMetrics(self.view.font()).horizontalAdvance(row.note)
        if not self.view.column and not row.cut:
            return needed if needed <= room else 0
        width = min(needed, room if row.cut else inside // 2, room)
        return width if width >= min(needed, LEAST_NOTE) else 0

    def text_width(self, row: Row) -> int:
        """How wide the text is as it is drawn: the letters found are bold."""
        return sum(QFontMetrics(font).horizontalAdvance(run) for run, font, _ in self._runs(row.text, row.found))

    def _runs(self, text: str, found: Sequence[int]) -> Iterator[tuple[str, QFont, bool]]:
        """A text in pieces, each with its font and whether its letters are among those found."""
        plain = QFont(self.view.font())
        strong = QFont(plain)
        strong.setBold(True)
        for lit, places in groupby(range(len(text)), lambda place: place in found):
            yield "".join(text[place] for place in places), strong if lit else plain, lit

    def _paint_note(self, painter: QPainter, inside: QRect, row: Row, metrics: QFontMetrics, room: int) -> int:
        """Draw the note at the right, in what the text leaves it; returns how wide it is with the gap before it."""
        width = self.note_width(row, inside.width(), room)
        if not width:
            return 0
        painter.setFont(self.view.font())
        painter.setPen(QColor(self.view.theme.dim))
        side = Qt.TextElideMode.ElideRight if row.cut else Qt.TextElideMode.ElideLeft
        painter.drawText(inside, _RIGHT, metrics.elidedText(row.note, side, width + 1))
        if row.ticked:
            x, y = inside.right() - width - 14, inside.center().y()
            painter.setPen(QPen(QColor(self.view.theme.good), 2))
            painter.drawPolyline(QPolygonF([QPointF(x, y), QPointF(x + 3, y + 3.5), QPointF(x + 9, y - 4)]))
            width += 16
        return width + GAP

    def _paint_text(self, painter: QPainter, rect: QRect, row: Row, font: QFont, colour: QColor) -> int:
        """Draw the text, the letters found in bold and in the accent; returns how wide it is."""
        text = row.text
        if self.text_width(row) > rect.width() or font.bold():
            text = QFontMetrics(font).elidedText(row.text, Qt.TextElideMode.ElideMiddle, rect.width())
        x = rect.left()
        for run, plain, lit in self._runs(text, row.found if text == row.text else ()):
            painter.setFont(plain if lit else font)
            painter.setPen(QColor(self.view.theme.accent) if lit else colour)
            painter.drawText(QRect(x, rect.top(), rect.right() - x + 8, rect.height()), _LEFT, run)
            x += painter.fontMetrics().horizontalAdvance(run)
        return x - rect.left()


def paint_mark(painter: QPainter, rect: QRectF, mark: str, theme: Theme) -> None:
    """Draw a sign that differs from the others in shape, not in colour alone."""
    centre = rect.center()
    painter.setPen(Qt.PenStyle.NoPen)
    if mark in ("open", "closed", "here"):
        painter.setBrush(QColor(theme.accent if mark == "here" else theme.dim))
        size = 4.5 if mark == "here" else 3.5
        tip = QPointF(size * 1.1, 0) if mark != "open" else QPointF(0, size)
        side = QPointF(tip.y(), tip.x())
        painter.drawPolygon(QPolygonF([centre + tip, centre - tip + side, centre - tip - side]))
        return
    if mark == "warning":
        painter.setBrush(QColor(theme.warning))
        low, high = rect.bottom() - 1, rect.top() + 1
        corners = [QPointF(centre.x(), high), QPointF(rect.right(), low), QPointF(rect.left(), low)]
        painter.drawPolygon(QPolygonF(corners))
    elif mark == "error":
        painter.setBrush(QColor(theme.error))
        painter.drawEllipse(rect.adjusted(0.5, 0.5, -0.5, -0.5))
    elif mark == "nonfinite":
        painter.setBrush(QColor(theme.nonfinite))
        half = rect.width() / 2
        sides = (QPointF(0, -half), QPointF(half, 0), QPointF(0, half), QPointF(-half, 0))
        painter.drawPolygon(QPolygonF([centre + side for side in sides]))
    else:
        return
    painter.setPen(QPen(QColor(theme.panel), 2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    down = 1.5 if mark == "warning" else 0.5
    painter.drawLine(centre + QPointF(0, down - 3.5), centre + QPointF(0, down + 0.5))
    painter.drawPoint(centre + QPointF(0, down + 3.3))
