"""The sign in the status bar that a macro is being recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QToolButton

from ..actions import ACTIONS

if TYPE_CHECKING:
    from ..window import Window


class Sign(QToolButton):
    """A red dot with words, there as long as one is recorded; a click stops."""

    def __init__(self, window: Window) -> None:
        super().__init__()
        self._window = window
        self.setText("● Recording a macro")
        self.setToolTip("What is done now is written down. Click to stop, and to keep it under a name")
        self.clicked.connect(lambda: window.menus.start(ACTIONS["edit.stop_recording"]))
        window.macros.changed.connect(self._follow)
        window.application.theme_changed.connect(self._colour)
        self._follow()

    def _follow(self) -> None:
        self._colour()
        self.setVisible(self._window.macros.recording)

    def _colour(self) -> None:
        sheet = f"color: {self._window.application.theme.error}; padding: 2px 8px;"
        if self.styleSheet() != sheet:
            self.setStyleSheet(sheet)
