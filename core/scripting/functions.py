"""Between graphs and Python functions: a graph as a function, a function drawn into the document."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Mapping
from keyword import iskeyword
from typing import Any

import numpy as np

from ..document import Document, Transaction
from ..document.ports import value_name
from ..errors import RunError
from ..gradient_check import unread
from ..graph import Graph, Source
from ..ops import Registry
from ..session import Session
from ..tracing import trace
from . import finding
from .placing import below
from .workspace import Workspace

Array = np.ndarray[Any, Any]
SMALL = 1_000  # numbers of an example that an input holds as its value; more are fed
VALUES = "values"  # the argument of every such function that is no input


def comes_out(graph: Graph, registry: Registry) -> list[str]:
    """The names of the values that nothing reads, of which the op is known."""
    if all(registry.get(node.op) is not None for node in graph.nodes.values()):
        return [value_name(graph, registry, source) for source in unread(graph, registry)]
    raise RunError("the graph has ops that are not known here", hint="say which values are wanted")


HELD_AS_GIVEN = 'values={"w": …} stands in the place of any value, as of a parameter'


def to_function(workspace: Workspace, wanted: tuple[Any, ...]) -> Callable[..., Any]:
    """A function of the graph's inputs, as `Graph.to_function` says."""
    workspace.refuse_within_edits("no function is made")
    document, registry = workspace.session.document, workspace.registry
    graph, values = workspace.host.on_owner(lambda: (document.graph, document.values))
    sources = [finding.value(graph, registry, each) for each in wanted]
    names = [value_name(graph, registry, source) for source in sources] or comes_out(graph, registry)
    arguments = _arguments(graph, registry, names)
    held = workspace.session
    session = Session(Document(graph, values, registry), held.path, registry, held.dtype, device=held.device)
    session.given = held.given
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    signature = inspect.Signature(
        [
            *(inspect.Parameter(argument, kind) for argument in arguments),
            inspect.Parameter(VALUES, inspect.Parameter.KEYWORD_ONLY, default=None),
        ]
    )

    def function(*given: Any, values: Mapping[str, Any] | None = None, **named: Any) -> Any:
        try:
            bound = signature.bind_partial(*given, **named).arguments
        except TypeError as error:
            takes = ", ".join(arguments) or "no arguments"
            raise RunError(f"{function.__name__} takes {takes}: {error}", hint=HELD_AS_GIVEN) from None
        feed = {arguments[argument]: value for argument, value in bound.items()}
        found = session.run({**feed, **(values or {})}, names)
        return found[names[0]] if len(names) == 1 else found

    function.__name__ = function.__qualname__ = "_".join(part for part in names[0].split("/") if part.isidentifier())
    function.__doc__ = f"{', '.join(names)} of {', '.join(arguments.values()) or 'nothing'}, as the graph computed it."
    function.__signature__ = signature  # type: ignore[attr-defined]
    return function


def _arguments(graph: Graph, registry: Registry, names: list[str]) -> dict[str, str]:
    """The inputs on which these values depend, by the names of the arguments: those of a data set are `data_x`."""
    needed = graph.ancestors([finding.value(graph, registry, name).node for name in names])
    given = [id for id in graph.order() if id in needed and graph.nodes[id].op in ("input", "dataset")]
    read = {wire.source for id in needed for wire in graph.consumers(id) if wire.target in needed}
    found: dict[str, str] = {}
    for id in given:
        for source in finding.outputs(graph, registry, id):
            if source in read or graph.nodes[id].op == "input":
                name = value_name(graph, registry, source)
                found[_argument(name, found)] = name
    return found


def _argument(name: str, taken: Collection[str]) -> str:
    """What an argument is called for an input of this name: as Python allows it, and as no other one is called."""
    plain = "".join(letter if letter.isalnum() else "_" for letter in name)
    plain = plain if plain.isidentifier() and not iskeyword(plain) else f"x_{plain}"
    free, count = plain, 1
    while free in taken or free == VALUES:
        count += 1
        free = f"{plain}_{count}"
    return free


def draw(
    workspace: Workspace, fn: Callable[..., Any], example: tuple[Any, ...], at: tuple[float, float] | None
) -> list[str]:
    """Draw a function into the document; returns the ids of its results. Raises `GradwireError`.

    Examples that are small become the values of its inputs.
    """
    graph = trace(fn, *example, registry=workspace.registry)
    empty = not workspace.view.nodes
    workspace.host.placed |= at is not None
    offset = at or (0.0, 0.0) if empty else at or below(workspace.view, workspace.registry)
    inputs = [id for id, node in graph.nodes.items() if node.op == "input"]  # in the order of the arguments

    def act(t: Transaction) -> dict[str, str]:
        with t.step():
            if empty:
                t.set_dtype(graph.dtype)
            new = t.paste(graph.nodes.values(), wires=graph.wires(), offset=offset)
            for id, value in zip(inputs, map(np.asarray, example), strict=True):
                if value.size <= SMALL:
                    t.set_param(new[id], "value", value.tolist())
            return new

    new = workspace.edit(f"Trace {getattr(fn, '__name__', 'a function')}", act)
    if not workspace.editing:
        workspace.host.on_owner(lambda: workspace.host.reveal(tuple(new.values())))
    results: list[Source] = unread(graph, workspace.registry)
    return [new[id] for id in dict.fromkeys(source.node for source in results)]
