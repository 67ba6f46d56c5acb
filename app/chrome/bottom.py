"""How high the panels beneath the canvas are, as long as nobody has said it: of low windows the graph needs most."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, QTimer

if TYPE_CHECKING:
    from PySide6.QtWidgets import QDockWidget

    from ..window import Window

HIGH, MOST = 310, 0.3  # logical pixels at first, and of the window's height at most
BESIDES, LOWEST = 570, 120  # pixels of a low window's height that are not the bottom's, and what it has in any case
ABOUT = 24  # pixels by which what panels hold may make the bottom higher than it was made


def size_at_first(window_height: int) -> int:
    """How high it is at first in a window of this height."""
    return min(HIGH, round(MOST * window_height), max(window_height - BESIDES, LOWEST))


class Bottom(QObject):
    """Goes with the height of the window until somebody has made it higher or lower."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        self._dock: QDockWidget | None = None  # one of the bottom, while it goes with the window
        self._made = 0  # how high it was made; 0 until that is shown
        self._later = QTimer(self, singleShot=True, interval=0)  # the window first lays out what it has got larger by
        self._later.timeout.connect(self._make)
        window.installEventFilter(self)

    def arrange(self, dock: QDockWidget) -> None:
        """It has been put together as at first, `dock` being a part of it."""
        self._dock = dock
        self._make()
        if not self._window.isVisible():
            self._made = 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and watched is self._window and self._dock is not None:
            ours = not self._made or self._later.isActive() or abs(self._high() - self._made) <= ABOUT
            if ours:  # it is shown now, or nobody has made it so high
                self._make()
                self._later.start()
        return False

    def _make(self) -> None:
        if self._dock is not None:
            size = size_at_first(self._window.height())
            self._window.resizeDocks([self._dock], [size], Qt.Orientation.Vertical)
            self._made = self._high()

    def _high(self) -> int:
        """How many pixels are the bottom's, from the canvas to the status bar."""
        if (layout := self._window.layout()) is not None:
            layout.activate()
        return self._window.statusBar().y() - self._window.middle.geometry().bottom()
