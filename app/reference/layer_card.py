"""The card of a layer, or of one of the user's own: what it computes, of what ops it is made, an example by them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtWidgets import QWidget

from ...core.graph import Source
from ...core.layers import Layer, find
from ...core.stepping.rules import LONGEST
from ..editing.own_layers import OwnLayer
from ..inspecting.reading import spell
from ..look.theme import Theme
from ..search.words import LAYER, display_name
from .card import Card, numbers
from .interior import Interior
from .standing import Standing


class GroupCard(Card):
    """The card of a group as it stands in a graph: in that of an editor, or in one made to show it."""

    def __init__(
        self, standing: Standing, id: str, theme: Theme, title: str, second: str, parent: QWidget | None
    ) -> None:
        super().__init__(theme, title, second, parent)
        self._standing, self._inside = standing, Interior(standing, id)
        formula = self._inside.formula()
        if formula and len(formula) <= LONGEST:
            self.say("Formula", f"y = {formula}", formula=True, large=True)

    def say_of_inside(self) -> None:
        """The shapes, and how it is built, forward and backward."""
        example = "Shapes in the example" if self._inside.entering else "Shapes"
        self.say("Shapes here" if self._standing.live else example, self._shapes(), code=True)
        self.say("How it is built", self._steps(), code=True)
        self._say_backward()

    def _shape(self, source: Source) -> str:
        return self._standing.found.shapes.get(source, "not known")

    def _shapes(self) -> str:
        inside, graph = self._inside, self._standing.graph
        rows = [("in", name, source) for source, name in inside.entering.items()]
        rows += [("parameter", inside.name(id), Source(id, "y")) for id in inside.parameters]
        rows += [("out", inside.of(source), source) for source in inside.leaving]
        waiting = [] if self._standing.live else inside.open_ports()
        width = max((len(name) for name in (*waiting, *(name for _, name, _ in rows))), default=0)
        lines = [f"{'in':<10} {name:<{width}}  of what is wired there" for name in waiting]
        lines += [f"{kind:<10} {name:<{width}}  {self._shape(source)}" for kind, name, source in rows]
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
        lines, steps = [], self._inside.steps()
        for step in reversed(steps):
            told = ",  ".join(f"∂{port} = {text}" for port, text in step.rules)
            lines.append(f"{step.name} ({step.op.name}):  {told or step.op.no_gradient or 'see the card of this op'}")
        if lines:
            known = all(step.here for step in steps)
            caption = "Backward, g being the gradient of each result"
            told = caption if known else f"{caption}; where nothing is wired with the numbers of the op's example"
            self.say(told, "\n".join(lines), code=True)

    def say_example(self) -> None:
        """What comes of a few rows, where all of it can be computed."""
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


class LayerCard(GroupCard):
    """The card of a group that a layer built."""

    def __init__(self, standing: Standing, id: str, theme: Theme, parent: QWidget | None = None) -> None:
        built_by = standing.graph.groups[id].built_by
        assert built_by is not None, "its caller has seen by what it was built"
        made = find(built_by.layer)
        super().__init__(standing, id, theme, display_name(LAYER + made.name), f"{made.name} · layer", parent)
        self.tell("What it does", made.doc.split("\n\n"))
        self.say_of_inside()
        if standing.live:
            given = made.check_parameters(built_by.params)
            self.say("Settings", _settings(given, {name: each.expected for name, each in made.parameters.items()}))
        else:
            self.say("Settings", _taken(made, built_by.params))
        self.say_example()
        self.end()


def own_card(layer: OwnLayer, theme: Theme, parent: QWidget | None = None) -> Card:
    """The card of a layer of the user's own that is not in the graph yet: what it holds, and why it cannot be read."""
    second = "layer of your own"
    if layer.refusal:
        card = Card(theme, layer.name, second, parent)
        card.tell("What it does", [layer.about])
    else:
        card = GroupCard(*Standing.own(layer), theme, layer.name, second, parent)
        card.tell("What it does", [layer.about])
        card.say_of_inside()
        card.say_example()
    card.end()
    return card


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
