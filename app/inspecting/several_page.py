"""The page of several nodes: the parameters that all of them have, and their flags."""

from __future__ import annotations

from collections.abc import Hashable
from functools import partial
from typing import Any

from PySide6.QtWidgets import QWidget

from ...core.document import Gesture, Transaction
from ...core.graph import Graph, Node
from ...core.graph.elements import same
from ...core.op import Op
from ...core.parameters import MISSING, NODE, Parameter
from ..editing import counted
from ..editor import Editor
from ..look.theme import Theme
from ..search.words import display_name
from ..wording import by_kinds
from .fields import Mixed
from .flag_checks import FlagChecks
from .page import Page, shown_parameters
from .parts import Section, label
from .sheet import large, small


def several_key(editor: Editor) -> Hashable:
    """What a page of several nodes is made for."""
    nodes = editor.graph.nodes
    return ("several", editor.selection, frozenset([nodes[id].op for id in editor.selection if id in nodes]))


class Kinds:
    """Nodes gathered by their op. One look at each node, so that thousands may be selected."""

    def __init__(self, editor: Editor) -> None:
        nodes, registry = editor.graph.nodes, editor.session.registry
        self.nodes = [nodes[id] for id in editor.selection if id in nodes]
        self.by_op: dict[str, list[Node]] = {}
        for node in self.nodes:
            self.by_op.setdefault(node.op, []).append(node)
        self.ops: dict[str, Op | None] = {name: registry.get(name) for name in sorted(self.by_op)}

    def common(self) -> list[Parameter]:
        """The parameters that all nodes have with one annotation; those that name a node are not among them."""
        known = [op for op in self.ops.values() if op is not None]
        if not known or len(known) < len(self.ops):
            return []
        first, *others = [{p.name: p for p in shown_parameters(op.parameters)} for op in known]
        return [
            parameter
            for name, parameter in first.items()
            if parameter.role != NODE
            and all(name in each and each[name].annotation == parameter.annotation for each in others)
        ]

    def value(self, name: str) -> Any:
        """The value that all have of a common parameter, MISSING where none has one, `Mixed` where they differ."""
        found: list[Any] = []
        for op_name, nodes in self.by_op.items():
            op = self.ops[op_name]
            default = MISSING if op is None else op.parameters[name].default
            for node in nodes:
                value = node.params.get(name, default)
                if not found:
                    found.append(value)
                elif not _alike(value, found[0]):
                    return Mixed
        return found[0]

    def given(self, name: str) -> bool:
        """Whether one of them says what a parameter is."""
        return any(name in node.params for node in self.nodes)


def _alike(left: Any, right: Any) -> bool:
    if left is right:
        return True
    if type(left) is type(right) and type(left) in (int, str, bool):  # most are, and it is quickly seen
        return bool(left == right)
    return left is not MISSING and right is not MISSING and same(left, right)


class SeveralPage(Page):
    """Several nodes, and groups between them, which have nothing to edit together."""

    def __init__(self, editor: Editor, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(editor, theme, several_key(editor), parent)
        self._shown: tuple[Graph, object] | None = None
        kinds = Kinds(editor)
        self.ids = [node.id for node in kinds.nodes]
        parts = by_kinds(editor.graph, editor.selection)
        counts = sorted((display_name(op), len(nodes)) for op, nodes in kinds.by_op.items())
        listed = ", ".join(f"{count} × {kind}" if count > 1 else kind for kind, count in counts)
        head = Section("")
        head.caption.hide()
        self.column.addWidget(
            head.add(label(" and ".join(parts), None, large()), label(listed, "dim", small(), wrap=True))
        )
        self.add_problems()
        self.add_blank()
        self.flags: FlagChecks | None = None
        if self.ids:
            self._add_parameters(kinds)
            self.flags = FlagChecks(self, self.ids, explained=False)
            self.column.addWidget(self.flags)
        self.column.addStretch(1)
        self.refresh()

    def _add_parameters(self, kinds: Kinds) -> None:
        common = kinds.common()
        section = Section("Common parameters")
        for parameter in common:
            section.add(self.make_field(parameter, next(iter(kinds.ops)), partial(self._set, parameter.name)))
        if not common:
            section.add(label("These nodes have no parameter in common.", "dim", small(), wrap=True))
        self.column.addWidget(section)

    def _set(self, name: str, value: Any, merge: Gesture | None) -> str | None:
        def act(t: Transaction) -> None:
            for id in self.ids:
                self.set_parameter(t, id, self.fields[name].parameter, value)

        return self.attempt(f"Set {name} of {counted(self.editor.graph, self.ids)}", act, merge)

    def refresh(self) -> None:
        graph, problems = self.editor.graph, self.editor.problems
        if self._shown is not None and self._shown[0] is graph and self._shown[1] is problems:
            return  # only values are new, which this page does not show
        self._shown = graph, problems
        kinds = Kinds(self.editor)
        self.problems.show_problems([p for p in problems if p.node in self.editor.selection])
        for name, field in self.fields.items():
            value = kinds.value(name)
            field.show_value(None if value is MISSING else value, kinds.given(name))
        if self.flags is not None:
            self.flags.show_nodes(kinds.nodes)
