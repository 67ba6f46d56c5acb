"""The page of one node: value, gradient, contributions, parameters, flags, problems."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtWidgets import QWidget

from ...core.document import Gesture
from ...core.graph import Node, Source
from ...core.op import Op
from ...core.parameters import MISSING
from ..editing.flags import VERBS
from ..editor import Editor
from ..look.theme import Theme
from ..search.words import display_name
from .editors import Check
from .page import NameEdit, Page, ProblemLines, or_absent, shown_parameters
from .parts import ArrayPreview, ContributionBars, Section, label
from .sheet import small
from .values import Values

FLAGS = {
    "bypass": "The first input that fits passes through unchanged, and the op does nothing.",
    "detach": "The value goes on, but no gradient comes back through here.",
    "freeze": "Gradients pass, but training does not change this value.",
}
NO_GRADIENT = {
    "waiting": "not there yet: the backward pass has not come here",
    "none": "none: the root does not depend on this value",
}


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
        self._add_flags()
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
        self.values: dict[Source, ArrayPreview] = {}
        self.gradients: dict[Source, ArrayPreview] = {}
        self.bars: dict[Source, tuple[Section, ContributionBars]] = {}
        several = len(self.sources) > 1
        for source in self.sources:
            suffix = f" {source.output}" if several else ""
            self.values[source] = self._preview(source, Section(f"Value{suffix}"))
            section = Section("")
            section.caption.setProperty("role", "gradient")
            self.gradients[source] = self._preview(source, section)
            bars = ContributionBars(self.theme)
            bars.chosen.connect(self.editor.show)
            fork = Section("Contributions at this fork").add(bars)
            self.bars[source] = fork, bars
            self.column.addWidget(fork)

    def _preview(self, source: Source, section: Section) -> ArrayPreview:
        preview = ArrayPreview()
        preview.opened.connect(partial(self.editor.viewed.emit, source))
        self.column.addWidget(section.add(preview))
        preview.section = section
        return preview

    def _add_parameters(self) -> None:
        parameters = shown_parameters(self.op.parameters) if self.op is not None else []
        if parameters:
            section = Section("Parameters")
            for parameter in parameters:
                commit = partial(self._set, parameter.name)
                section.add(self.make_field(parameter, self.node.op, commit, self._offered(parameter.name)))
            self.column.addWidget(section)
        self.held = Values(self, self.id) if self.node.op == "parameter" else None
        if self.held is not None:
            self.column.addWidget(self.held)

    def _offered(self, name: str) -> list[tuple[str, Any]] | None:
        """The parameters of the graph, where one of them is to be named."""
        if (self.node.op, name) not in (("shared", "of"), ("assign", "target")):
            return None
        graph = self.editor.graph
        return [(graph.path(id), id) for id in sorted(graph.nodes) if graph.nodes[id].op == "parameter"]

    def _add_flags(self) -> None:
        self.flags: dict[str, Check] = {}
        section = Section("Flags")
        for flag, meaning in FLAGS.items():
            check = Check(self.theme, flag.capitalize())
            check.setToolTip(meaning)
            check.setAccessibleDescription(meaning)
            check.clicked.connect(lambda on, flag=flag: self._flag(flag, on))
            self.flags[flag] = check
            about = label(meaning, "dim", small(), wrap=True)
            about.setContentsMargins(24, 0, 0, 2)
            check.about = about
            section.add(check, about)
        section.column.setSpacing(1)
        self.column.addWidget(section)

    def _set(self, name: str, value: Any, merge: Gesture | None) -> str | None:
        what = f"Set {name} of {self.node.name}"
        return self.attempt(what, lambda t: t.set_param(self.id, name, or_absent(value)), merge)

    def _flag(self, flag: str, on: bool) -> None:
        flags = self.node.flags | {flag} if on else self.node.flags - {flag}
        self.attempt(f"{VERBS[flag][not on]} {self.node.name}", lambda t: t.set_flags(self.id, flags))

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
        self._refresh_values()
        for name, field in self.fields.items():
            parameter = field.parameter
            given = name in node.params
            default = None if parameter.default is MISSING else parameter.default
            field.show_value(node.params.get(name, default), given)
        for flag, check in self.flags.items():
            check.show_state(flag in node.flags)
        if self.held is not None:
            self.held.refresh()

    def _refresh_values(self) -> None:
        editor, live = self.editor, self.editor.live
        stale = live.is_stale(self.id)
        root = live.root
        for source in self.sources:
            value, gradient = editor.value(source), editor.gradient(source)
            unfed = self.node.op == "input" and self.node.params.get("value") is None
            waiting = "none yet: type one at value" if unfed else "no value yet"
            waiting = waiting if live.enabled else "no value: live is off"
            self.values[source].show_array(value, waiting, stale)
            state = live.gradient_state(source)
            top = editor.graph.nodes[root.node].name if root is not None and root.node in editor.graph.nodes else "root"
            own = self.node.name if len(self.sources) == 1 else f"{self.node.name}.{source.output}"
            section = self.gradients[source].section
            section.caption.setText(f"GRADIENT ∂{top}/∂{own}")
            section.setVisible(root is not None)
            self.gradients[source].show_array(gradient, NO_GRADIENT.get(state, "not there yet"), stale)
            fork, bars = self.bars[source]
            parts = live.contributions(source)
            fork.setVisible(len(parts) > 1)
            if len(parts) > 1:
                nodes = editor.graph.nodes
                bars.show_rows(
                    [(id, f"{nodes[id].name if id in nodes else id}.{port}", array) for id, port, array in parts]
                )


class Heading(Section):
    """Widgets under each other without a caption."""

    def __init__(self, *widgets: QWidget) -> None:
        super().__init__("")
        self.caption.hide()
        self.column.setSpacing(1)
        self.add(*widgets)
