"""The plots of a run in one place. pyqtgraph is loaded when this is first seen, not when it is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ..look.theme import Theme
from .data import Axis, Curves
from .grouping import PAGES
from .head import Head

if TYPE_CHECKING:
    from .page import PlotsPage
    from .together import Others


class PlotsView(QWidget):
    """`show_curves` once for a run, `follow` whenever there is more of it, at most ten times a second.

    `clicked` gives an iteration to go to, `export_wanted` a plot and the suffix of a file: `prepare_export`
    of `exporting.py` makes of them what a worker writes. `head` stands above the plots, unless somebody puts it
    elsewhere.
    """

    clicked = Signal(int)
    export_wanted = Signal(object, str)
    alone_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.page: PlotsPage | None = None
        self._curves: Curves | None = None
        self._cursor: int | None = None
        self._others: Others | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self.head = Head(PAGES, self)
        self._column.addWidget(self.head)

    def show_curves(self, curves: Curves | None) -> None:
        """Show a run, None: none."""
        self._curves = curves
        if self.page is not None:
            self.page.show_curves(curves)

    def show_others(self, others: Others | None) -> None:
        """Show other runs beside this one, None: none."""
        if others is self._others:
            return
        self._others = others
        if self.page is not None:
            self.page.show_others(others)

    def refresh(self) -> None:
        """Show all that there is of the run; what is not in sight is read when it is."""
        if self.page is not None and self.isVisible():
            self.page.refresh()

    def follow(self) -> None:
        """There is more of the run: show it soon, a plot a frame."""
        if self.page is not None and self.isVisible():
            self.page.follow()

    def set_cursor(self, iteration: int | None) -> None:
        """Mark the iteration that is stepped through, None: none."""
        self._cursor = iteration
        if self.page is not None:
            self.page.set_cursor(iteration)

    def bring(self, title: str) -> None:
        """Show the plot of this title, once they are there."""
        if self.page is not None:
            self.page.bring(title)

    def set_axis(self, axis: Axis) -> None:
        """Count this across, in all plots; once they are there."""
        if self.page is not None:
            self.page.set_axis(axis)

    def set_theme(self, theme: Theme) -> None:
        """Show all in other colours."""
        self.theme = theme
        if self.page is not None:
            self.page.set_theme(theme)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self.page is None:
            from .page import PlotsPage

            self.page = PlotsPage(self.theme, self.head, self)
            self._column.addWidget(self.page)
            self.page.clicked.connect(self.clicked)
            self.page.export_wanted.connect(self.export_wanted)
            self.page.alone_wanted.connect(self.alone_wanted)
            self.page.others = self._others
            self.page.show_curves(self._curves)
            self.page.set_cursor(self._cursor)
        else:
            self.page.refresh()
