"""The panels of plugins in the docks of one window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from ..panels import PANELS as OWN
from ..panels import Panel
from .host import PANELS, Make

if TYPE_CHECKING:
    from ..window import Window


class AddedDocks:
    """Follows what plugins bring: each panel in a dock of its own, with its entry in the menu of panels."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self._shown: dict[str, tuple[Panel, Make]] = {}

    def follow(self) -> None:
        """Show what has come, and take away what is gone."""
        there = {added[0].id: added for added in PANELS}
        for id in [id for id, shown in self._shown.items() if there.get(id) is not shown]:
            self._remove(id)
        for id, (kind, make) in there.items():
            if id not in self._shown:
                self._add(kind, make(self._window.editor, self._window.theme))
                self._shown[id] = there[id]

    def _add(self, kind: Panel, widget: QWidget) -> None:
        """Where it was when it was last here, else behind the others of its side."""
        window, docks = self._window, self._window.docks
        dock = docks.make(kind)
        docks.put(kind, widget)
        if not window.restoreDockWidget(dock):
            beside = docks.docks[next(each.id for each in OWN if each.area == kind.area)]
            window.addDockWidget(window.dockWidgetArea(beside), dock)
            window.tabifyDockWidget(beside, dock)
        window.menus.menus["View/Panels"].addAction(dock.toggleViewAction())

    def _remove(self, id: str) -> None:
        docks = self._window.docks
        del self._shown[id], docks.panels[id]
        dock = docks.docks.pop(id)
        self._window.removeDockWidget(dock)
        dock.deleteLater()
