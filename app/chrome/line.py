"""A line of text that never asks for more room than it has."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy


class Line(QLabel):
    """Has … where there is no room for all of it: at the end, or where `elided` says.

    Its text may change many times a second: it is painted, and nothing is laid out for it, as a label would ask for.
    """

    def __init__(self, elided: Qt.TextElideMode = Qt.TextElideMode.ElideRight) -> None:
        super().__init__()
        self._elided = elided
        self.setTextFormat(Qt.TextFormat.PlainText)
        self._text = ""
        super().setText(" ")  # as high as any text
        # Ignored: a long line may not widen the window.
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def text(self) -> str:
        return self._text

    def setText(self, text: str) -> None:
        if text != self._text:
            self._text = text
            self.setAccessibleDescription(text)
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, area = QPainter(self), self.contentsRect()
        text = self.fontMetrics().elidedText(self._text, self._elided, area.width())
        self.style().drawItemText(
            painter, area, int(self.alignment()), self.palette(), self.isEnabled(), text, self.foregroundRole()
        )
