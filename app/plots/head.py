"""What stands above plots: the tabs of their pages, and what is chosen for all of them at once."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QTabBar, QWidget

from .choice_bar import ChoiceBar

_CLOSE = "QTabBar::tab { padding: 6px 5px; }"  # where all tabs would not fit otherwise


class PlotTabs(QTabBar):
    """`room` is what all of them take, also those that are not offered yet: a place that they get is kept for them."""

    def __init__(self, names: Iterable[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setExpanding(False)
        self.setDrawBase(False)
        for name in names:
            self.addTab(name)

        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(self.room, super().sizeHint().height())

    @property
    def room(self) -> int:
        """Pixels."""
        return sum(self.tabSizeHint(number).width() for number in range(self.count()))


class Head(QWidget):
    """The tabs in the first line, and the bar behind them, or beneath them where there is no room.

    Which of the two follows from the width alone: neither from what is offered by now nor from the tab in front, so
    that nothing moves under the pointer.
    """

    def __init__(self, names: Iterable[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tabs, self.bar = PlotTabs(names, self), ChoiceBar(self)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(0)
        self._grid.setColumnStretch(1, 1)
        self._grid.addWidget(self.tabs, 0, 0)
        self._grid.addWidget(self.bar, 0, 1, Qt.AlignmentFlag.AlignRight)
        self._beside = True
        self.hide()  # until there is something to choose from

    def minimumSizeHint(self) -> QSize:
        return QSize(0, super().minimumSizeHint().height())  # what has no room then leaves it to the rest

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        self._set_close(False)
        if self.tabs.room > self.width():
            self._set_close(True)
        self.bar.fit(self.width())
        beside = self.tabs.room + self.bar.sizeHint().width() <= self.width()
        if beside != self._beside:
            self._beside = beside
            self._grid.removeWidget(self.tabs)
            self._grid.removeWidget(self.bar)
            self._grid.addWidget(self.tabs, 0, 0, 1, 1 if beside else 2)
            place = (0, 1, 1, 1) if beside else (1, 0, 1, 2)
            self._grid.addWidget(self.bar, *place, Qt.AlignmentFlag.AlignRight)

    def _set_close(self, close: bool) -> None:
        sheet = _CLOSE if close else ""
        if sheet != self.tabs.styleSheet():
            self.tabs.setStyleSheet(sheet)
