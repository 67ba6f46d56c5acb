"""The card of a group that a layer built: what it computes, of what ops it is made, an example by them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtWidgets import QWidget

from ...core.graph import Source
from ...core.layers import Layer, find
from ...core.stepping.rules import LONGEST, rules
from ..inspecting.reading import spell
from ..look.theme import Theme
from ..search.words import LAYER, display_name
from .card import Card, numbers
from .interior import Interior
from .standing import Standing


class LayerCard(Card):
    """The card of a layer as it stands in a graph: in that of an editor, or in one made to show it."""

    def __init__(self, standing: Standing, id: str, theme: Theme, parent: QWidget | None = None) -> None:
        built_by = standing.graph.groups[id].built_by
        assert built_by is not None, "its caller has seen by what it was built"
        made = find(built_by.layer)
        super().__init__(theme, display_name(LAYER + made.name), f"{made.name} · layer", parent)
        self._standing, self._inside = standing, Interior(standing, id)
        formula = self._inside.formula()
        if formula and len(formula) <= LONGEST:
            self.say("Formula", f"y = {formula}", formula=True, large=True)
        self.tell("What it does", made.doc.split("\n\n"))
        self.say("Shapes here" if standing.live else "Shapes in the example", self._shapes(), code=True)
        self.say("How it is built", self._steps(), code=True)
        self._say_backward()
        if standing.live:
            given = made.check_parameters(built_by.params)
            self.say("Settings", _settings(given, {name: each.expected for name, each in made.parameters.items()}))
        else:
            self.say("Settings", _taken(made, built_by.params))
        self._say_example()
        self.end()

    def _shape(self, source: Source) -> str:
        return self._standing.found.shapes.get(source, "not known")

    def _shapes(self) -> str:
        inside, graph = self._inside, self._standing.graph
        rows = [("in", name, source) for source, name in inside.entering.items()]
        rows += [("parameter", inside.name(id), Source(id, "y")) for id in inside.parameters]
        rows += [("out", inside.of(source), source) for source in inside.leaving]
        names = [len(name) for _, name, _ in rows]
        lines = [f"{kind:<10} {name:<{max(names)}}  {self._shape(source)}" for kind, name, source in rows]
        for source, name in inside.entering.items() if self._standing.live else ():
            lines.append(f"{name} comes from {graph.path(source.node)}")
        return "\n".join(lines)

    def _steps(self) -> str:
        """Forward, op by op: the formula in the names of the graph, and what such an op does."""
        lines = []
        for number, step in enumerate(self._inside.steps(), 1):
            first = " ".join(step.op.doc.split("\n\n")[0].split()).replace("`", "")
            lines.append(f"{number}. {step.name} = {step.formula}")
            lines.append(f"   {display_name(step.op.name)}: {first}")
        return "\n".join(lines)

    def _say_backward(self) -> None:
        lines = []
        for step in reversed(self._inside.steps()):
            found = rules(step.op)
            told = ",  ".join(f"∂{port} = {text}" for port, text in found)
            lines.append(f"{step.name} ({step.op.name}):  {told or step.op.no_gradient or 'see the card of this op'}")
        if lines:
            self.say("Backward, g being the gradient of each result", "\n".join(lines), code=True)

    def _say_example(self) -> None:
        example = self._inside.example()
        if example is None:
            return
        of = "the first rows that come in now" if example.current else "small numbers"
        lines = [f"{name} =\n{numbers(value)}" for name, value in example.arguments]
        lines += [f"→ {name} =\n{numbers(value)}" for name, value in example.results]
        self.say(f"Example: forward, of {of}", "\n".join(lines), code=True)
        if example.gradients:
            text = "\n".join(f"∂/∂{name} =\n{numbers(value)}" for name, value in example.gradients)
            self.say("Example: backward, with g = 1 everywhere", text, code=True)


def layer_card(name: str, theme: Theme, parent: QWidget | None = None) -> Card:
    """The card of a layer that is not in the graph yet: as it computes on its sample; of one that has none what it
    does, and what it takes.
    """
    made = find(name)
    if (shown := Standing.sample(made)) is not None:
        return LayerCard(*shown, theme, parent)
    card = Card(theme, display_name(LAYER + made.name), f"{made.name} · layer", parent)
    card.tell("What it does", made.doc.split("\n\n"))
    card.say("Settings", _taken(made, {}))
    card.end()
    return card


def _taken(made: Layer, given: Mapping[str, Any]) -> str:
    """What a layer takes, with its defaults, and what its example has where that is something else."""
    lines = []
    for name, each in made.parameters.items():
        default = f"; default {spell(each.default, each.annotation) or 'none'}" if each.has_default else ""
        example = (
            f"; {spell(given[name], None)} in the example" if given.get(name, each.default) != each.default else ""
        )
        lines.append(f"{name}: {each.expected}{default}{example}")
    return "\n".join(lines)


def _settings(given: Mapping[str, Any], expected: Mapping[str, str]) -> str:
    return "\n".join(f"{name} = {spell(value, None) or 'none'} ({expected[name]})" for name, value in given.items())
