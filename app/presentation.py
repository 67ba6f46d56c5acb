"""Presentation: the graph alone on the whole screen, with larger text, and back as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QTimer

if TYPE_CHECKING:
    from .window import Window

LARGER = 1.5  # text, against what the user has set


class Presentation:
    """Of one window."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self._before = QByteArray()
        self._was_full = False
        self.on = False

    def toggle(self) -> None:
        """Begin or end."""
        self.end() if self.on else self.begin()

    def begin(self) -> None:
        """Only canvas and toolbar, full screen; all of the graph in view, as large as it fits."""
        window = self._window
        self._before, self._was_full, self.on = window.docks.state(), window.isFullScreen(), True
        window.docks.hide_all()
        window.menuBar().hide()
        window.statusBar().hide()
        window.application.magnify(LARGER)
        window.showFullScreen()
        # Once the new size is there.
        QTimer.singleShot(100, window.canvas, window.canvas.frame)
        window.tell("Ctrl+Shift+F11 ends the presentation", "note")

    def end(self) -> None:
        """Everything as it was."""
        window = self._window
        self.on = False
        window.menuBar().show()
        window.statusBar().show()
        window.docks.restore(self._before)
        window.application.magnify(1.0)
        if not self._was_full:
            window.showNormal()
        QTimer.singleShot(100, window.canvas, window.canvas.frame)
