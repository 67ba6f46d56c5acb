"""Where what is chosen for all plots stands: beside the tabs, or above them where these would be cut."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QTabWidget, QVBoxLayout

from .choice_bar import ChoiceBar


class Corner:
    """Of a bar and the tabs of a column; `arrange` whenever there is another width, or other tabs."""

    def __init__(self, bar: ChoiceBar, tabs: QTabWidget, column: QVBoxLayout) -> None:
        self._bar, self._tabs, self._column = bar, tabs, column
        self.beside = True
        tabs.setCornerWidget(bar, Qt.Corner.TopRightCorner)

    def arrange(self, width: int) -> None:
        """For so many pixels."""
        self._bar.fit(width)
        beside = self._tabs.tabBar().sizeHint().width() + self._bar.sizeHint().width() <= width
        if beside == self.beside:
            return
        self.beside = beside
        if beside:
            self._column.removeWidget(self._bar)
            self._tabs.setCornerWidget(self._bar, Qt.Corner.TopRightCorner)
        else:
            self._tabs.setCornerWidget(None, Qt.Corner.TopRightCorner)  # type: ignore[arg-type]
            self._column.insertWidget(0, self._bar, 0, Qt.AlignmentFlag.AlignRight)
        self._bar.show()
