"""What a phrase is said of: a graph with its ops, and what is known of it beside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np

from ...errors import GradwireError
from ...graph import Graph, GraphView, Source
from ...graph.view import at_path
from ...infer import Describe
from ...op import Aval
from ...ops import Registry
from .. import finding
from ..makers import Maker, Makers, named, near_to, of_other_kind
from .lexing import PhraseError

Array = np.ndarray[Any, Any]


class Around(NamedTuple):
    """What is known beside the graph, none of which is needed.

    `group` is the group that is entered: names are looked for there first, and what is new comes there. `avals` are
    shapes that are known already; `describe` tells those of a data set.
    """

    values: Mapping[str, Array] = {}
    group: str | None = None
    avals: Mapping[Source, Aval] = {}
    describe: Describe | None = None


class Meant:
    """Stands for a node or group by its id, whatever else is called so."""

    _output = ""

    def __init__(self, id: str) -> None:
        self._id = id


class Scope:
    """A graph in which names are looked for."""

    def __init__(self, graph: Graph, registry: Registry, around: Around) -> None:
        self.graph, self.registry, self.around = graph, registry, around

    def find(self, path: str) -> str | None:
        """The id of the node or group that a path means as it stands, None where it means none."""
        group = self.around.group
        inside = at_path(self.graph, f"{self.graph.path(group)}/{path}") if group is not None else None
        found = inside or at_path(self.graph, path)
        return None if found is not None and self.graph.is_note(found) else found

    def item(self, path: str, column: int) -> str:
        """The id of the node or group that is meant. Raises `PhraseError` with near misses."""
        with placed(column):
            return self.find(path) or finding.item(self.graph, path)

    def sure(self, path: str) -> str | None:
        """The same, None where nothing or several are called so."""
        found = self.find(path) or (path if path in self.graph.nodes or path in self.graph.groups else None)
        if found is not None:
            return found
        alike = self.alike(path)
        return alike[0] if len(alike) == 1 else None

    def alike(self, name: str) -> list[str]:
        """The nodes and groups of a name, wherever they are."""
        graph = self.graph
        return [id for id in (*graph.nodes, *graph.groups) if graph.item(id).name == name and not graph.is_note(id)]

    def unknown(self, path: str, column: int) -> PhraseError:
        """That nothing is called so, neither what is there nor what can be added."""
        graph = self.graph
        there = [form for id in (*graph.nodes, *graph.groups) for form in (graph.path(id), graph.item(id).name)]
        hint = near_to(path, self.registry, there)
        return PhraseError(column, f"no node, op or layer is called {path!r}", hint=hint)

    def source(self, path: str, output: str, column: int) -> Source:
        """The value of a node or of what comes out of a group. Raises `PhraseError`."""
        id = self.item(path, column)
        found = finding.outputs(self.graph, self.registry, id)
        fitting = [each for each in found if output in ("", each.output)]
        if output == "" and len(found) > 1:
            known = ", ".join(f"{self.graph.path(each.node)}.{each.output}" for each in found)
            raise PhraseError(column, f"{path} has {len(found)} outputs", hint=f"say which: {known}")
        if not fitting:
            known = ", ".join(each.output for each in found) or "none"
            raise PhraseError(
                column,
                f"{path} has no output {output!r}" if output else f"{path} gives no value",
                hint=f"its outputs: {known}",
            )
        return fitting[0]

    def makers(self, name: str) -> Makers:
        """The op and the layer that a name means, however its capitals and underscores are written."""
        return named(name, self.registry, others=True)

    def maker(self, name: str) -> Maker | None:
        """The op of a name, else the layer."""
        return self.makers(name).first

    def makers_called(self, name: str, column: int) -> Makers:
        """The op and the layer of a name. Raises `PhraseError` with near misses."""
        found = self.makers(name)
        if found.first is not None:
            return found
        if told := of_other_kind(name, self.registry):
            raise PhraseError(column, told[0], hint=told[1])
        raise PhraseError(column, f"no op or layer is called {name!r}", hint=near_to(name, self.registry))

    def function(self, name: str, column: int) -> Maker:
        """What a name with values in brackets behind it means: the op, else the layer. Raises `PhraseError`."""
        found = self.makers_called(name, column).first
        assert found is not None
        return found


@contextmanager
def placed(column: int) -> Iterator[None]:
    """A refusal within is told with its place in the phrase."""
    try:
        yield
    except PhraseError:
        raise
    except GradwireError as error:
        raise PhraseError(column, error.message, hint=error.hint) from None


def called(scope: Scope, view: GraphView, source: Source) -> str:
    """The name of a value: `relu1`, `fc1` of what a layer gives, or `data.x` of a node that gives several."""
    around, registry = view.chain(scope.around.group), scope.registry
    for group in reversed(view.chain(view.node(source.node).group)):  # the outermost first
        if group not in around and finding.outputs(view, registry, group) == [source]:
            return view.groups[group].name
    name = view.node(source.node).name
    return name if len(finding.outputs(view, registry, source.node)) == 1 else f"{name}.{source.output}"


def listed(words: list[str]) -> str:
    """`a, b and c`."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
