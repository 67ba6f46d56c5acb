"""The panels around the canvas: each in a dock that can be moved, tabbed, hidden, and comes back as it was."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QGuiApplication, QKeyEvent, QMoveEvent, QResizeEvent
from PySide6.QtWidgets import QDockWidget, QTabWidget, QWidget

from ..look.theme import Theme
from ..panels import PANELS, Panel
from ..settings import Settings
from . import standing
from .bottom import Bottom
from .focus import step_back, step_within
from .tab_clicks import TabClicks
from .title_bar import TitleBar

if TYPE_CHECKING:
    from ..editor import Editor
    from ..window import Window

_AREAS = {
    "left": Qt.DockWidgetArea.LeftDockWidgetArea,
    "right": Qt.DockWidgetArea.RightDockWidgetArea,
    "bottom": Qt.DockWidgetArea.BottomDockWidgetArea,
}
_SIZES = {"left": 210, "right": 300}  # logical pixels at first
_MOST = {"left": 0.23, "right": 0.33}  # of a small window's width: the graph needs the most
ASIDE = QPoint(-40, 40)  # from where a panel was docked to where it floats
FLOATING = 0.6  # of the height that it had
SETTLED = 700  # milliseconds after the last change of the arrangement, which is then stored
HAIR = "\u200a"  # the narrowest space there is
_VERSION = 1  # of the stored arrangement: an older one is not taken


class Dock(QDockWidget):
    """One panel's. `moved`: it stands elsewhere, or is larger or smaller; `turned`: it floats, is tabbed, is shown.

    Escape that nothing in it takes: `left`.
    """

    moved = Signal()
    turned = Signal()
    left = Signal()

    def __init__(self, kind: Panel, window: Window) -> None:
        super().__init__(kind.title, window)
        self.kind, self._window = kind, window
        self.setObjectName(f"dock-{kind.id}")
        for happened in (self.topLevelChanged, self.dockLocationChanged, self.visibilityChanged):
            happened.connect(lambda *_: self.turned.emit())

    def show_title(self, title: str) -> None:
        """On its tab as well: as wide with what may stand behind it as without, so that no other tab moves."""
        if self.kind.behind:
            metrics = self._window.fontMetrics()
            wide = metrics.horizontalAdvance(self.kind.title + self.kind.behind)
            while metrics.horizontalAdvance(title) < wide:
                title += HAIR
        self.setWindowTitle(title)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.moved.emit()

    def moveEvent(self, event: QMoveEvent) -> None:
        super().moveEvent(event)
        self.moved.emit()

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab: to what is read next in the panel, and only then to what is beyond it."""
        return step_within(self, forward) or super().focusNextPrevChild(forward)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)


def _divide(window: Window) -> None:
    """Left and right reach from toolbar to status bar; what is at the bottom stands beneath the canvas."""
    window.setDockNestingEnabled(True)
    window.setAnimated(False)  # Qt begins an animation of each dock whenever anything in the window is laid out
    window.setCorner(Qt.Corner.BottomLeftCorner, _AREAS["left"])
    window.setCorner(Qt.Corner.BottomRightCorner, _AREAS["right"])
    window.setTabPosition(_AREAS["bottom"], QTabWidget.TabPosition.North)


class Docks:
    """The docks of one window."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self.panels: dict[str, QWidget] = {}
        self.docks: dict[str, Dock] = {}
        self._restoring = False
        self._bottom = Bottom(window)
        self._soon = QTimer(window, singleShot=True, interval=0)
        for follow in (self._show_titles, TabClicks(window, self.docks).hear):
            self._soon.timeout.connect(follow)
        self._settled = QTimer(window, singleShot=True, interval=SETTLED)
        self._settled.timeout.connect(self._store)
        _divide(window)
        for kind in PANELS:
            self.make(kind)

    def make(self, kind: Panel) -> Dock:
        """A dock, which is nowhere yet."""
        dock = self.docks[kind.id] = Dock(kind, self._window)
        dock.setTitleBarWidget(self._title_bar(dock))
        dock.turned.connect(self._soon.start)
        for happened in (dock.turned, dock.moved):
            happened.connect(self._settled.start)
        dock.left.connect(partial(step_back, self._window))
        dock.topLevelChanged.connect(partial(self._step_aside, dock))
        return dock

    def fill(self, editor: Editor) -> None:
        """Put the panels into their docks."""
        for kind in PANELS:
            self.put(kind, kind.load()(editor, self._window.theme))

    def put(self, kind: Panel, panel: QWidget) -> None:
        """Put a panel into its dock."""
        dock = self.docks[kind.id]
        dock.setWidget(panel)
        panel.windowTitleChanged.connect(dock.show_title)  # "Problems (3)"
        dock.show_title(panel.windowTitle() or kind.title)
        self.panels[kind.id] = panel

    def _arrange(self) -> None:
        """As at first: one left, one right, the others as tabs at the bottom."""
        last: dict[str, QDockWidget] = {}
        for dock in self.docks.values():
            kind = dock.kind
            self._window.addDockWidget(_AREAS[kind.area], dock)
            if kind.area in last:
                self._window.tabifyDockWidget(last[kind.area], dock)
            last[kind.area] = dock
        first = {kind.area: self.docks[kind.id] for kind in reversed(PANELS)}
        for area in first.keys() & _SIZES.keys():
            size = min(_SIZES[area], round(_MOST[area] * self._window.width()))
            self._window.resizeDocks([first[area]], [size], Qt.Orientation.Horizontal)
        self._bottom.arrange(first["bottom"])
        for dock in first.values():
            dock.raise_()

    def _show_titles(self) -> None:
        """A panel among tabs has its title there, and is dragged by it; any other one has a title bar."""
        for dock in self.docks.values():
            tabbed = any(not other.isHidden() for other in self._window.tabifiedDockWidgets(dock))
            bare = tabbed and not dock.isFloating()
            if bare == isinstance(dock.titleBarWidget(), TitleBar):
                dock.titleBarWidget().deleteLater()
                dock.setTitleBarWidget(QWidget() if bare else self._title_bar(dock))

    def _title_bar(self, dock: QDockWidget) -> TitleBar:
        bar = TitleBar(dock)
        bar.dress(self._window.theme, self._window.application.shown_scale)
        return bar

    def _step_aside(self, dock: QDockWidget, floating: bool) -> None:
        """A panel that was let float by a click leaves its place, so that this is seen, and the minimap is too."""
        if floating and not self._restoring and not QGuiApplication.mouseButtons():  # not one that is dragged
            dock.resize(dock.width(), round(dock.height() * FLOATING))
            dock.move(dock.pos() + ASIDE)

    def raise_floating(self) -> None:
        """Bring panels that float before the window, which has been shown after them."""
        for dock in self.docks.values():
            if dock.isFloating() and not dock.isHidden():
                dock.raise_()

    def reset(self) -> None:
        """Put all panels back where they were at first."""
        for dock in self.docks.values():
            dock.setFloating(False)
            dock.show()
        self._arrange()

    def show(self, id: str) -> QWidget:
        """Bring a panel into view."""
        dock = self.docks[id]
        dock.show()
        dock.raise_()
        return self.panels[id]

    def toggles(self) -> list[QAction]:
        """An action for each panel that hides and shows it."""
        return [dock.toggleViewAction() for dock in self.docks.values()]

    def state(self) -> QByteArray:
        """Where everything is."""
        return self._window.saveState(_VERSION)

    def restore(self, state: QByteArray) -> bool:
        """Put everything as it was; False where the state is of another version or damaged."""
        self._restoring = True
        restored = not state.isEmpty() and self._window.restoreState(state, _VERSION)
        self._restoring = False
        return restored

    def _store(self) -> None:
        """Have the arrangement on the disk, for other windows and after a crash; not that of a presentation."""
        window = self._window
        if window.is_filled and window.isVisible() and not window.presentation.on:
            standing.remember(window)

    def remember(self, settings: Settings, name: str) -> None:
        """Put down where everything is, and which panels there are, under the window's name."""
        settings.set(f"{name}/panels", [kind.id for kind in PANELS])
        settings.set_bytes(f"{name}/docks", self.state())

    def recall(self, settings: Settings, name: str) -> bool:
        """Put everything as it was; not where there are other panels by now, which would be squeezed in.

        A window that was never open before begins as the first one.
        """
        for known in (name, "window"):
            same = settings.get(f"{known}/panels", []) == [kind.id for kind in PANELS]
            if same and self.restore(settings.bytes(f"{known}/docks")):
                return True
        if (layout := self._window.layout()) is not None:
            layout.activate()  # else there is nothing yet to be resized
        self._arrange()
        return False

    def set_theme(self, theme: Theme) -> None:
        """Tell all panels."""
        for panel in self.panels.values():
            panel.set_theme(theme)  # type: ignore[attr-defined]
        for dock in self.docks.values():
            if isinstance(bar := dock.titleBarWidget(), TitleBar):
                bar.dress(theme, self._window.application.shown_scale)
