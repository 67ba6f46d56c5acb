"""Menus and keys of a window, made from the table of actions.

What cannot be done is grey while its menu is open. Keys ask at the moment they are pressed: an action that was greyed
out beforehand would lose a key that comes right behind the edit which makes it possible.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QApplication, QMenu, QWidget

from ..actions import ACTIONS, Action
from ..files.examples import lessons, title_of
from ..panels import PANELS
from ..window import MENUS
from .node_rows import NodeRows

if TYPE_CHECKING:
    from ..window import Window

TRAINED = "data"  # the first of the panels that are about data and training, which a line parts from the others


class Menus(QObject):
    """The actions of one window as Qt's, in its menus, with the keys of the keymap."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        self.actions: dict[str, QAction] = {}
        self.menus: dict[str, QMenu] = {}
        self._version = ACTIONS.version
        self.rows = NodeRows(window, self.refresh, self._free)
        for action in ACTIONS:
            self._add(action)
        self._add_recent()
        self._add_lessons()
        self._add_panels()
        self.bind_keys()
        window.application.keymap_changed.connect(self.bind_keys)
        window.editor.questions.mending.found.connect(self._learn)
        window.editor.findings.mends.found.connect(self._learn)

    def _menu(self, path: str) -> QMenu:
        if path not in self.menus:
            above, _, name = path.rpartition("/")
            menu = self._menu(above).addMenu(name) if above else self._top(name)
            menu.aboutToShow.connect(self.refresh)
            menu.aboutToHide.connect(self._free)
            self.menus[path] = menu
        return self.menus[path]

    def _top(self, name: str) -> QMenu:
        """One of the menu bar; what plugins bring stands in one of its own before Help."""
        tops = self._window.menus_at_top
        if name not in tops:
            tops[name] = QMenu(name, self._window)
            self._window.menuBar().insertMenu(tops[MENUS[-1]].menuAction(), tops[name])
        return tops[name]

    def follow(self) -> None:
        """Take in the actions that plugins have brought since, and let go of those that they took away."""
        if self._version == ACTIONS.version:
            return
        self._version = ACTIONS.version
        for id in set(self.actions).difference(ACTIONS.names()):
            self.actions.pop(id).deleteLater()
        for action in ACTIONS:
            if action.id not in self.actions:
                self._add(action)
        for name in set(self._window.menus_at_top).difference(MENUS):
            top = self._window.menus_at_top[name]
            top.menuAction().setVisible(any(made in self.actions.values() for made in top.actions()))
        self.bind_keys()

    def _add(self, action: Action) -> None:
        made = QAction(f"{action.text}\t{action.tap}" if action.tap else action.text, self)
        made.setToolTip(action.about or action.text)
        made.setStatusTip(action.about)
        made.setCheckable(action.checked is not None)
        made.triggered.connect(lambda: self.start(action))
        on_canvas, context = action.focus == "canvas", Qt.ShortcutContext  # typed into a field, letters are letters
        made.setShortcutContext(context.WidgetWithChildrenShortcut if on_canvas else context.WindowShortcut)
        for widget in _widgets(self._window, action):
            widget.addAction(made)
        if action.menu:
            if action.line:  # before a submenu that begins here the line is in the menu around it
                above = action.menu.rpartition("/")[0]
                self._menu(above if above and action.menu not in self.menus else action.menu).addSeparator()
            self._menu(action.menu).addAction(made)
            if action.refusal is not None:
                self._menu(action.menu).setToolTipsVisible(True)
        if action.on_rows:
            self.rows.add(made, by_key=on_canvas)
        self.actions[action.id] = made

    def _add_recent(self) -> None:
        menu = QMenu("Open recent", self._window)
        menu.aboutToShow.connect(lambda: self._fill_recent(menu))
        self._put_behind("file.open", menu)
        self.menus["File/Open recent"] = menu

    def _fill_recent(self, menu: QMenu) -> None:
        menu.clear()
        recent = self._window.application.recent
        for path in recent.paths():
            menu.addAction(f"{path.name}  —  {path.parent}", partial(self._window.files.open, path))
        if menu.isEmpty():
            menu.addAction("No files yet").setEnabled(False)
        else:
            menu.addSeparator()
            menu.addAction("Clear the list", recent.forget)

    def _add_lessons(self) -> None:
        menu = QMenu("Lessons", self._window)
        for number, path in enumerate(lessons(), 1):
            menu.addAction(f"{number}. {title_of(path)}", partial(self._window.files.open_example, path))
        self._put_behind("file.welcome", menu)
        self.menus["File/Lessons"] = menu

    def _put_behind(self, id: str, menu: QMenu) -> None:
        """Put a submenu into the File menu, beneath an action of it."""
        entries = self._menu("File").actions()
        self._menu("File").insertMenu(entries[entries.index(self.actions[id]) + 1], menu)

    def _add_panels(self) -> None:
        menu = self._menu("View").addMenu("Panels")
        toggles = dict(zip((panel.id for panel in PANELS), self._window.docks.toggles(), strict=True))
        beneath = [toggles[panel.id] for panel in PANELS if panel.area == "bottom"]
        menu.addActions([toggle for toggle in toggles.values() if toggle not in beneath])
        for some in (beneath[: beneath.index(toggles[TRAINED])], beneath[beneath.index(toggles[TRAINED]) :]):
            menu.addSeparator()
            menu.addActions(some)
        self.menus["View/Panels"] = menu

    def bind_keys(self) -> None:
        """Give all actions the keys of the keymap."""
        for action in ACTIONS:
            keys = self._window.application.keymap.keys(action)
            self.actions[action.id].setShortcuts([QKeySequence(key) for key in keys])

    def start(self, action: Action) -> None:
        """Do it, if it can be done now; else say why not, where that can be said."""
        if action.on_rows:
            self.rows.take()
        if action.enabled(self._window):
            with self._window.acts.doing(action):
                action.run(self._window)
        elif action.refusal is not None and self._window.shows_canvas and (why := action.refusal(self._window)):
            self._window.tell(why, "refusal")

    def refresh(self) -> None:
        """Enable what can be done, and tick what is on."""
        for action in ACTIONS:
            made = self.actions[action.id]
            can = action.enabled(self._window)
            made.setEnabled(can)
            if action.refusal is not None:  # what cannot be done says why
                why = "" if can else action.refusal(self._window)
                made.setToolTip(why or action.about or action.text)
                made.setStatusTip(made.toolTip())
            if action.checked is not None:
                made.setChecked(action.checked(self._window))

    def _learn(self) -> None:
        """What an open menu offers is known only now."""
        if isinstance(QApplication.activePopupWidget(), QMenu):
            self.refresh()

    def _free(self) -> None:
        for made in self.actions.values():
            made.setEnabled(True)


def _widgets(window: Window, action: Action) -> list[QWidget]:
    """Where its keys act: those of the canvas that are about a moment also at the timeline, where lessons begin."""
    if action.focus != "canvas":
        return [window]
    timeline = window.toolbar.stepper
    if timeline is None or not (action.menu or "").startswith("Step"):
        return [window.canvas]
    return [window.canvas, timeline.track]
