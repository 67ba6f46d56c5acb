"""The frame of a window: menus, toolbar, docks, canvas, status bar, put together around one editor.

The first window of a process is shown as a bare `Shell`, and filled when that has been painted.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QKeyEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from .look.theme import Theme
from .shell import Shell

CANVAS_SETTINGS = ("gradients", "order_badges", "decimals")  # of the canvas, remembered


class Frame(Shell):
    """One document with its panels, and what becomes of the window's own events."""

    def fill(self) -> None:
        """Put the contents in."""
        # Here, not above: this is what takes long to load.
        from .canvas.canvas import Canvas
        from .chrome.breadcrumb import Breadcrumb
        from .chrome.menus import Menus
        from .chrome.presentation import Presentation
        from .editor import Editor
        from .files.filing import Files
        from .welcome.page import Welcome

        self._unasked = False
        self.search: Any = None  # the popups, made when first asked for
        self.commands: Any = None
        self.finder: Any = None
        self.editor = Editor(parent=self)
        self.breadcrumb = Breadcrumb(self.editor, self.theme)
        self.canvas = Canvas(self.editor, self.theme)
        self.welcome = Welcome(self)
        self.files = Files(self)
        self.presentation = Presentation(self)
        self._fill_pages()
        self.toolbar.follow(self.editor, self.files)
        self.docks.fill(self.editor)
        self.menus = Menus(self)
        self.statusBar().follow(self.editor)
        self._connect()
        for name in CANVAS_SETTINGS:
            setattr(self.canvas, name, self.application.settings.get(f"canvas/{name}", getattr(self.canvas, name)))
        self.setAcceptDrops(True)
        self.refresh_title()
        super().fill()

    def _fill_pages(self) -> None:
        empty, page = self._pages.widget(0), QWidget()
        rows = QVBoxLayout(page)
        rows.addWidget(self.breadcrumb)
        rows.addWidget(self.canvas, 1)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        for shown in (page, self.welcome):
            self._pages.addWidget(shown)
        self._pages.removeWidget(empty)
        empty.deleteLater()

    def _connect(self) -> None:
        from .chrome import popups

        self.application.theme_changed.connect(self.set_theme)
        self.editor.changed.connect(self._follow)
        self.files.changed.connect(self.refresh_title)
        self.editor.viewed.connect(lambda _: self.panel("tensor"))
        self.statusBar().problems_wanted.connect(lambda: self.panel("problems"))
        self.canvas.search_wanted.connect(self.open_search)
        self.editor.add_wanted.connect(lambda name: popups.add_in_view(self, name))
        self.canvas.rename_wanted.connect(lambda id: popups.rename(self, id))

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
        from .welcome.page import dropped_files

        if dropped_files(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        from .welcome.page import dropped_files

        first, *others = dropped_files(event.mimeData())
        event.acceptProposedAction()
        self.files.open(first)
        for path in others:
            self.application.open_window(path)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not (self.is_filled and self.presentation.press(event)):  # what nothing in the window has taken
            super().keyPressEvent(event)

    def close_unasked(self) -> None:
        """Close; whether anything may be lost has been asked."""
        self._unasked = True
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self.is_filled:
            super().closeEvent(event)
            return
        if not (self._unasked or self.files.may_lose()):
            event.ignore()
            return
        if self.presentation.on:
            self.presentation.end()
        settings = self.application.settings
        settings.set_bytes(f"{self.remembered}/geometry", self.saveGeometry())
        self.docks.remember(settings, self.remembered)
        settings.save()
        self.files.give_up()
        self.welcome.stop()
        self.editor.close()
        self.application.forget(self)
        event.accept()
