"""Presentation: the graph alone on the whole screen, all of it larger, and back as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, Qt, QTimer
from PySide6.QtGui import QKeyEvent

from ..canvas.view import FRAMED

if TYPE_CHECKING:
    from ..canvas.canvas import Canvas
    from ..window import Window

# Against what the user has set, for eyes at the other end of a room.
LARGER_TEXT = 1.5
LARGER_NUMBERS = 1.35  # within their nodes, which keep their size
THICKER_LINES = 1.75
LARGEST = 2.5  # the zoom up to which a small graph fills the screen
TOLD_FOR = 6000  # milliseconds

_STEPS = {Qt.Key.Key_PageDown: 1, Qt.Key.Key_PageUp: -1}  # what the buttons of a presenter send


class Presentation:
    """Of one window."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self._before = QByteArray()
        self._was_full = self._was_maximised = False
        self._minimap = True
        self.on = False

    def toggle(self) -> None:
        """Begin or end."""
        self.end() if self.on else self.begin()

    def begin(self) -> None:
        """Only canvas and toolbar, full screen; all of the graph in view, as large as it fits."""
        window, canvas = self._window, self._window.canvas
        self._before, self._was_full, self.on = window.docks.state(), window.isFullScreen(), True
        self._was_maximised = window.isMaximized()
        self._minimap, canvas.minimap_shown = canvas.minimap_shown, False  # all is in view
        for dock in window.docks.docks.values():
            dock.hide()
        window.menuBar().hide()
        window.status.hide()
        window.application.magnify(LARGER_TEXT)
        _magnify(canvas, LARGER_NUMBERS, THICKER_LINES, LARGEST)
        window.showFullScreen()
        canvas.setFocus()
        window.bars.show_bar("presentation", "Escape ends the presentation. Page Down shows the next example.")
        QTimer.singleShot(TOLD_FOR, window, lambda: window.bars.take_away("presentation"))
        # Once the new size is there.
        QTimer.singleShot(100, canvas, canvas.frame)

    def end(self) -> None:
        """Everything as it was."""
        window, canvas = self._window, self._window.canvas
        self.on = False
        window.bars.take_away("presentation")
        window.menuBar().show()
        window.status.show()
        window.docks.restore(self._before)
        window.application.magnify(1.0)
        canvas.minimap_shown = self._minimap
        _magnify(canvas)
        if not self._was_full:
            window.showMaximized() if self._was_maximised else window.showNormal()
        QTimer.singleShot(100, canvas, canvas.frame)

    def press(self, event: QKeyEvent) -> bool:
        """Do what a key says during a presentation, if nothing else has taken it."""
        if not self.on:
            return False
        if event.key() == Qt.Key.Key_Escape:
            self.end()
        elif event.key() in _STEPS:
            self._window.files.step_example(_STEPS[Qt.Key(event.key())])
        else:
            return False
        return True


def _magnify(canvas: Canvas, numbers: float = 1.0, lines: float = 1.0, framed: float = FRAMED) -> None:
    """Larger numbers, thicker wires, and the largest zoom at which all is framed."""
    canvas.values.larger, canvas.view.lines, canvas.view.framed = numbers, lines, framed
    canvas.update()
