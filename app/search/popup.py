"""The search that adds a node, or puts another op in a node's place: typed, and only what fits."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QWidget

from ..editing import add, seen_name, seen_port, swap
from ..lists.popup import ListPopup
from ..lists.view import Row
from ..look.theme import Theme
from .candidates import Entry, candidates, swaps
from .filters import refusal
from .placing import Ends, corner, ends_of, parameters_for
from .words import display_name

if TYPE_CHECKING:
    from ...core.document import Change, Transaction
    from ...core.graph import Wire
    from ..canvas.places import Place
    from ..editor import Editor

KEPT = 8  # ops that are remembered as used lately


class SearchPopup(ListPopup):
    """Adds at a place, wired to what was dropped there, or swaps the op of a node. `added(id)` after either.

    With Shift what is chosen is wired behind the node that is selected, if nothing else was to be wired.
    """

    added = Signal(str)
    card_wanted = Signal(str)  # F1: what the chosen row would add, to be read about
    placeholder = "Search ops and layers; in:f32 and out:(N, 64) filter"

    def __init__(self, editor: Editor, theme: Theme, parent: QWidget | None = None) -> None:
        self.editor = editor
        self.place: Any = None
        self.swapped: str | None = None  # the node whose op is replaced
        self.recent: list[str] = []  # ops and layers, the latest first
        self.entries: list[Entry] = []
        self.behind: Callable[[], Place | None] = _nowhere  # where and what that is
        self.free = _as_asked  # where a new node covers no other one
        self.make_room: Callable[[Transaction, str, Wire], object] | None = None  # for what goes into a wire
        self.settle: Callable[[Transaction, str], object] | None = None  # for a layer, that it lies on nothing
        super().__init__(theme, parent)
        editor.replaced.connect(self.dismiss)
        editor.changed.connect(self._follow)

    def _follow(self, change: Change) -> None:
        """Close where the graph became another one: what was to be wired may be gone."""
        if change.semantic:
            self.dismiss()

    def open_at(self, place: Any, at: QPoint | None = None) -> None:
        """Search for what to add at a canvas `Place`; `at` is where that is on the screen."""
        self.place, self.swapped = place, None
        self.field.setPlaceholderText(self._asking())
        self._tell_key(self._wired_by_shift())
        self.open(at)

    def open_swap(self, id: str, at: QPoint | None = None) -> None:
        """Search for an op to put in the place of the node `id`, with its wires."""
        if id not in self.editor.graph.nodes:
            self.editor.told.emit("Only a node's op can be replaced; this is a group", "refusal")
            return
        self.place, self.swapped = None, id
        self.field.setPlaceholderText(f"Replace {self.editor.graph.path(id)} with …")
        self._tell_key("")
        self.open(at)

    def _asking(self) -> str:
        ends, graph = ends_of(self.editor, self.place), self.editor.graph
        shapes, group = self.editor.shapes, self.editor.group
        if ends.source is not None and ends.source.node in graph.nodes:
            start = seen_name(graph, ends.source.node, group)
            if ends.target is not None and ends.target in graph.nodes:
                return f"Insert between {start} and {seen_port(graph, ends.target, ends.port, group)}"
            return f"What takes {f'{start} {shapes.get(ends.source, str())}'.strip()}?"
        if ends.target is not None and ends.target in graph.nodes:
            return f"What feeds {seen_port(graph, ends.target, ends.port, group)}?"
        return self.placeholder

    def _tell_key(self, text: str) -> None:
        self.key.setText(text)
        self.key.setVisible(bool(text))

    def _wired_by_shift(self) -> str:
        """What Shift+Enter would do, nothing where there is nothing to be wired behind of."""
        if self.swapped is not None or ends_of(self.editor, self.place) != Ends():
            return ""
        behind = self.behind()
        if behind is None or behind.port is None:
            return ""
        return f"Shift+Enter wires it behind {seen_name(self.editor.graph, behind.port.id, self.editor.group)}"

    def refresh(self) -> None:
        text = self.field.text()
        if self.swapped is not None and self.swapped in self.editor.graph.nodes:
            self.entries = swaps(self.editor, self.swapped, text, self.recent)
        else:
            self.entries = candidates(self.editor, text, self.place, self.recent)
        self.list.empty = refusal(text) or self._why_empty()
        self.list.show_rows(len(self.entries), self._row)
        self._tell()

    def _why_empty(self) -> str:
        if self.place is not None and (self.place.port is not None or self.place.wire is not None):
            return "No op of this name fits here. Without a wire all are shown."
        return "No op or layer has this name"

    def _row(self, index: int) -> Row:
        entry = self.entries[index]
        colour = self.theme.title(entry.category)
        return Row(entry.title, entry.detail, entry.note, found=entry.found, colour=colour, cut=True)

    def footer_text(self, row: int) -> str:
        if not 0 <= row < len(self.entries):
            return ""
        return " ".join(self.entries[row].doc.split("\n\n")[0].split())

    def _choose(self, row: int) -> None:
        shift = bool(QGuiApplication.keyboardModifiers() & Qt.KeyboardModifier.ShiftModifier)
        if shift and self.swapped is None and ends_of(self.editor, self.place) == Ends():
            self.place = self.behind() or self.place
        super()._choose(row)

    def choose(self, row: int) -> None:
        entry = self.entries[row]
        id = self._add(entry) if self.swapped is None else self._swap(self.swapped, entry.name)
        if id is not None:
            self.recent = [entry.name, *(each for each in self.recent if each != entry.name)][:KEPT]
            self.added.emit(id)

    def _add(self, entry: Entry) -> str | None:
        ends = ends_of(self.editor, self.place)
        at = corner(self.editor.document.registry.get(entry.name), self.place, ends, entry.port)
        if self.make_room is None or self.place is None or self.place.wire is None:
            at = self.free(*at)
        params = parameters_for(self.editor, entry.name, ends)
        return add(self.editor, entry.name, at, self.place, params, entry.port, self.make_room, self.settle)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        row = self.list.current
        if event.key() == Qt.Key.Key_F1 and 0 <= row < len(self.entries):
            self.card_wanted.emit(self.entries[row].name)
        super().keyPressEvent(event)

    def _swap(self, id: str, name: str) -> str | None:
        label = f"Replace {self.editor.graph.path(id)} with {display_name(name)}"
        new = self.editor.attempt(label, lambda t: swap(t, id, name), source="search")
        if new is not None:
            self.editor.select([new], active=new)
        return new


def _nowhere() -> None:
    return None


def _as_asked(x: float, y: float) -> tuple[float, float]:
    return x, y
