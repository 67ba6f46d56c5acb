"""The frame of a window: menus, toolbar, docks, canvas, status bar, put together around one editor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from . import popups
from .bars import Bars
from .breadcrumb import Breadcrumb
from .canvas.canvas import Canvas
from .docks import Docks
from .editor import Editor
from .filing import Files
from .menus import Menus
from .presentation import Presentation
from .status import Status
from .theme import Theme
from .toolbar import Toolbar
from .welcome import Welcome, dropped_files

if TYPE_CHECKING:
    from .application import Application

CANVAS_SETTINGS = ("gradients", "order_badges", "decimals")  # of the canvas, remembered


class Frame(QMainWindow):
    """One document with its panels, and what becomes of the window's own events."""

    def __init__(self, application: Application) -> None:
        super().__init__()
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAcceptDrops(True)
        self.application, self.theme = application, application.theme
        self.editor = Editor(parent=self)
        self.bars = Bars(self.theme)
        self.breadcrumb = Breadcrumb(self.editor, self.theme)
        self.canvas = Canvas(self.editor, self.theme)
        self.welcome = Welcome(self)
        self.files = Files(self)
        self.presentation = Presentation(self)
        self.setCentralWidget(self._central())
        self.toolbar = Toolbar(self)
        self.addToolBar(self.toolbar)
        self.docks = Docks(self)
        self.menus = Menus(self)
        self.setStatusBar(Status(self.editor, self.theme))
        self.search: Any = None  # the popups, made when first asked for
        self.commands: Any = None
        self.finder: Any = None
        self._connect()
        self._restore()
        self.refresh_title()

    def _central(self) -> QWidget:
        page = QWidget()
        rows = QVBoxLayout(page)
        rows.addWidget(self.breadcrumb)
        rows.addWidget(self.canvas, 1)
        self._pages = QStackedWidget()
        self._pages.addWidget(page)
        self._pages.addWidget(self.welcome)
        central = QWidget()
        column = QVBoxLayout(central)
        column.addWidget(self.bars)
        column.addWidget(self._pages, 1)
        for layout in (rows, column):
            layout.setContentsMargins(0, 0, 0, 0)
            layout.setSpacing(0)
        return central

    def _connect(self) -> None:
        self.application.theme_changed.connect(self.set_theme)
        self.editor.changed.connect(self._follow)
        self.files.changed.connect(self.refresh_title)
        self.files.changed.connect(self.toolbar.refresh)
        self.editor.viewed.connect(lambda _: self.panel("tensor"))
        self.statusBar().problems_wanted.connect(lambda: self.panel("problems"))
        self.canvas.search_wanted.connect(self.open_search)
        self.editor.add_wanted.connect(lambda name: popups.add_in_view(self, name))
        self.canvas.card_wanted.connect(self.open_card)
        self.canvas.rename_wanted.connect(lambda id: popups.rename(self, id))

    def _restore(self) -> None:
        settings = self.application.settings
        self.resize(1400, 900)
        self.restoreGeometry(settings.bytes("window/geometry"))
        self.docks.recall(settings)
        for name in CANVAS_SETTINGS:
            setattr(self.canvas, name, settings.get(f"canvas/{name}", getattr(self.canvas, name)))

    @property
    def shows_canvas(self) -> bool:
        """Whether the graph is shown, not the welcome page."""
        return self._pages.currentIndex() == 0

    def show_canvas(self) -> None:
        """Show the graph, and give it the keyboard."""
        self._pages.setCurrentIndex(0)
        self.canvas.setFocus()

    def show_welcome(self) -> None:
        """Show the examples as pictures."""
        self._pages.setCurrentIndex(1)
        self.welcome.refresh()

    def tell(self, text: str, kind: str = "note") -> None:
        """A line in the status bar; `kind` is "note" or "refusal"."""
        self.statusBar().tell(text, kind)

    def panel(self, id: str) -> QWidget:
        """Bring a panel into view."""
        return self.docks.show(id)

    def _follow(self, change: object) -> None:
        self.refresh_title()
        if not self.shows_canvas:  # a panel was used while the welcome page stood there
            self._pages.setCurrentIndex(0)

    def refresh_title(self) -> None:
        """Name and dirty mark."""
        self.setWindowTitle(f"{self.files.name}[*]")
        self.setWindowModified(self.editor.document.dirty)

    def set_theme(self, theme: Theme) -> None:
        """Draw with the colours of another theme."""
        self.theme = theme
        for part in (self.bars, self.breadcrumb, self.canvas, self.welcome, self.toolbar, self.docks, self.statusBar()):
            part.set_theme(theme)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dropped_files(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        first, *others = dropped_files(event.mimeData())
        event.acceptProposedAction()
        self.files.open(first)
        for path in others:
            self.application.open_window(path)

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self.files.may_lose():
            event.ignore()
            return
        if self.presentation.on:
            self.presentation.end()
        settings = self.application.settings
        settings.set_bytes("window/geometry", self.saveGeometry())
        self.docks.remember(settings)
        settings.save()
        self.files.give_up()
        self.editor.close()
        self.application.forget(self)
        event.accept()
