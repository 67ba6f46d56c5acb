"""The ports of a graph as a list to choose from: where a wire may begin, what it may end at, and the wires there are.

What belongs to the active node comes first, then what lies near it. Nothing here draws or edits.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from ...core.graph import Graph, Source, Wire
from .. import editing
from ..editing import Verdict

if TYPE_CHECKING:
    from ..editor import Editor

JUDGED = 200  # ports of which it is found out whether a wire fits there: the nearest


class Port(NamedTuple):
    """An output or input of a node; `text` is how it is written."""

    text: str
    node: str
    name: str
    output: bool
    said: Verdict | None = None  # what a wire from the one at hand would do here


class Cut(NamedTuple):
    """Wires that can be taken off together."""

    text: str
    wires: Sequence[Wire]


Named = TypeVar("Named", Port, Cut)


def _near(editor: Editor) -> list[str]:
    """The ids of all nodes: the active one, or those in the active group, then the others by how near they lie."""
    graph, active = editor.graph, editor.active
    if active is None:
        return sorted(graph.nodes, key=lambda id: graph.nodes[id].position)
    own, (x, y) = set(editing.with_interior(graph, [active])), graph.item(active).position
    away = {id: abs(node.position[0] - x) + abs(node.position[1] - y) for id, node in graph.nodes.items()}
    away.update(dict.fromkeys(own, -1.0))
    return sorted(graph.nodes, key=away.__getitem__)


def _paths(graph: Graph) -> dict[str, str]:
    """The path of each node."""
    before: dict[str | None, str] = {id: f"{graph.path(id)}/" for id in graph.groups}
    before[None] = ""
    return {id: before[node.group] + node.name for id, node in graph.nodes.items()}


def ports(editor: Editor, output: bool | None = None) -> list[Port]:
    """All outputs, all inputs, or (None) both, those of a node with its outputs first."""
    graph, registry = editor.graph, editor.registry
    paths, found = _paths(graph), []
    known: dict[str, tuple[list[str], list[str]]] = {}  # of ops that have the same ports in every node
    for id in _near(editor):
        op = registry.get(graph.nodes[id].op)
        names = known.get(op.name) if op is not None else None
        if names is None:
            given = [source.output for source in editing.outputs(graph, registry, id)]
            names = given, [port for _, port in editing.ports(graph, registry, id)]
            if op is not None and not op.grows:
                known[op.name] = names
        if output is not False:
            found += [Port(_result(paths[id], name, names[0]), id, name, True) for name in names[0]]
        if output is not True:
            found += [Port(f"{paths[id]}.{name}", id, name, False) for name in names[1]]
    return found


def _result(path: str, name: str, among: Sequence[str]) -> str:
    """How an output is written: never as an input, which may have the same name."""
    return f"{path}.{name} (result)" if len(among) > 1 else f"{path} (result)"


def detail(editor: Editor, port: Port) -> str:
    """The shape of what an output gives, or what feeds an input."""
    if port.output:
        return editor.shapes.get(Source(port.node, port.name), "")
    fed = editor.graph.fed(port.node, port.name)
    return "input" if fed is None else f"← {editing.source_name(editor.graph, fed)}"


def judged(editor: Editor, begun: Port, among: Iterable[Port]) -> list[Port]:
    """Where a wire from `begun` may go: first what fits and is free, then what fits, then what does not.

    What would close a loop is left out. Only the first `JUDGED` are looked at.
    """
    graph, registry, checked = editor.graph, editor.registry, editor.checking.found
    ranked = []
    for place, port in enumerate(among):
        if place >= JUDGED:
            break
        start, end = (begun, port) if begun.output else (port, begun)
        said = editing.verdict(graph, registry, checked, Source(start.node, start.name), end.node, end.name)
        if said.allowed:
            taken = graph.fed(end.node, end.name) is not None
            ranked.append((not said.fits, taken, place, port._replace(said=said)))
    return [port for _, _, _, port in sorted(ranked, key=lambda each: each[:3])]


def cuts(editor: Editor) -> list[Cut]:
    """All wires, those at the active node first; where several leave an output, these together too."""
    graph = editor.graph
    paths = _paths(graph)
    found: list[Cut] = []
    listed: set[tuple[str, str]] = set()
    for id in _near(editor):
        leaving, path = graph.consumers(id), paths[id]
        for output in dict.fromkeys(wire.source.output for wire in leaving):
            wires = [wire for wire in leaving if wire.source.output == output]
            if len(wires) > 1:
                found.append(Cut(f"{path}.{output}", wires))
        for wire in (*(Wire(source, id, port) for port, source in graph.inputs(id).items()), *leaving):
            if (wire.target, wire.port) not in listed:
                listed.add((wire.target, wire.port))
                source = f"{paths[wire.source.node]}.{wire.source.output}"
                found.append(Cut(f"{source} → {paths[wire.target]}.{wire.port}", [wire]))
    return found


def meeting(among: Iterable[Named], words: str) -> list[Named]:
    """Those whose text holds the words, first where a name begins with them."""
    low = words.strip().lower()
    met = [(at, each) for each in among if (at := each.text.lower().find(low)) >= 0]
    return [each for at, each in sorted(met, key=lambda pair: not _begins(pair[1].text, pair[0]))]


def _begins(text: str, at: int) -> bool:
    return not at or not text[at - 1].isalnum()
