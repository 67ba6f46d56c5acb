"""The run in the status bar, for as long as one is active."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QToolButton

from .telling import briefly

if TYPE_CHECKING:
    from ..window import Window


class RunLine(QToolButton):
    """Says how far it is; a click shows the panel."""

    def __init__(self, window: Window) -> None:
        super().__init__()
        self._training = window.editor.training
        self.setStyleSheet("padding: 2px 8px;")
        self.setToolTip("Show the training")
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        self.clicked.connect(lambda: window.panel("training"))
        self._training.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show where the run is."""
        active = self._training.active
        if active:
            self.setText(briefly(self._training))
        if active == self.isHidden():
            self.setVisible(active)
