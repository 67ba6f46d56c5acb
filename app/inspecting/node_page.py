"""The page of one node: what it gives, its parameters, flags and problems."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from PySide6.QtWidgets import QWidget

from ...core.document import Gesture
from ...core.graph import Node, Source
from ...core.op import Op
from ...core.parameters import MISSING, NODE, Parameter
from ..editor import Editor
from ..look.theme import Theme
from ..search.words import display_name
from .data_line import OF_SOURCES, DataLine, shown_settings, sources
from .flag_checks import FlagChecks
from .output_sections import OutputSections
from .page import NameEdit, Page, shown_parameters
from .parts import Links, Section, label
from .sheet import small
from .values import Values


def node_key(editor: Editor, id: str) -> tuple[object, ...]:
    """What a page of a node is made for."""
    node = editor.graph.nodes[id]
    return ("node", id, node.op, shown_settings(node.params) if node.op == "dataset" else None)


class NodePage(Page):
    """One node."""

    def __init__(self, editor: Editor, theme: Theme, id: str, parent: QWidget | None = None) -> None:
        super().__init__(editor, theme, node_key(editor, id), parent)
        self.id = id
        self.op: Op | None = editor.session.registry.get(self.node.op)
        self.name = NameEdit(self, id)
        self.about = label("", "dim", small(), wrap=True)
        self.origin = Links(theme)
        self.origin.setProperty("role", "nonfinite")
        self.origin.chosen.connect(editor.show)
        head = Heading(self.name, self.name.error, self.about, self.origin)
        self.data = DataLine(editor, id) if self.node.op == "dataset" else None
        if self.data is not None:
            head.add(self.data)
        self.column.addWidget(head)
        self.add_problems()
        self._add_values()
        self.add_blank()
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
        if self.data is not None:
            hidden = OF_SOURCES - shown_settings(self.node.params)
            parameters = [parameter for parameter in parameters if parameter.name not in hidden]
        if parameters:
            section = Section("Parameters")
            for parameter in parameters:
                commit = partial(self._set, parameter.name)
                suggested = sources if (self.node.op, parameter.name) == ("dataset", "source") else None
                section.add(self.make_field(parameter, self.node.op, commit, self._offered(parameter), suggested))
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
        return self.attempt(what, lambda t: self.set_parameter(t, self.id, self.fields[name].parameter, value), merge)

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
        problems = [p for p in editor.problems if p.node == self.id]
        self.problems.show_problems(problems, None if problems else editor.live.errors().get(self.id))
        self._show_origin()
        if self.data is not None:
            self.data.refresh()
        for output in self.outputs:
            output.refresh()
        for name, field in self.fields.items():
            parameter = field.parameter
            given = name in node.params
            default = None if parameter.default is MISSING else parameter.default
            if name == "value" and field.bar is not None:
                field.bar.whole = str(node.params.get("dtype")).startswith("int")
            field.show_value(node.params.get(name, default), given)
        self.flags.show_nodes([node])
        if self.held is not None:
            self.held.refresh()

    def _show_origin(self) -> None:
        """Where NaN or infinity begins, if this node has any: here, or at a node that can be gone to."""
        editor, begun = self.editor, self.editor.live.origin
        results, lines, names = editor.results, [], {}
        if begun is not None and begun.node == self.id:
            lines = [f"◆ {begun.text}"]
        elif begun is not None and any(
            _spoilt(results.value(s)) or _spoilt(results.gradient(s).value) for s in self.sources
        ):
            lines, names = [f"◆ {begun.told(editor.graph)}"], {editor.graph.path(begun.node): begun.node}
        self.origin.show_lines(lines, names)
        if lines:  # its place stays, or fields would jump under the pointer where a value is dragged across 0
            policy = self.origin.sizePolicy()
            policy.setRetainSizeWhenHidden(True)
            self.origin.setSizePolicy(policy)


def _spoilt(value: Any) -> bool:
    """Whether an element is NaN or infinite; of a large array only the first are looked at."""
    return value is not None and not np.isfinite(np.asarray(value).reshape(-1)[:100_000]).all()


class Heading(Section):
    """Widgets under each other without a caption."""

    def __init__(self, *widgets: QWidget) -> None:
        super().__init__("")
        self.caption.hide()
        self.column.setSpacing(1)
        self.add(*widgets)
