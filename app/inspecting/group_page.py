"""The page of a group: its name, the layer that built it with its settings, and how to take it apart."""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import partial
from typing import Any

from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from ...core.document import Gesture
from ...core.errors import GradwireError
from ...core.graph import Group, Source
from ...core.layers import find, rebuild
from ...core.layers.preprocessing import MEASURED
from ...core.op import Op
from ...core.parameters import MISSING
from ...core.tracing import standing_for
from ..editing import outputs
from ..editing.reinitialising import drawn, parameters_of, reinitialise, reinitialise_label, reseed
from ..editor import Editor
from ..look.theme import Theme
from ..results.failures import failures
from ..search.words import LAYER, display_name
from .fields import Default
from .fit_line import FitLine
from .node_page import Heading
from .output_sections import OutputSections
from .page import NameEdit, Page, shown_parameters
from .parts import Section, label
from .sheet import small

MOST = 4  # outputs that are shown; a frame around much may have very many


def group_key(editor: Editor, id: str) -> tuple[object, ...]:
    """What a page of a group is made for."""
    built_by = editor.graph.groups[id].built_by
    given = outputs(editor.graph, editor.registry, id)[: MOST + 1]
    return ("group", id, built_by.layer if built_by else None, *given)


class GroupPage(Page):
    """One group."""

    def __init__(self, editor: Editor, theme: Theme, id: str, parent: QWidget | None = None) -> None:
        super().__init__(editor, theme, group_key(editor, id), parent)
        self.id = id
        self.same: QPushButton | None = None
        self.fit: FitLine | None = None  # of a layer that is measured
        self.whole: Op | None = None  # that it was expanded from
        self.name = NameEdit(self, id)
        self.about = label("", "dim", small(), wrap=True)
        self.column.addWidget(Heading(self.name, self.name.error, self.about))
        self.add_problems()
        self._add_values(outputs(editor.graph, editor.registry, id))
        self.add_blank()
        self._add_layer()
        self._add_starting()
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

    def _add_values(self, given: list[Source]) -> None:
        """What it gives, as on the page of a node."""
        self.outputs = [OutputSections(self, each, self._suffix(given, each)) for each in given[:MOST]]
        for output in self.outputs:
            self.column.addWidget(output)
        if len(given) > MOST:
            self.column.addWidget(label(f"and {len(given) - MOST:,} more outputs", "dim", small()))

    def _suffix(self, given: list[Source], source: Source) -> str:
        if len(given) == 1:
            return ""
        node = self.editor.graph.nodes[source.node]
        name, op = node.name, self.editor.registry.get(node.op)
        return f" {name}" if op is not None and len(op.visible) == 1 else f" {name}.{source.output}"  # as at its port

    def _add_layer(self) -> None:
        built_by = self.group.built_by
        if built_by is None:
            return
        self.whole = standing_for(self.editor.graph, self.editor.registry, self.id)
        if self.whole is not None:
            self._add_fusing(self.whole)
            return
        section = Section(f"Layer {display_name(LAYER + built_by.layer)}")
        try:
            made = find(built_by.layer)
        except GradwireError as error:
            self.column.addWidget(section.add(label(str(error), "warning", small(), wrap=True)))
            return
        section.add(label(_flowing(made.doc), "dim", small(), wrap=True))
        for parameter in shown_parameters(made.parameters):
            section.add(self.make_field(parameter, made.name, partial(self._set, parameter.name)))
        if made.name in MEASURED:
            self.fit = FitLine(self, self.id)
            section.add(self.fit)
        self.column.addWidget(section)

    def _add_fusing(self, whole: Op) -> None:
        """What it was expanded from, and the way back."""
        fuse = QPushButton("Fuse again")
        fuse.setToolTip(f"Make it the one {display_name(whole.name)} again, with its name and its wires")
        fuse.clicked.connect(lambda: self.editor.wishes.parts.emit(self.id))
        section = Section(f"{display_name(whole.name)} in parts")
        self.column.addWidget(section.add(label(_flowing(whole.doc.split("\n\n")[0]), "dim", small(), wrap=True), fuse))

    def _add_starting(self) -> None:
        """How its parameters start anew, where it has any."""
        graph, ids = self.editor.graph, [self.id]
        if not parameters_of(graph, ids):
            return
        same, self.new = QPushButton("Reinitialise"), QPushButton("New seed")
        self.same = same
        same.setToolTip("Let its parameters start from their initial values again")
        self.new.setToolTip("Start from other random numbers; the seed is written into each parameter")
        self.new.setEnabled(bool(drawn(graph, ids)))
        same.clicked.connect(lambda: self._start_anew(seed=False))
        self.new.clicked.connect(lambda: self._start_anew(seed=True))
        buttons = QWidget()
        row = QHBoxLayout(buttons)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(same)
        row.addWidget(self.new)
        self.column.addWidget(Section("Values").add(buttons))

    def _start_anew(self, seed: bool) -> None:
        what = reinitialise_label(self.editor.graph, [self.id], seed)
        self.attempt(what, lambda t: (reseed if seed else reinitialise)(t, [self.id]))

    def _set(self, name: str, value: Any, merge: Gesture | None) -> str | None:
        if value is Default:
            value = self.fields[name].parameter.default
        what = f"Set {name} of {self.group.name}"
        return self.attempt(what, lambda t: rebuild(t, self.id, **{name: value}), merge)

    def _size(self, nodes: Iterable[str]) -> str:
        """How many numbers its parameters have: `· 650 parameters`."""
        shapes = [self._shape(id) for id in parameters_of(self.editor.graph, nodes)]
        count = sum(math.prod(shape) for shape in shapes)
        return f" · {count:,} parameter{'s' * (count != 1)}" if shapes else ""

    def _shape(self, id: str) -> tuple[int, ...]:
        shape = self.editor.graph.nodes[id].params.get("shape", ())
        return tuple(length for length in shape if isinstance(length, int)) if isinstance(shape, tuple) else ()

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
        self.about.setText(f"Group · {len(nodes)} node{'s' * (len(nodes) != 1)}{inner} · {state}{self._size(nodes)}")
        if self.fit is not None:
            self.fit.refresh()
        if self.same is not None:
            self.same.setEnabled(any(id in self.editor.document.values for id in parameters_of(graph, [self.id])))
        inside = set(nodes)
        errors = [problem for problem in (*self.editor.problems, *failures(self.editor)) if problem.node in inside]
        self.problems.show_problems(errors, named=lambda id: graph.path(id).removeprefix(f"{graph.path(self.id)}/"))
        for output in self.outputs:
            output.refresh()
        built_by = group.built_by
        self.note.setText(
            "Changing a setting builds the inside anew and keeps values whose shape stays."
            " Editing the inside by hand ends that: the group is then no layer any more."
            if built_by and self.whole is None
            else "It is shown as what it is made of. Editing the inside by hand ends that: it cannot be fused then."
            if built_by
            else "Built or edited by hand: it has no settings of its own."
        )
        for name, field in self.fields.items():
            default = field.parameter.default
            value = built_by.params.get(name, default) if built_by else default
            field.show_value(None if value is MISSING else value, default is MISSING or value != default)


def _flowing(doc: str) -> str:
    """A docstring whose lines break where there is no more room: only its paragraphs are kept apart."""
    return "\n\n".join(" ".join(part.split()) for part in doc.replace("`", "").split("\n\n"))
