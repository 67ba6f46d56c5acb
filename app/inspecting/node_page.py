"""The page of one node: what it gives, its parameters, flags and problems."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtWidgets import QWidget

from ...core.document import Gesture
from ...core.graph import Node, Source
from ...core.op import Op
from ...core.parameters import MISSING, NODE, Parameter
from ..editor import Editor
from ..look.theme import Theme
from ..search.words import display_name
from .flag_checks import FlagChecks
from .output_sections import OutputSections
from .page import NameEdit, Page, ProblemLines, or_absent, shown_parameters
from .parts import Section, label
from .sheet import small
from .values import Values


def node_key(editor: Editor, id: str) -> tuple[object, ...]:
    """What a page of a node is made for."""
    node = editor.graph.nodes[id]
    return ("node", id, node.op)


class NodePage(Page):
    """One node."""

    def __init__(self, editor: Editor, theme: Theme, id: str, parent: QWidget | None = None) -> None:
        super().__init__(editor, theme, node_key(editor, id), parent)
        self.id = id
        self.op: Op | None = editor.session.registry.get(self.node.op)
        self.name = NameEdit(self, id)
        self.about = label("", "dim", small(), wrap=True)
        head = Heading(self.name, self.name.error, self.about)
        self.column.addWidget(head)
        self.problems = ProblemLines()
        self.column.addWidget(self.problems)
        self._add_values()
        self._add_parameters()
        self.flags = FlagChecks(self, [id], explained=True)
        self.column.addWidget(self.flags)
        self.column.addStretch(1)
        self.refresh()

    @property
    def node(self) -> Node:
        return self.editor.graph.nodes[self.id]

    @property
    def sources(self) -> list[Source]:
        if self.op is None:
            return []
        return [Source(self.id, self.op.outputs[i].name) for i in self.op.visible]

    def _add_values(self) -> None:
        several = len(self.sources) > 1
        self.outputs = [OutputSections(self, source, f" {source.output}" if several else "") for source in self.sources]
        for output in self.outputs:
            self.column.addWidget(output)

    def _add_parameters(self) -> None:
        parameters = shown_parameters(self.op.parameters) if self.op is not None else []
        if parameters:
            section = Section("Parameters")
            for parameter in parameters:
                commit = partial(self._set, parameter.name)
                section.add(self.make_field(parameter, self.node.op, commit, self._offered(parameter)))
            self.column.addWidget(section)
        self.held = Values(self, self.id) if self.node.op == "parameter" else None
        if self.held is not None:
            self.column.addWidget(self.held)

    def _offered(self, parameter: Parameter) -> list[tuple[str, Any]] | None:
        """The parameters of the graph, where one of them is to be named."""
        if parameter.role != NODE:
            return None
        graph = self.editor.graph
        return [(graph.path(id), id) for id in sorted(graph.nodes) if graph.nodes[id].op == "parameter"]

    def _set(self, name: str, value: Any, merge: Gesture | None) -> str | None:
        what = f"Set {name} of {self.node.name}"
        return self.attempt(what, lambda t: t.set_param(self.id, name, or_absent(value)), merge)

    def refresh(self) -> None:
        editor, node = self.editor, self.node
        self.name.show_text(node.name)
        shapes = [editor.shapes.get(source) for source in self.sources]
        known = [
            f"{s.output} {text}" if len(shapes) > 1 else text
            for s, text in zip(self.sources, shapes, strict=True)
            if text
        ]
        self.about.setText(" · ".join([display_name(node.op), *(known or ["shape not known yet"])]))
        self.problems.show_problems([p for p in editor.problems if p.node == self.id], editor.live.error(self.id))
        for output in self.outputs:
            output.refresh()
        for name, field in self.fields.items():
            parameter = field.parameter
            given = name in node.params
            default = None if parameter.default is MISSING else parameter.default
            field.show_value(node.params.get(name, default), given)
        self.flags.show_nodes([node])
        if self.held is not None:
            self.held.refresh()


class Heading(Section):
    """Widgets under each other without a caption."""

    def __init__(self, *widgets: QWidget) -> None:
        super().__init__("")
        self.caption.hide()
        self.column.setSpacing(1)
        self.add(*widgets)
