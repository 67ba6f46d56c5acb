"""Wires by keyboard: choose where one begins and where it ends, or which one is taken off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QWidget

from ...core.errors import GradwireError
from ...core.graph import Source, Wire
from .. import editing
from ..lists.popup import ListPopup
from ..lists.view import Row
from ..look.theme import Theme
from .ports import Cut, Port, cuts, detail, judged, meeting, ports

if TYPE_CHECKING:
    from ...core.document import Change
    from ..editor import Editor

_ARROWS = ("->", "→")


class WirePopup(ListPopup):
    """Lists ports, at first all, then those that the chosen one can be connected to; or wires to take off.

    Instead of choosing twice a whole wire may be typed: `relu -> matmul.x`.
    """

    placeholder = "Connect which port? Or type a wire: relu -> matmul.x"

    def __init__(self, editor: Editor, theme: Theme, parent: QWidget | None = None) -> None:
        self.editor = editor
        self.found: list[Port] | list[Cut] = []
        self._ports: list[Port] = []
        self._cuts: list[Cut] | None = None  # None: it connects
        self._begun: Port | None = None
        self._typed: Wire | None = None  # the wire that was typed whole
        self._at: QPoint | None = None
        super().__init__(theme, parent)
        editor.replaced.connect(self.dismiss)
        editor.changed.connect(self._follow)

    def _follow(self, change: Change) -> None:
        """Close where the graph became another one: what is listed is of the one before."""
        if change.semantic:
            self.dismiss()

    def open_connect(self, at: QPoint | None = None) -> None:
        """Open with the ports of all nodes, the active one's first; `at` is where that is on the screen."""
        self._ports, self._cuts, self._begun, self._at = ports(self.editor), None, None, at
        self._open(self.placeholder)

    def open_disconnect(self, at: QPoint | None = None) -> None:
        """Open with all wires, the active node's first."""
        self._ports, self._cuts, self._begun, self._at = [], cuts(self.editor), None, at
        self._open("Take which wire off?")

    def _open(self, asking: str) -> None:
        self.field.setPlaceholderText(asking)
        self.field.setAccessibleName(asking)
        self.open(self._at)

    def refresh(self) -> None:
        text = self.field.text()
        self._typed = None
        if self._cuts is not None:
            self.found = meeting(self._cuts, text)
            self.list.empty = "No wire of this name" if self._cuts else "There are no wires"
        elif self._begun is None and any(arrow in text for arrow in _ARROWS):
            self.found = []
            self._read(text)
        else:
            met = meeting(self._ports, text)
            self.found = met if self._begun is None else judged(self.editor, self._begun, met)
            self.list.empty = "No port of this name" + (" can take this wire" if self._begun is not None else "")
        self.list.show_rows(len(self.found) or int(self._typed is not None), self._row)
        self._tell()

    def _read(self, text: str) -> None:
        """Take the text for a whole wire."""
        editor = self.editor
        graph, registry, checked = editor.graph, editor.registry, editor.checking.found
        try:
            wire = editing.read_link(graph, registry, text, editor.group, checked)
            said = editing.verdict(graph, registry, checked, *wire)
        except GradwireError as error:
            self.list.empty = str(error)
        else:
            self._typed = wire if said.allowed else None
            self.list.empty = said.text

    def _row(self, index: int) -> Row:
        if self._typed is not None:
            return Row(editing.connect_label(self.editor.graph, *self._typed))
        each = self.found[index]
        typed = self.field.text().strip()
        at = each.text.lower().find(typed.lower())
        letters = tuple(range(at, at + len(typed))) if at >= 0 else ()
        if isinstance(each, Cut):
            return Row(each.text, f"all {len(each.wires)} wires" if len(each.wires) > 1 else "", found=letters)
        unfit = each.said is not None and not each.said.fits
        about = detail(self.editor, each)
        return Row(each.text, about, "does not fit" if unfit else "", found=letters, faded=unfit)

    def footer_text(self, row: int) -> str:
        if not 0 <= row < len(self.found):
            return ""
        each = self.found[row]
        if isinstance(each, Cut):
            return editing.cut_label(self.editor.graph, each.wires)
        if each.said is not None:
            return each.said.text
        return "Enter begins a wire here" if each.output else "Enter begins a wire that ends here"

    def choose(self, row: int) -> None:
        graph = self.editor.graph
        if self._typed is not None:
            self._connect(self._typed)
            return
        each = self.found[row]
        if isinstance(each, Cut):
            self.editor.attempt(editing.cut_label(graph, each.wires), lambda t: editing.cut(t, each.wires))
        elif self._begun is None:
            self._begun, self._ports = each, ports(self.editor, not each.output)
            self._open(f"Connect {each.text} {'to' if each.output else 'from'} which port?")
        else:
            start, end = (self._begun, each) if self._begun.output else (each, self._begun)
            self._connect(Wire(Source(start.node, start.name), end.node, end.name))

    def _connect(self, wire: Wire) -> None:
        self.editor.attempt(editing.connect_label(self.editor.graph, *wire), lambda t: t.connect(*wire))
