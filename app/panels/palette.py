"""All ops and layers by section: to search, to drag onto the canvas, or to add by a double-click or Enter."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QMimeData, QModelIndex, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QLineEdit, QVBoxLayout, QWidget

from ...core.ops.formulas import unicode_formula
from ..chrome.own_rows import OwnRows
from ..editing.adding import MIME
from ..lists.marked import marked
from ..lists.view import ListView, Row
from ..look.theme import Theme
from ..search.candidates import Entry, candidates, entries
from ..search.filters import refusal
from ..search.sections import PLACES
from ..search.words import LAYER, OWN

if TYPE_CHECKING:
    from ..editor import Editor


class PaletteList(ListView):
    """The list of the palette: Left closes the section that the keyboard is in, Right opens it."""

    def __init__(self, theme: Theme, parent: PalettePanel) -> None:
        super().__init__(theme, parent, by_click=False, over_sections=True)
        self._palette = parent
        self.rows.mime = parent.dragged
        self.setDragEnabled(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self._palette.fold(self.current, event.key() == Qt.Key.Key_Left)
        else:
            super().keyPressEvent(event)


class PalettePanel(QWidget):
    """What can be added. `Wishes.add` asks the canvas for it; a drag carries it as `MIME`."""

    def __init__(self, editor: Editor, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.editor = editor
        self.theme = theme
        self.closed: set[str] = set()  # headings of the sections that are folded
        self.shown: list[Entry | str] = []  # a heading, or what can be added
        self.field = QLineEdit(self)
        self.field.setPlaceholderText("Search ops (Tab)")
        self.field.setAccessibleName("Search ops")
        self.field.setClearButtonEnabled(True)
        self.list = PaletteList(theme, self)
        self.list.setAccessibleName("Ops and layers")
        self.list.steer(self.field)
        for widget in (self.field, self.list):
            widget.installEventFilter(self)
        OwnRows(editor, self.list, self._own_at)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 4, 4)
        layout.setSpacing(6)
        layout.addWidget(self.field)
        layout.addWidget(self.list, 1)
        self.field.textChanged.connect(lambda _: self.refresh())
        self.list.chosen.connect(self._choose)
        self.list.clicked.connect(self._click)
        self.list.doubleClicked.connect(self._double_click)
        editor.replaced.connect(self.refresh)
        editor.own_layers.changed.connect(self.refresh)
        editor.catalogues_changed.connect(self.refresh)
        self.refresh()

    def set_theme(self, theme: Theme) -> None:
        self.theme = theme
        self.list.set_theme(theme)

    def refresh(self) -> None:
        """Show the sections, or what meets the text typed, best first."""
        text = self.field.text()
        self.shown = [*candidates(self.editor, text)] if text.strip() else self._by_section()
        self.list.empty = refusal(text) or "No op or layer has this name"
        self.list.show_rows(len(self.shown), self._row, None if text.strip() else -1)

    def _by_section(self) -> list[Entry | str]:
        sections: dict[str, list[Entry]] = {name: [] for name in PLACES}
        for entry in entries(self.editor):
            sections[entry.section].append(entry)
        shown: list[Entry | str] = []
        for name, inside in sections.items():
            if inside:
                shown += [name, *([] if name in self.closed else inside)]
        return shown

    def _row(self, index: int) -> Row:
        entry = self.shown[index]
        if isinstance(entry, str):
            tip = f"Click to {'open' if entry in self.closed else 'close'} this section"
            return Row(entry, mark="closed" if entry in self.closed else "open", section=True, tip=tip)
        note = entry.note if self.field.text().strip() else ""
        if entry.refusal:
            return Row(entry.title, mark="error", faded=True, tip=html.escape(entry.refusal))
        colour = self.theme.title(entry.category)
        return Row(entry.title, entry.detail, note, found=entry.found, colour=colour, tip=_tip(entry), cut=True)

    def _own_at(self, row: int) -> str | None:
        """The layer of the user's own in a row."""
        entry = self.shown[row] if 0 <= row < len(self.shown) else ""
        return entry.title if isinstance(entry, Entry) and entry.name.startswith(OWN) else None

    # What one does with a row.

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """F1 here is about the row that is chosen, not about the node on the canvas."""
        if not isinstance(event, QKeyEvent) or event.key() != Qt.Key.Key_F1 or event.modifiers():
            return super().eventFilter(watched, event)
        entry = self.shown[self.list.current] if 0 <= self.list.current < len(self.shown) else ""
        if isinstance(entry, str):
            return super().eventFilter(watched, event)
        if event.type() == QEvent.Type.KeyPress:
            self.editor.wishes.card.emit(entry.name)
        event.accept()  # else it would be the key of the window's action
        return True

    def dragged(self, row: int) -> QMimeData | None:
        """What a drag of this row carries to the canvas."""
        entry = self.shown[row]
        if isinstance(entry, str) or entry.refusal:
            return None
        data = QMimeData()
        data.setData(MIME, entry.name.encode())
        data.setText(entry.title)
        return data

    def fold(self, row: int, close: bool) -> None:
        """Close or open the section that the row is in."""
        heading_row = next((i for i in range(row, -1, -1) if isinstance(self.shown[i], str)), None)
        if heading_row is None:
            return
        name = str(self.shown[heading_row])
        if close != (name in self.closed):
            self.closed.symmetric_difference_update({name})
            self.shown = self._by_section()
            self.list.show_rows(len(self.shown), self._row, heading_row)
        elif close:
            self.list.go_to(heading_row)

    def _choose(self, row: int) -> None:
        entry = self.shown[row]
        if isinstance(entry, str):
            self.fold(row, entry not in self.closed)
        elif entry.refusal:
            self.editor.told.emit(entry.refusal, "refusal")
        else:
            self.editor.wishes.add.emit(entry.name)

    def _click(self, index: QModelIndex) -> None:
        if isinstance(self.shown[index.row()], str):
            self._choose(index.row())

    def _double_click(self, index: QModelIndex) -> None:
        if not isinstance(self.shown[index.row()], str):
            self._choose(index.row())


def _tip(entry: Entry) -> str:
    """The name as it stands in files and code, the formula, and what it does."""
    own = entry.name.startswith(OWN)
    plain = "" if own else html.escape(entry.name.removeprefix(LAYER))
    doc = "<br><br>".join(marked(" ".join(part.split())) for part in entry.doc.split("\n\n"))
    formula = f"<p style='margin: 6px 0'>{html.escape(unicode_formula(entry.formula))}</p>" if entry.formula else ""
    kind = "layer of your own" if own else "layer" if entry.name.startswith(LAYER) else "op"
    return f"<div><b>{html.escape(entry.title)}</b> &nbsp; {kind} {plain}{formula}<p>{doc}</p></div>"
