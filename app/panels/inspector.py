"""The inspector: the page of what is selected, kept up to date."""

from __future__ import annotations

from collections.abc import Hashable

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ...core.document import Change
from ..editor import Editor
from ..inspecting.document_page import DocumentPage, document_key
from ..inspecting.group_page import GroupPage, group_key
from ..inspecting.node_page import NodePage, node_key
from ..inspecting.note_page import NotePage, note_key
from ..inspecting.page import SOURCE, Page
from ..inspecting.several_page import SeveralPage, several_key
from ..inspecting.sheet import sheet
from ..inspecting.steady import SteadyArea
from ..look.theme import Theme

PAGES = {"node": NodePage, "group": GroupPage, "note": NotePage}  # of one item


class InspectorPanel(QWidget):
    """Everything that can be set of what is selected; of the document while nothing is."""

    def __init__(self, editor: Editor, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.editor, self.theme = editor, theme
        self.page: Page | None = None
        self.scrolled = SteadyArea()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.scrolled)
        self.setMinimumWidth(200)
        self._timer = QTimer(self)  # many signals of one turn of the event loop are one refresh
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.refresh)
        for signal in (
            editor.changed,
            editor.selection_changed,
            editor.checked,
        ):
            signal.connect(self._later)
        editor.changed.connect(self._give_up)
        editor.replaced.connect(self.refresh)  # at once: the canvas paints another document before a timer ends
        editor.results_changed.connect(self._show_results)
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Show everything in the colours of another theme."""
        self.theme = theme
        self.setStyleSheet(sheet(theme))
        self.page = None
        self.refresh()

    def _later(self) -> None:
        if not self._timer.isActive():
            self._timer.start(0)

    def _give_up(self, change: Change) -> None:
        """A text that was refused goes when something else is set; that a node is moved is nothing to it."""
        if self.page is not None and (change.semantic or change.source == SOURCE):
            self.page.give_up(changed=change.source == SOURCE)

    def _show_results(self) -> None:
        """While a run goes on there are others many times a second."""
        if self.page is None or self.page.shows_results:
            self._later()

    def wanted(self) -> Hashable:
        """What is to be shown: compared with the page's key."""
        editor, graph = self.editor, self.editor.graph
        ids = [id for id in editor.selection if id in graph.nodes or id in graph.groups]
        if not ids:
            return document_key(editor)
        if len(ids) > 1:
            return several_key(editor)
        if ids[0] in graph.nodes:
            return node_key(editor, ids[0])
        return note_key(ids[0]) if graph.is_note(ids[0]) else group_key(editor, ids[0])

    def refresh(self) -> None:
        """Show what is selected as it is now; where something else is selected, by another page."""
        key = self.wanted()
        if self.page is not None and self.page.key == key:
            self.page.refresh()
            return
        at = self.scrolled.verticalScrollBar().value() if self.page is not None else 0
        same = self.page is not None and _first_two(self.page.key) == _first_two(key)
        self.page = self._make(key)
        self.scrolled.setWidget(self.page)
        self.scrolled.verticalScrollBar().setValue(at if same else 0)

    def _make(self, key: Hashable) -> Page:
        assert isinstance(key, tuple)
        if key[0] == "document":
            return DocumentPage(self.editor, self.theme)
        if key[0] == "several":
            return SeveralPage(self.editor, self.theme)
        return PAGES[key[0]](self.editor, self.theme, key[1])


def _first_two(key: Hashable) -> object:
    return key[:2] if isinstance(key, tuple) else key
