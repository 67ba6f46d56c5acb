"""The run in the status bar, for as long as one is active."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QStyle, QStyleOptionToolButton, QStylePainter, QToolButton

from .telling import briefly

if TYPE_CHECKING:
    from ..window import Window


class RunLine(QToolButton):
    """Says how far it is; a click shows the panel.

    Its text changes with every epoch, and short ones are many a second: the window is laid out for one only where it
    needs more room than those before.
    """

    def __init__(self, window: Window) -> None:
        super().__init__()
        self._training = window.editor.training
        self._told = ""
        self.setStyleSheet("padding: 2px 8px;")
        self.setToolTip("Show the training")
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        self.clicked.connect(lambda: window.panel("training"))
        self._training.changed.connect(self.refresh)
        self.refresh()

    def text(self) -> str:
        return self._told

    def setText(self, text: str) -> None:
        if text == self._told:
            return
        wide = self.fontMetrics().horizontalAdvance
        if wide(text) > wide(super().text()):
            super().setText(text)
        self._told = text
        self.setAccessibleName(text)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        option = QStyleOptionToolButton()
        self.initStyleOption(option)
        option.text = self._told
        QStylePainter(self).drawComplexControl(QStyle.ComplexControl.CC_ToolButton, option)

    def refresh(self) -> None:
        """Show where the run is."""
        active = self._training.active
        if active:
            self.setText(briefly(self._training))
        if active == self.isHidden():
            self.setVisible(active)
