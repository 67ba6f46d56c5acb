"""The fields of a dataset node: how it is split, what is done with its rows, how its source is read or drawn."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from PySide6.QtWidgets import QApplication, QWidget

from ...core.data.datasets import Options
from ...core.data.kinds import kind_of
from ...core.document import Gesture
from ...core.graph import Node
from ...core.parameters import MISSING
from ..editor import Editor
from ..inspecting.data_line import OF_SOURCES, shown_settings, sources
from ..inspecting.page import Page
from ..inspecting.parts import Section
from ..look.theme import Theme
from .choosing import choose

SPLIT = ("validation", "split_seed", "stratify", "held_out")
DONE = ("standardise", "balance")
AUTOMATIC = ("last column", None)


def kind_of_node(node: Node) -> str | None:
    """What kind of source a dataset node has."""
    name, window = node.params.get("source", "digits"), node.params.get("window")
    return kind_of(name, Options(window=window)) if isinstance(name, str) else None


class DataSettings(Page):
    """The same fields as in the inspector, by what they are for."""

    def __init__(self, editor: Editor, theme: Theme, id: str, parent: QWidget | None = None) -> None:
        node = editor.graph.nodes[id]
        self.id = id
        super().__init__(editor, theme, settings_key(editor, id), parent)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(10)
        shown = shown_settings(node.params)
        kind = kind_of_node(node)
        of_source = [name for name in self._parameters if name in shown and name in OF_SOURCES]
        reading = "Drawing" if kind == "made" else "Import"
        for caption, names in (("Source", ["source"]), (reading, of_source), ("Split", SPLIT), ("Rows", DONE)):
            self._add(caption, names, kind)
        self.refresh()

    @property
    def _parameters(self) -> dict[str, Any]:
        op = self.editor.registry.get("dataset")
        return {} if op is None else dict(op.parameters)

    def _add(self, caption: str, names: Sequence[str], kind: str | None) -> None:
        if not names:
            return
        section = Section(caption)
        for name in names:
            offered = [AUTOMATIC] if name == "target" and kind == "table" else None
            suggested = sources if name == "source" else None
            section.add(
                self.make_field(self._parameters[name], "dataset", partial(self._set, name), offered, suggested)
            )
        self.column.addWidget(section)

    def _set(self, name: str, value: Any, merge: Gesture | None) -> str | None:
        node = self.editor.graph.nodes[self.id]
        if name == "source" and isinstance(value, str):
            return choose(self.editor, self.id, value)
        parameter = self.fields[name].parameter
        return self.attempt(
            f"Set {name} of {node.name}", lambda t: self.set_parameter(t, self.id, parameter, value), merge
        )

    def offer_columns(self, columns: Sequence[str]) -> None:
        """Let the target be chosen among the columns of a text table: by name, or by number where names repeat."""
        field = self.fields.get("target")
        if field is not None and field.choice is not None:
            field.choice.offer(
                [AUTOMATIC, *((name or "(no name)", target_of(columns, i)) for i, name in enumerate(columns))]
            )
            self.refresh()

    def choose_target(self, columns: Sequence[str], number: int) -> None:
        """Make a column the target, by its number."""
        self.fields["target"].try_value(target_of(columns, number))

    def take_focus(self, before: DataSettings) -> None:
        """Give the keyboard to the field that has it among those made before."""
        at = QApplication.focusWidget()
        for name, field in before.fields.items():
            if at is not None and field.isAncestorOf(at) and name in self.fields:
                self.fields[name].setFocus()

    def refresh(self) -> None:
        node = self.editor.graph.nodes[self.id]
        for name, field in self.fields.items():
            default = None if field.parameter.default is MISSING else field.parameter.default
            field.show_value(node.params.get(name, default), name in node.params)


def target_of(columns: Sequence[str], number: int) -> str | int:
    """What names a column as the target."""
    name = columns[number]
    return name if columns.count(name) == 1 and name and name != f"x{number}" else number


def settings_key(editor: Editor, id: str) -> tuple[object, ...]:
    """What the fields are made for: while it stays they are refreshed only."""
    node = editor.graph.nodes[id]
    return ("data", id, kind_of_node(node), shown_settings(node.params))
