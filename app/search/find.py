"""Finding nodes of a document by name, op, path or problem, and going there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtWidgets import QWidget

from ..lists.popup import ListPopup
from ..lists.view import Row
from ..look.theme import Theme
from .candidates import match
from .words import display_name

if TYPE_CHECKING:
    from ..editor import Editor

_NOT = 9.0  # the rank of what does not match the words


class Place(NamedTuple):
    """A node or group that can be gone to, with the texts by which it is found."""

    id: str
    path: str
    op: str
    category: str
    problem: str
    name: str = ""  # in lower case, as is the next
    plain: str = ""  # path, op and problem


def places(editor: Editor) -> list[Place]:
    """All nodes and groups of the document, by path."""
    graph, registry = editor.graph, editor.document.registry
    problems = {problem.node: problem.message for problem in reversed(editor.problems) if problem.node}
    prefixes: dict[str | None, str] = {None: ""}
    found = []
    for id in sorted(graph.groups, key=lambda each: len(graph.chain(each))):
        group = graph.groups[id]
        path = prefixes[group.group] + group.name
        prefixes[id] = path + "/"
        kind = display_name(group.built_by.layer) if group.built_by is not None else "Group"
        if graph.is_note(id):
            kind = f"Note: {' '.join((group.note or '').split())[:80]}"
        found.append(Place(id, path, kind, "layer", problems.get(id, "")))
    for id, node in graph.nodes.items():
        op = registry.get(node.op)
        category = op.category if op is not None else ""
        path = prefixes[node.group] + node.name
        found.append(Place(id, path, display_name(node.op), category, problems.get(id, "")))
    found.sort(key=lambda place: place.path)
    return [_with_texts(place) for place in found]


def _with_texts(place: Place) -> Place:
    plain = f"{place.path}\n{place.op}\n{place.problem}".lower()
    return place._replace(name=place.path.rpartition("/")[2].lower(), plain=plain)


def find(among: list[Place], words: str) -> list[Place]:
    """Those that match the words, best first: by name, by op, by path, by letters in order, by problem."""
    low = " ".join(words.split()).lower()
    if not low:
        return list(among)
    letters = re.compile(r"(?:^|[^a-z0-9])" + ".*?".join(map(re.escape, low.replace(" ", ""))))
    ranked = [(_rank(place, low, letters), place) for place in among]
    found = [pair for pair in ranked if pair[0] < _NOT]
    found.sort(key=lambda pair: pair[0])  # it keeps the order by path among equals
    return [place for _, place in found]


def _rank(place: Place, low: str, letters: re.Pattern[str]) -> float:
    name = place.name
    if low not in place.plain:
        return 5.0 if len(low) > 1 and letters.search(name) else _NOT
    at, op = name.find(low), place.op.lower()
    rank = _NOT
    if at >= 0:
        rank = 0.0 if name == low else 1.0 if not at else 2.0 if not name[at - 1].isalnum() else 3.0
    if low in op:
        rank = min(rank, 0.5 if op == low else 1.5 if op.startswith(low) else 3.5)
    if rank < 4:
        return rank
    return 4.0 if low in place.path.lower() else 6.0


def letters_found(place: Place, words: str) -> tuple[int, ...]:
    """Which letters of its path match the words."""
    words = " ".join(words.split())
    start = len(place.path) - len(place.name)
    name = match(words, place.path[start:]) if words else None
    if name is not None:
        return tuple(start + at for at in name.found)
    whole = match(words, place.path) if words else None
    return whole.found if whole is not None and whole.rank < 4 else ()


class FindPopup(ListPopup):
    """Find a node and go there, whatever group it is in."""

    placeholder = "Find a node by name, op, path or problem"

    def __init__(self, editor: Editor, theme: Theme, parent: QWidget | None = None) -> None:
        self.editor = editor
        self.among: list[Place] = []
        self.found: list[Place] = []
        self._marked = False  # whether some of them have a problem: all texts then begin beside the sign
        super().__init__(theme, parent)
        self.list.empty = "No node of this name, op or problem"
        editor.replaced.connect(self.dismiss)

    def open_find(self) -> None:
        """Open with all nodes listed."""
        self.among = places(self.editor)
        self.list.empty = "No node of this name, op or problem" if self.among else "There are no nodes yet"
        self.open()

    def refresh(self) -> None:
        self.found = find(self.among, self.field.text())
        self._marked = any(place.problem for place in self.found)
        self.list.show_rows(len(self.found), self._row)
        self._tell()

    def _row(self, index: int) -> Row:
        place = self.found[index]
        letters = letters_found(place, self.field.text())
        mark = "error" if place.problem else "none" if self._marked else ""
        return Row(place.path, place.op, mark=mark, found=letters, colour=self.theme.title(place.category))

    def footer_text(self, row: int) -> str:
        if not 0 <= row < len(self.found):
            return ""
        place = self.found[row]
        return place.problem or f"{len(self.found)} of {len(self.among)} nodes and groups"

    def choose(self, row: int) -> None:
        id = self.found[row].id
        if id in self.editor.graph.nodes or id in self.editor.graph.groups:
            self.editor.show(id)
        else:
            self.editor.told.emit("This node is not there any more", "refusal")
