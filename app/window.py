"""A window: what of it is painted first, its own events, and all that actions may ask of it.

The first window of a process is painted with everything where it stays, and filled after that. So nothing imported
here imports NumPy or `core`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QKeyEvent, QPaintEvent
from PySide6.QtWidgets import QMainWindow, QMenu, QWidget

from .chrome import standing
from .chrome.docks import Docks
from .chrome.middle import Middle
from .chrome.status import Status
from .chrome.toolbar import Toolbar
from .files.dropping import dropped_files
from .look.theme import Theme

if TYPE_CHECKING:
    from .application import Application
    from .canvas.canvas import Canvas
    from .chrome.breadcrumb import Breadcrumb
    from .chrome.canvas_settings import CanvasSettings
    from .chrome.jobs import Jobs
    from .chrome.menus import Menus
    from .chrome.popups import Popups
    from .chrome.presentation import Presentation
    from .echoing.acts import Acts
    from .echoing.macros import Macros
    from .editor import Editor
    from .files.filing import Files
    from .training.left_runs import LeftRuns
    from .welcome.page import Welcome

UNPAINTED_FOR = 1000  # milliseconds until a window is filled that nobody sees, as one that starts minimised
# Of the menu bar, in this order; a menu that is not named here stands before Help.
MENUS = ("File", "Edit", "Graph", "Arrange", "Step", "Train", "View", "Export", "Help")


class Window(QMainWindow):
    """One document with its panels, filled at once or when it has been painted. All it does is an action of `ACTIONS`.

    Actions ask its parts: the application, the docks, and once it is filled those that are declared here.
    """

    filled = Signal()  # the contents are there

    editor: Editor
    canvas: Canvas
    canvas_settings: CanvasSettings
    breadcrumb: Breadcrumb
    welcome: Welcome
    files: Files
    left_runs: LeftRuns
    acts: Acts
    macros: Macros
    popups: Popups
    jobs: Jobs
    presentation: Presentation
    menus: Menus

    def __init__(self, application: Application, at_once: bool) -> None:
        super().__init__()
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.application, self.theme = application, application.theme
        self.number = application.free_number()
        self.middle = Middle(self.theme)
        self.bars = self.middle.bars
        self.setCentralWidget(self.middle)
        self.menus_at_top: dict[str, QMenu] = {name: self.menuBar().addMenu(name) for name in MENUS}
        self.toolbar = Toolbar(self)
        self.addToolBar(self.toolbar)
        self.docks = Docks(self)
        self.status = Status(self.theme)
        self.setStatusBar(self.status)
        standing.recall(self)
        self.is_filled = False
        self._unasked = False
        self._soon = QTimer(self, singleShot=True, interval=UNPAINTED_FOR)
        self._soon.timeout.connect(self.fill)
        self.fill() if at_once else self._soon.start()

    def fill(self) -> None:
        """Put the contents in."""
        from . import contents  # here, not above: this is what takes long to load

        contents.put_into(self)
        self.setAcceptDrops(True)
        self.refresh_title()
        self.is_filled = True
        self.filled.emit()

    # What is shown.

    @property
    def shows_canvas(self) -> bool:
        """Whether the graph is shown, not the welcome page."""
        return self.middle.shows_canvas

    def show_canvas(self) -> None:
        """Show the graph, and give it the keyboard."""
        self.middle.show_canvas()
        self.canvas.setFocus()

    def show_welcome(self) -> None:
        """Show the examples as pictures, and what earlier sessions left unsaved."""
        self.middle.show_welcome()
        self.welcome.refresh()
        self.files.offers.show_unsaved()

    def panel(self, id: str) -> QWidget:
        """Bring a panel into view."""
        return self.docks.show(id)

    def tell(self, text: str, kind: str = "note") -> None:
        """A line in the status bar; `kind` is "note" or "refusal"."""
        self.status.message.tell(text, kind)

    def zoom(self, factor: float | None) -> None:
        """Show the graph larger or smaller by a factor, None: at its own size."""
        self.canvas.zoom_to(1.0 if factor is None else self.canvas.view.scale * factor)

    def come_forward(self) -> None:
        """Show this window above the others, with the keyboard."""
        if self.isMinimized():
            self.showNormal()
        self.raise_()
        self.activateWindow()

    def show_change(self, _: object) -> None:
        """Show that the document was edited."""
        self.refresh_title()
        self.middle.show_canvas()  # a panel may have been used while the welcome page stood there

    def refresh_title(self) -> None:
        """Name and dirty mark."""
        self.setWindowTitle(f"{self.files.name}[*]")
        self.setWindowModified(self.editor.home.document.dirty)

    def set_theme(self, theme: Theme | None = None) -> None:
        """Draw with the colours of another theme; None: anew with its own, as fonts and icons have changed."""
        self.theme = theme or self.theme
        for part in (self.bars, self.breadcrumb, self.canvas, self.welcome, self.toolbar, self.docks, self.status):
            part.set_theme(self.theme)

    # Its own events.

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._soon.isActive():
            self._soon.start(0)  # when the rest of the window has been painted as well

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not (self.is_filled and self.presentation.press(event)):  # what nothing in the window has taken
            super().keyPressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dropped_files(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        first, *others = dropped_files(event.mimeData())
        event.acceptProposedAction()
        self.files.open(first)
        for path in others:
            self.application.open_window(path)

    def close_unasked(self) -> None:
        """Close; whether anything may be lost has been asked."""
        self._unasked = True
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        if self.is_filled and not (self._unasked or self.files.may_lose(closing=True)):
            event.ignore()
            return
        self._soon.stop()
        if self.is_filled:
            self._let_go()
        self.application.forget(self)
        event.accept()

    def _let_go(self) -> None:
        if self.presentation.on:
            self.presentation.end()
        standing.remember(self)
        self.files.safekeeping.give_up()
        self.welcome.stop()
        self.editor.close()
