"""The card of an op (F1): what it computes, what goes in and out, its rules as they stand in the code, an example."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from PySide6.QtWidgets import QWidget

from ...core.errors import GradwireError
from ...core.op import Op
from ...core.ops.formulas import unicode_formula
from ...core.parameters import HIDDEN
from ...core.stepping.rule_code import gradient_code, whole_code
from ...core.stepping.rules import conventions, rules
from ...core.stepping.worked_example import shapes_of, worked_example
from ...core.tracing import standing_for
from ..editor import Editor
from ..inspecting.parts import Section, label
from ..inspecting.reading import spell
from ..inspecting.sheet import small
from ..look.fonts import mono
from ..look.theme import Theme
from ..search.words import LAYER, OWN, display_name
from ..step_card.typesetting import Formula
from .card import Card, Code, Fold, numbers
from .layer_card import LayerCard, layer_card, own_card
from .standing import Standing

NOTHING: Mapping[str, Any] = {}
LONGEST = 40  # letters of a value


class OpCard(Card):
    """The card of one op; of a node with the `shapes` there, and the parameters that it is `given`."""

    def __init__(
        self,
        op: Op,
        theme: Theme,
        shapes: str = "",
        given: Mapping[str, Any] = NOTHING,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, display_name(op.name), f"{op.name} · {op.category}", parent)
        self.op, self.given = op, given
        self.example = worked_example(op)
        self._say_formula()
        self.say("Ports", self._ports())  # the formula's letters, as wires and this window call them
        first, *rest = op.doc.split("\n\n")
        self.tell("What it does", [first])
        if rest:
            self.tell("Details", rest)
        if shapes:
            self.say("Shapes here", shapes, code=True)
        if parameters := self._parameters():
            self.say("Parameters", parameters)
        if (forward := whole_code(op.forward, op.name)) is not None:
            self.say("Forward", forward, code=True)
        if (parts := whole_code(op.composition_rule, "parts")) is not None:
            self.say("Made of", parts, code=True)
        self._say_backward()
        if told := conventions(op):
            self.tell("Conventions", told)
        self._say_example()
        self.end()

    def _say_formula(self) -> None:
        """Set as mathematics; a line of text stands there until it is."""
        formula = Formula(self.theme)
        formula.setFont(mono(1.25))
        formula.show_formula(self.op.formula)
        self.column.addWidget(Section("Formula").add(formula))
        self.texts.append(f"Formula\n{unicode_formula(self.op.formula)}")

    def _say_backward(self) -> None:
        op, caption = self.op, "Backward"
        if op.no_gradient is not None:
            self.say("Backward", f"No gradient: {op.no_gradient}.")
            return
        found, code = rules(op), gradient_code(op)
        if not found and code is not None:
            self.say(caption, code, code=True)
        if not found:
            return
        section = self.say(caption, "\n".join(f"∂{port} = {text}" for port, text in found), formula=True)
        own = any(re.search(r"\d\.\d|shape=|classes=", text) for _, text in found)
        note = "g is the gradient of the result." + " Sizes and numbers are those of the example below." * own
        section.add(label(note, "dim", small(), wrap=True))
        if code is not None:
            section.add(Fold("as code", Code(code)))
            self.texts.append(code)

    def _ports(self) -> str:
        example = self.example
        given = {} if example is None else shapes_of((*example.arguments, *example.results))

        def line(way: str, name: str, more: str = "", key: str = "") -> str:
            shape = given.get(key or name, "")
            return f"{way}{name}{more}" + (f"   {shape} in the example" if shape else "")

        lines = []
        for port in self.op.ports:
            if not port.hidden:
                more = " (any number: it grows)" if port.variadic else " (may stay open)" if port.optional else ""
                lines.append(line("in   ", port.name, more, f"{port.name}0" if port.variadic else ""))
        return "\n".join(lines + [line("out  ", output.name) for output in self.op.outputs if not output.hidden])

    def _parameters(self) -> str:
        lines = []
        for parameter in self.op.parameters.values():
            if parameter.role not in HIDDEN:
                default = spell(parameter.default, parameter.annotation) or "none" if parameter.has_default else None
                here = self.given.get(parameter.name, parameter.default)
                text = spell(here, parameter.annotation) or "none" if here != parameter.default else ""
                told = f"; {text if len(text) <= LONGEST else text[:LONGEST] + '…'} here" * bool(text)
                lines.append(f"{parameter.name}: {parameter.expected}{f'; default {default}' if default else ''}{told}")
        return "\n".join(lines)

    def _say_example(self) -> None:
        example = self.example
        if example is None:
            return
        lines = [f"{name} =\n{numbers(value)}" for name, value in example.arguments]
        lines += [f"{name} = {spell(value, None)}" for name, value in example.params.items()]
        lines += [f"→ {name} =\n{numbers(value)}" for name, value in example.results]
        self.say("Example: forward", "\n".join(lines), code=True)
        if example.gradients:
            text = "\n".join(f"∂/∂{name} =\n{numbers(value)}" for name, value in example.gradients)
            self.say("Example: backward, with g = 1 everywhere", text, code=True)


def card_of(editor: Editor, theme: Theme, name: str, parent: QWidget | None = None) -> Card:
    """The card of an op, of "layer:NAME" or of "own:NAME", of which nothing is in the graph yet."""
    if name.startswith(OWN):
        return own_card(editor.own_layers.layers[name.removeprefix(OWN)], theme, parent)
    if name.startswith(LAYER):
        return layer_card(name.removeprefix(LAYER), theme, parent)
    return OpCard(editor.session.registry[name], theme, parent=parent)


def make_card(editor: Editor, theme: Theme, id: str, parent: QWidget | None = None) -> Card | None:
    """The card of a node, or of a group that a layer built; None, with a line told, where there is nothing to say."""
    graph = editor.graph
    try:
        if id in graph.groups:
            built_by = graph.groups[id].built_by
            if (whole := standing_for(graph, editor.registry, id)) is not None:
                return OpCard(whole, theme, parent=parent)
            if built_by is not None:
                return LayerCard(Standing.of(editor), id, theme, parent)
            editor.told.emit(f"{graph.groups[id].name} was built by hand: there is no card for it", "note")
            return None
        op = editor.session.registry[graph.nodes[id].op]
    except GradwireError as error:
        editor.told.emit(str(error), "refusal")
        return None
    lines = [f"{port} ← {editor.shapes.get(source, 'not known')}" for port, source in graph.inputs(id).items()]
    lines += [f"{source.output} → {shape}" for source, shape in editor.shapes.items() if source.node == id]
    return OpCard(op, theme, "\n".join(lines), graph.nodes[id].params, parent)
