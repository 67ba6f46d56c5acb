"""A click on the tab of a panel that one types into gives it the keyboard."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QTabBar

if TYPE_CHECKING:
    from ..window import Window
    from .docks import Dock


class TabClicks(QObject):
    """Hears the tabs of docks, which Qt makes and takes away as they are dragged together and apart."""

    def __init__(self, window: Window, docks: dict[str, Dock]) -> None:
        super().__init__(window)
        self._window, self._docks = window, docks
        self._heard: set[QTabBar] = set()

    def hear(self) -> None:
        """Hear the bars that are there now."""
        bars = set(self._window.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly))
        for bar in bars - self._heard:
            bar.tabBarClicked.connect(partial(self._take, bar))
            bar.destroyed.connect(partial(self._heard.discard, bar))
        self._heard |= bars

    def _take(self, bar: QTabBar, index: int) -> None:
        for dock in self._docks.values():
            if dock.kind.typed_into and dock.windowTitle() == bar.tabText(index):
                QTimer.singleShot(0, dock.widget(), dock.widget().setFocus)  # once it is in front
