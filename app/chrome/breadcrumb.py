"""The way from the top of the graph to the group that is entered; each step back is a click."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QWidget

from ..look.theme import Theme

if TYPE_CHECKING:
    from ..editor import Editor


class Breadcrumb(QWidget):
    """Lies over a corner of the canvas while a group is entered: around all groups it would cover what is there."""

    def __init__(self, editor: Editor, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._editor = editor
        self._shown: list[tuple[str | None, str]] | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(6, 2, 6, 2)
        self._row.setSpacing(2)
        self._parts: list[QWidget] = []
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
        self.setVisible(bool(way))
        if steps == self._shown:
            return
        self._shown = steps
        while self._parts:
            self._parts.pop().deleteLater()
        for place, (group, name) in enumerate(steps):
            if place:
                self._add(QLabel("›"))
            button = QToolButton()
            button.setText(name)
            button.setToolTip(f"Show {name}" if place < len(steps) - 1 else f"{name} is shown")
            button.setEnabled(place < len(steps) - 1)
            button.clicked.connect(lambda _=False, group=group: editor.enter(group))
            self._add(button)

    def _add(self, part: QWidget) -> None:
        self._row.insertWidget(len(self._parts), part)
        self._parts.append(part)

    def set_theme(self, theme: Theme) -> None:
        """Draw with the colours of another theme."""
        self.setStyleSheet(
            f"Breadcrumb {{ background: {theme.panel}; border: 1px solid {theme.line}; border-top: 0; border-left: 0;"
            f" border-bottom-right-radius: 6px; }}"
        )
