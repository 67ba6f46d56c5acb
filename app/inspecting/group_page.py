"""The page of a group: its name, the layer that built it with its settings, and how to take it apart."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtWidgets import QPushButton, QWidget

from ...core.document import Gesture
from ...core.errors import GradwireError
from ...core.graph import Group
from ...core.layers import find, rebuild
from ...core.parameters import MISSING
from ..editor import Editor
from ..look.theme import Theme
from ..search.words import LAYER, display_name
from .fields import Default
from .page import NameEdit, Page, ProblemLines, shown_parameters
from .parts import Section, label
from .sheet import small


def group_key(editor: Editor, id: str) -> tuple[object, ...]:
    """What a page of a group is made for."""
    built_by = editor.graph.groups[id].built_by
    return ("group", id, built_by.layer if built_by else None)


class GroupPage(Page):
    """One group."""

    def __init__(self, editor: Editor, theme: Theme, id: str, parent: QWidget | None = None) -> None:
        super().__init__(editor, theme, group_key(editor, id), parent)
        self.id = id
        self.name = NameEdit(self, id)
        self.about = label("", "dim", small(), wrap=True)
        head = Section("")
        head.caption.hide()
        head.column.setSpacing(1)
        self.column.addWidget(head.add(self.name, self.name.error, self.about))
        self.problems = ProblemLines()
        self.column.addWidget(self.problems)
        self._add_layer()
        take_apart = Section("Group")
        self.note = label("", "dim", small(), wrap=True)
        self.ungroup = QPushButton("Ungroup")
        self.ungroup.clicked.connect(self._ungroup)
        self.column.addWidget(take_apart.add(self.note, self.ungroup))
        self.column.addStretch(1)
        self.refresh()

    @property
    def group(self) -> Group:
        return self.editor.graph.groups[self.id]

    def _add_layer(self) -> None:
        built_by = self.group.built_by
        if built_by is None:
            return
        section = Section(f"Layer {display_name(LAYER + built_by.layer)}")
        try:
            made = find(built_by.layer)
        except GradwireError as error:
            self.column.addWidget(section.add(label(str(error), "warning", small(), wrap=True)))
            return
        section.add(label(made.doc, "dim", small(), wrap=True))
        for parameter in shown_parameters(made.parameters):
            section.add(self.make_field(parameter, made.name, partial(self._set, parameter.name)))
        self.column.addWidget(section)

    def _set(self, name: str, value: Any, merge: Gesture | None) -> str | None:
        if value is Default:
            value = self.fields[name].parameter.default
        what = f"Set {name} of {self.group.name}"
        return self.attempt(what, lambda t: rebuild(t, self.id, **{name: value}), merge)

    def _ungroup(self) -> None:
        inside = list(self.editor.graph.members(self.id).values())
        if self.attempt(f"Ungroup {self.group.name}", lambda t: t.ungroup(self.id)) is None:
            self.editor.select(inside)

    def refresh(self) -> None:
        graph, group = self.editor.graph, self.group
        self.name.show_text(group.name)
        nodes, groups = graph.interior(self.id)
        inner = f", {len(groups)} group{'s' * (len(groups) != 1)}" if groups else ""
        state = "collapsed" if group.collapsed else "expanded"
        self.about.setText(f"Group · {len(nodes)} node{'s' * (len(nodes) != 1)}{inner} · {state}")
        inside = set(nodes)
        self.problems.show_problems(p for p in self.editor.problems if p.node in inside)
        built_by = group.built_by
        self.note.setText(
            "Changing a setting builds the inside anew and keeps values whose shape stays."
            " Editing the inside by hand ends that: the group is then no layer any more."
            if built_by
            else "Built or edited by hand: it has no settings of its own."
        )
        for name, field in self.fields.items():
            default = field.parameter.default
            value = built_by.params.get(name, default) if built_by else default
            field.show_value(None if value is MISSING else value, default is MISSING or value != default)
