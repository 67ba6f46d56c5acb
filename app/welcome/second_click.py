"""The second click of a double-click, which falls on what the first one has opened."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QWidget


class SecondClick(QObject):
    """Keeps it from a widget that has come under the pointer with the first one."""

    def __init__(self, opened: QWidget) -> None:
        super().__init__(opened)
        self._opened = opened

    def expect(self) -> None:
        """A first click has opened the widget."""
        self._opened.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        second = event.type() == QEvent.Type.MouseButtonDblClick
        if second or event.type() == QEvent.Type.MouseButtonPress:  # a press is a first click, on the widget itself
            self._opened.removeEventFilter(self)
        return second
