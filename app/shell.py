"""What of a window is painted first, before the engine is loaded: menu bar, toolbar, the frames of panels, status bar.

Everything stands where it stays, so that nothing moves when `frame` puts the contents in. Nothing imported here
imports NumPy or `core`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QPaintEvent
from PySide6.QtWidgets import QMainWindow, QMenu, QStackedWidget, QVBoxLayout, QWidget

from .chrome.bars import Bars
from .chrome.docks import Docks
from .chrome.status import Status
from .chrome.toolbar import Toolbar

if TYPE_CHECKING:
    from .application import Application

STEP = QPoint(32, 32)  # from one window to the next
UNPAINTED_FOR = 1000  # milliseconds until a window is filled that nobody sees, as one that starts minimised
MENUS = ("File", "Edit", "Graph", "Arrange", "View", "Export", "Help")  # of the menu bar; others stand before Help


class Shell(QMainWindow):
    """A window that can be seen, moved and closed, and is filled at once or when it has been painted."""

    filled = Signal()  # the contents are there

    def __init__(self, application: Application, at_once: bool) -> None:
        super().__init__()
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.application, self.theme = application, application.theme
        self.number = application.free_number()
        self.bars = Bars(self.theme)
        self._pages = QStackedWidget()
        self.setCentralWidget(self._central())
        self.menus_at_top: dict[str, QMenu] = {name: self.menuBar().addMenu(name) for name in MENUS}
        self.toolbar = Toolbar(self)
        self.addToolBar(self.toolbar)
        self.docks = Docks(self)
        self.setStatusBar(Status(self.theme))
        self._restore()
        self.is_filled = False
        self._soon = QTimer(self, singleShot=True, interval=UNPAINTED_FOR)
        self._soon.timeout.connect(self.fill)
        self.fill() if at_once else self._soon.start()

    def _central(self) -> QWidget:
        empty = QWidget()
        empty.setStyleSheet(f"background: {self.theme.background};")
        self._pages.addWidget(empty)
        central = QWidget()
        column = QVBoxLayout(central)
        column.addWidget(self.bars)
        column.addWidget(self._pages, 1)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        return central

    def _restore(self) -> None:
        settings = self.application.settings
        self.resize(1400, 900)
        if not self.restoreGeometry(settings.bytes(f"{self.remembered}/geometry")) and self.number > 1:
            self.restoreGeometry(settings.bytes("window/geometry"))
            self.move(self.pos() + STEP * (self.number - 1))  # not just over the first
        self.docks.recall(settings, self.remembered)

    @property
    def remembered(self) -> str:
        """Under which name the settings hold what this window remembers: the second has panels of its own."""
        return "window" if self.number == 1 else f"window{self.number}"

    def fill(self) -> None:
        """Say that the contents are there: for `Frame`, which puts them in."""
        self.is_filled = True
        self.filled.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._soon.isActive():
            self._soon.start(0)  # when the rest of the window has been painted as well

    def come_forward(self) -> None:
        """Show this window above the others, with the keyboard."""
        if self.isMinimized():
            self.showNormal()
        self.raise_()
        self.activateWindow()

    def closeEvent(self, event: QCloseEvent) -> None:
        self._soon.stop()
        self.application.forget(self)
        event.accept()
