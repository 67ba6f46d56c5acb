"""Buttons whose texts may be longer than they are wide."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QPaintEvent, QPalette
from PySide6.QtWidgets import QPushButton, QSizePolicy, QStyle, QStyleOptionButton, QStylePainter

PADDING = 12  # logical pixels beside the text of a button, with its border
WRAPPED = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap


class ElidedButton(QPushButton):
    """Ends in … where there is no room for all of its text; a narrow column stays as narrow as it is."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)

    def minimumSizeHint(self) -> QSize:
        return QSize(self.fontMetrics().horizontalAdvance("…") * 4, super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        option = QStyleOptionButton()
        self.initStyleOption(option)
        room = self.style().subElementRect(QStyle.SubElement.SE_PushButtonContents, option, self).width()
        text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, room)
        option.text = text
        QStylePainter(self).drawControl(QStyle.ControlElement.CE_PushButton, option)


class WrappedButton(QPushButton):
    """Goes on in further lines where one has no room for all of its text."""

    def __init__(self) -> None:
        super().__init__()
        policy = QSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def _inside(self, area: QRect) -> QRect:
        """What the style leaves of an area for the text."""
        option = QStyleOptionButton()
        self.initStyleOption(option)
        option.rect = area
        return self.style().subElementRect(QStyle.SubElement.SE_PushButtonContents, option, self)

    def heightForWidth(self, width: int) -> int:
        one = super().sizeHint().height()
        room = QRect(0, 0, self._inside(QRect(0, 0, width, one)).width(), 10_000)
        wrapped = self.fontMetrics().boundingRect(room, int(WRAPPED), self.text()).height()
        return one + max(0, wrapped - self.fontMetrics().height())

    def minimumSizeHint(self) -> QSize:
        longest = max(map(self.fontMetrics().horizontalAdvance, self.text().split()), default=0)
        return QSize(min(longest + 2 * PADDING, super().sizeHint().width()), super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        option, painter = QStyleOptionButton(), QStylePainter(self)
        self.initStyleOption(option)
        option.text = ""
        painter.drawControl(QStyle.ControlElement.CE_PushButton, option)
        role = QPalette.ColorRole.ButtonText
        area = self._inside(self.rect())
        painter.drawItemText(area, int(WRAPPED), self.palette(), self.isEnabled(), self.text(), role)
