"""What names in expressions mean at a moment: `w.grad`, `mlp.w.value`, `x.via.sin`, `node("a b").grad`, `grad`."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import EditError
from ..files.strict_json import shorten
from ..graph import Graph, Source
from .forms import FIELDS, FITS, ITERATION, OP, PHASE, WORDS, ExpressionError, is_path, told
from .functions import FUNCTIONS, spelled
from .moment import Gradient, Moment
from .states import State
from .timeline import Array

LOSS = "loss"  # where no node is called so: that of training
_COMPARED = {PHASE: 'phase == "backward"', OP: 'op == "relu"'}


class NotYetError(Exception):
    """What an expression speaks of is not known at this moment."""


@dataclass(frozen=True)
class Parts:
    """Contributions to one gradient, each with the name of where it comes from.

    `asked` is how many were asked for at most; None: all, however many the graph has.
    """

    values: Sequence[Array]
    names: Sequence[str]
    asked: int | None = None

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        return np.array(self.values, dtype)


def read_name(tree: ast.AST) -> tuple[list[str], list[str]]:
    """The names of groups and node, and what is asked of it; `x.contrib['sin']` as `x.contrib.sin`."""
    whole, words = tree, list[str]()
    while isinstance(tree, (ast.Attribute, ast.Subscript)):
        if isinstance(tree, ast.Attribute):
            words.insert(0, tree.attr)
        elif isinstance(tree.slice, ast.Constant):
            words.insert(0, str(tree.slice.value))
        tree = tree.value
    match tree:
        case ast.Call(func=ast.Name(id="node"), args=[ast.Constant(value=str(name))]):
            path = [name]
        case ast.Call(func=ast.Name(id="node")):
            raise ExpressionError('node takes one name, as in node("my node").grad')
        case ast.Name(id=name):
            path = [] if name in FIELDS else [name]
            words = [name, *words] if name in FIELDS else words
        case _:
            hint = "path(x, loss).top(3)" if is_path(tree) else None
            has = f"{told(tree)} has no {words[0]!r}" if words else f"{told(whole)} is no node"
            raise ExpressionError(has, hint=hint)
    while words and words[0] not in FIELDS:
        path.append(words.pop(0))
    return path, words


class Names:
    """Which nodes of a graph the names in expressions mean; what has no name is `here`."""

    def __init__(self, graph: Graph, here: str | None) -> None:
        self.graph = graph
        self.here = here

    def node(self, path: list[str], words: Sequence[str] = ()) -> str:
        """The id of the node of which `words` are asked. Raises `ExpressionError`."""
        try:
            id = self.graph.resolve("/".join(path)) if path else self.here
        except EditError as error:
            id = self._loss if path == [LOSS] else None
            if id is None:
                raise self._unknown(path, words, error) from None
        if id is None:
            raise ExpressionError("value and grad alone need a node to belong to", hint="x.grad")
        return id

    @property
    def _loss(self) -> str | None:
        """The node that is the loss of training; None where there is none, and where a node or group is called so."""
        graph, training = self.graph, self.graph.training
        called = {item.name for items in (graph.nodes, graph.groups) for item in items.values()}
        if training is None or training.loss not in graph.nodes or LOSS in called:
            return None
        return training.loss

    def is_iteration(self, path: list[str], words: Sequence[str]) -> bool:
        """Whether a name means the number of the iteration, and no node."""
        return path == [ITERATION] and not words and not self._is_node(ITERATION)

    def _unknown(self, path: list[str], words: Sequence[str], error: EditError) -> ExpressionError:
        """Why names mean no node: that before the last is one, it is that of a function, or there is none."""
        if len(path) > 1 and not words and self._is_node("/".join(path[:-1])):
            return ExpressionError(f"{shorten('.'.join(path[:-1]))} has no {shorten(repr(path[-1]))}", hint=FITS)
        if path[0] in WORDS:
            return ExpressionError(f"{path[0]} is a word, to be compared with another", hint=_COMPARED[path[0]])
        if path[0] in FUNCTIONS:
            return ExpressionError(f"{path[0]} is a function and no node", hint=f"as in {spelled(path[0])}")
        return ExpressionError(shorten(error.message, 100), hint=error.hint)

    def _is_node(self, text: str) -> bool:
        try:
            return bool(self.graph.resolve(text))
        except EditError:
            return False


class Named:
    """The values and gradients of a moment by what expressions call them; `value` and `grad` alone are of `here`."""

    def __init__(self, moment: Moment, here: str | None) -> None:
        self.moment = moment
        self.here = here
        self.run = moment.timeline.run
        self._names = Names(self.graph, here)

    @property
    def graph(self) -> Graph:
        return self.run.asked.graph

    def of(self, tree: ast.AST) -> Any:
        """What a name with what is asked of it comes to."""
        path, words = read_name(tree)
        if self._names.is_iteration(path, words):
            return self.run.asked.iteration
        return self._field(self.source(path, words), words, bool(path))

    def word(self, name: str) -> str:
        """The phase of the step that was done last, or the op of its node; "" of a step of no one node."""
        step = self.moment.step
        if step is None:
            raise NotYetError
        if name == PHASE:
            return step.phase
        return "" if step.node is None else self.graph.nodes[step.node].op

    def update(self, tree: ast.expr) -> tuple[Array, Array]:
        """What the update of this iteration adds to a parameter, and what that was before."""
        path, words = read_name(tree)
        source = self.source(path)
        updated, before = self.moment.timeline.updated, self.run.value(source)
        if words not in ([], ["value"]) or source.node not in updated or before is None:
            found = f"{told(tree)} is none"
            raise ExpressionError(f"ratio of one value needs a parameter that is trained; {found}", hint="ratio(x, y)")
        if not self.moment.updated(source.node):
            raise NotYetError
        return updated[source.node] - before, before

    def source(self, path: list[str], words: Sequence[str] = ()) -> Source:
        """The value that names mean."""
        id = self._names.node(path, words)
        source = next(iter(self.moment.timeline.sources_of.get(id, ())), None)
        if source is None:
            raise ExpressionError(f"{self.graph.called(id)} has no value")
        return source

    def _field(self, source: Source, words: list[str], named: bool) -> Any:
        field, rest = (words[0], words[1:]) if words else ("value", [])
        if field in ("via", "contrib"):
            return self._via(source, rest)
        if rest:
            raise ExpressionError(f"{field} has no {shorten(repr(rest[0]))}", hint=FITS)
        if field == "value":
            found = self.moment.value(source)
            if found is None:
                raise NotYetError
            return found
        gradient = self.moment.gradient(source)
        if field == "grad" and (standing := self.moment.standing(source)) is not None:
            return standing.value  # with what passes before have left there
        if gradient.value is None:
            self._refuse_never(source, gradient, named)
            raise NotYetError
        if field == "grad":
            return gradient.value
        own = [] if gradient.start is None else ["the start"]
        return Parts(gradient.terms, [*own, *(self.graph.path(delivery.node) for delivery in gradient.arrived)])

    def _refuse_never(self, source: Source, gradient: Gradient, named: bool) -> None:
        """Refuse to wait for a gradient that never comes; a node that was not named is one of many that are asked."""
        if named and gradient.state in (State.NO_PATH, State.STOPPED):
            path = self.graph.path(source.node)
            raise ExpressionError(f"no gradient comes to {path}: {gradient.reason or 'no path leads there'}")

    def _via(self, source: Source, words: list[str]) -> Any:
        """The contribution of one consumer, by its name, where it takes the value twice with the port too."""
        name, port = (*words, "", "")[:2]
        takers = [self.graph.nodes[wire.target].name for wire in self.graph.consumers(source.node)]
        path, hint = self.graph.path(source.node), ", ".join(dict.fromkeys(takers)) or None
        if not name:
            wanted = f"a contribution needs the name of who takes {path}"
            raise ExpressionError(wanted if takers else f"{wanted}, and nothing takes it", hint=hint)
        for delivery in self.moment.gradient(source).arrived:
            node = self.graph.nodes[delivery.node].name
            if node == name and (not port or delivery.port == port):
                return delivery.value
        if name not in takers:
            raise ExpressionError(f"{shorten(repr(name))} does not take {path}", hint=hint)
        raise NotYetError
