"""The way from the top of the graph to the group that is entered; each step back is a click."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QWidget

from ..look.theme import Theme

if TYPE_CHECKING:
    from ..editor import Editor


class Breadcrumb(QWidget):
    """Stands above the canvas while the graph has groups."""

    def __init__(self, editor: Editor, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._editor = editor
        self._shown: list[tuple[str | None, str]] | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(10, 2, 10, 2)
        self._row.setSpacing(2)
        self._row.addStretch(1)
        for signal in (editor.changed, editor.replaced, editor.group_changed):
            signal.connect(self.refresh)
        self.set_theme(theme)
        self.refresh()

    def refresh(self) -> None:
        """Show the way as it is now."""
        editor = self._editor
        graph = editor.graph
        way = [*reversed([id for id in graph.chain(editor.group) if id is not None])]
        steps: list[tuple[str | None, str]] = [(None, "Graph"), *((id, graph.group(id).name) for id in way)]
        self.setVisible(bool(graph.groups))
        if steps == self._shown:
            return
        self._shown = steps
        while self._row.count() > 1:
            self._row.takeAt(0).widget().deleteLater()
        for place, (group, name) in enumerate(steps):
            if place:
                self._row.insertWidget(self._row.count() - 1, QLabel("›"))
            button = QToolButton(text=name)
            button.setToolTip(f"Show {name}" if place < len(steps) - 1 else f"{name} is shown")
            button.setEnabled(place < len(steps) - 1)
            button.clicked.connect(lambda _=False, group=group: editor.enter(group))
            self._row.insertWidget(self._row.count() - 1, button)

    def set_theme(self, theme: Theme) -> None:
        """Draw with the colours of another theme."""
        self.setStyleSheet(f"Breadcrumb {{ background: {theme.panel}; border-bottom: 1px solid {theme.line}; }}")
