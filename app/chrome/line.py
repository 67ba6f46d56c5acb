"""A line of text that never asks for more room than it has."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy


class Line(QLabel):
    """Has … where there is no room for all of it: at the end, or where `elided` says."""

    def __init__(self, elided: Qt.TextElideMode = Qt.TextElideMode.ElideRight) -> None:
        super().__init__()
        self._elided = elided
        self.setTextFormat(Qt.TextFormat.PlainText)
        # Ignored: a long line may not widen the window.
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, area = QPainter(self), self.contentsRect()
        text = self.fontMetrics().elidedText(self.text(), self._elided, area.width())
        self.style().drawItemText(
            painter, area, int(self.alignment()), self.palette(), self.isEnabled(), text, self.foregroundRole()
        )
