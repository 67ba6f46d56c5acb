"""The page of several nodes: the parameters that all of them have, and their flags."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable
from functools import partial
from typing import Any

from PySide6.QtWidgets import QWidget

from ...core.document import Gesture, Transaction
from ...core.graph import Node
from ...core.graph.elements import same
from ...core.parameters import MISSING, Parameter
from ..editing import counted
from ..editing.flags import VERBS
from ..editor import Editor
from ..look.theme import Theme
from ..search.words import display_name
from .editors import Check
from .fields import Mixed
from .node_page import FLAGS
from .page import Page, ProblemLines, or_absent, shown_parameters
from .parts import Section, label
from .sheet import large, small


def several_key(editor: Editor) -> Hashable:
    """What a page of several nodes is made for."""
    graph = editor.graph
    return ("several", frozenset((id, graph.nodes[id].op) for id in editor.selection if id in graph.nodes))


class SeveralPage(Page):
    """Several nodes, and groups between them, which have nothing to edit together."""

    def __init__(self, editor: Editor, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(editor, theme, several_key(editor), parent)
        graph = editor.graph
        self.ids = sorted(id for id in editor.selection if id in graph.nodes)
        groups = len(editor.selection) - len(self.ids)
        parts = [f"{len(self.ids)} node{'s' * (len(self.ids) != 1)}"] if self.ids else []
        parts += [f"{groups} group{'s' * (groups != 1)}"] if groups else []
        kinds = Counter(display_name(graph.nodes[id].op) for id in self.ids)
        listed = ", ".join(f"{count} × {kind}" if count > 1 else kind for kind, count in sorted(kinds.items()))
        head = Section("")
        head.caption.hide()
        self.column.addWidget(
            head.add(label(" and ".join(parts), None, large()), label(listed, "dim", small(), wrap=True))
        )
        self.problems = ProblemLines()
        self.column.addWidget(self.problems)
        self.flags: dict[str, Check] = {}
        if self.ids:
            self._add_parameters()
            self._add_flags()
        self.column.addStretch(1)
        self.refresh()

    @property
    def nodes(self) -> list[Node]:
        return [self.editor.graph.nodes[id] for id in self.ids]

    def common(self) -> list[Parameter]:
        """The parameters that all nodes have with one annotation; those that name a node are not among them."""
        ops = [self.editor.session.registry.get(node.op) for node in self.nodes]
        if any(op is None for op in ops):
            return []
        first, *others = [{p.name: p for p in shown_parameters(op.parameters)} for op in ops if op is not None]
        return [
            parameter
            for name, parameter in first.items()
            if name not in ("of", "target")
            and all(name in each and each[name].annotation == parameter.annotation for each in others)
        ]

    def _add_parameters(self) -> None:
        common = self.common()
        section = Section("Common parameters")
        for parameter in common:
            section.add(self.make_field(parameter, self.nodes[0].op, partial(self._set, parameter.name)))
        if not common:
            section.add(label("These nodes have no parameter in common.", "dim", small(), wrap=True))
        self.column.addWidget(section)

    def _add_flags(self) -> None:
        section = Section("Flags")
        section.column.setSpacing(1)
        for flag, meaning in FLAGS.items():
            check = Check(self.theme, flag.capitalize())
            check.setToolTip(meaning)
            check.clicked.connect(lambda on, flag=flag: self._flag(flag, on))
            self.flags[flag] = check
            section.add(check)
        self.column.addWidget(section)

    def _set(self, name: str, value: Any, merge: Gesture | None) -> str | None:
        def act(t: Transaction) -> None:
            for id in self.ids:
                t.set_param(id, name, or_absent(value))

        return self.attempt(f"Set {name} of {counted(self.editor.graph, self.ids)}", act, merge)

    def _flag(self, flag: str, on: bool) -> None:
        def act(t: Transaction) -> None:
            for id in self.ids:
                flags = t.node(id).flags
                t.set_flags(id, flags | {flag} if on else flags - {flag})

        self.attempt(f"{VERBS[flag][not on]} {counted(self.editor.graph, self.ids)}", act)

    def refresh(self) -> None:
        nodes, ids = self.nodes, set(self.ids)
        self.problems.show_problems(p for p in self.editor.problems if p.node in ids)
        for name, field in self.fields.items():
            ops = [self.editor.session.registry[node.op] for node in nodes]
            values = [node.params.get(name, op.parameters[name].default) for node, op in zip(nodes, ops, strict=True)]
            alike = all(
                value is values[0] or (MISSING not in (value, values[0]) and same(value, values[0])) for value in values
            )
            value = values[0] if alike else Mixed
            field.show_value(None if value is MISSING else value, any(name in node.params for node in nodes))
        for flag, check in self.flags.items():
            count = sum(flag in node.flags for node in nodes)
            check.show_state(count == len(nodes), 0 < count < len(nodes))
