"""Lists whose rows are about nodes: actions on a node act on that of the row, by their keys and from its menu."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QMenu

from ..panels.diagnosis import DiagnosisPanel
from ..panels.printed import PrintedPanel
from ..panels.problems import ProblemsPanel

if TYPE_CHECKING:
    from ..window import Window

Panel = DiagnosisPanel | PrintedPanel | ProblemsPanel


class NodeRows(QObject):
    """Of one window. `refresh` enables what can be done, and `free` makes keys work again when a menu closes."""

    def __init__(self, window: Window, refresh: Callable[[], None], free: Callable[[], None]) -> None:
        super().__init__(window)
        self._window, self._refresh, self._free = window, refresh, free
        self._actions: list[QAction] = []
        every = window.docks.panels.values()
        self._panels: list[Panel] = [panel for panel in every if isinstance(panel, Panel)]
        for panel in self._panels:
            panel.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
            panel.list.customContextMenuRequested.connect(lambda point, panel=panel: self._offer(panel, point))

    def add(self, action: QAction, by_key: bool) -> None:
        """Offer an action on rows; `by_key`: its keys would not be heard there by themselves."""
        self._actions.append(action)
        for panel in self._panels if by_key else ():
            panel.list.addAction(action)

    def take(self) -> None:
        """Select the node of the row that has the keyboard, and bring it into view; where none has, nothing."""
        focus = QApplication.focusWidget()
        for panel in self._panels:
            if focus is panel.list and panel.row_node is not None:
                self._show(panel.row_node)

    def _show(self, node: str) -> None:
        editor = self._window.editor
        answer = editor.spotlight.answer
        if answer is not None and answer.shown != node:
            editor.spotlight.end_answer()  # it was about another node
        if editor.selection != {node} or editor.active != node:
            editor.show(node)

    def _offer(self, panel: Panel, point: QPoint) -> None:
        """The menu of a row: of that beneath the pointer, which a press has made the current one."""
        if panel.row_node is None:
            return
        self._show(panel.row_node)
        menu, row = QMenu(self._window), panel.list.currentIndex()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addActions(self._actions)
        menu.setToolTipsVisible(True)  # what cannot be done says why
        menu.aboutToShow.connect(self._refresh)
        menu.aboutToHide.connect(self._free)
        if panel.list.indexAt(point) != row:
            point = panel.list.visualRect(row).center()
        menu.popup(panel.list.viewport().mapToGlobal(point))
