"""Layers of the user's own: a group as the text of a file, and what such a file holds as a group again.

The file is a `.gw` graph that holds one group and no values: parameters start anew. The group says itself which ports
it had, in their order, since nothing outside of it is wired to them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import NamedTuple

from ...core.document import Document, Transaction
from ...core.errors import EditError, GradwireError
from ...core.files import dump_graph, parse_graph
from ...core.graph import Graph, GraphView, Node
from ...core.graph.elements import check_name
from ...core.op import Op
from ...core.ops import Registry
from .shown_ports import SHOWN, Ports, told_ports

NOT_IN_FILES = frozenset('\\<>"|?*')  # no name of a file on every system
LONGEST = 80  # letters of a name
MENTIONED = 8  # nodes that are named where a layer is told


class OwnLayer(NamedTuple):
    """What a file of the user's layers holds: a group and all within, or why it cannot be read."""

    name: str
    graph: Graph = Graph()
    group: str = ""
    refusal: str = ""

    @property
    def about(self) -> str:
        """What it is made of: `A group of 3 nodes: linear, relu, add.`"""
        names = [node.name for node in sorted(self.graph.nodes.values(), key=lambda node: node.position)]
        more = ", …" if len(names) > MENTIONED else ""
        count = f"{len(names):,} nodes" if len(names) != 1 else "one node"
        return f"A group of {count}: {', '.join(names[:MENTIONED])}{more}."


def checked_name(name: str) -> str:
    """The name of a layer, which is that of a file and of a group. Raises EditError where it cannot be both."""
    name = check_name(name.strip(), "layer's name")
    found = next((letter for letter in name if letter in NOT_IN_FILES), None)
    if found is not None:
        raise EditError(f"a layer's name must be one of a file, found {found!r} in {name!a}")
    if len(name) > LONGEST:
        raise EditError(f"a layer's name must have at most {LONGEST} letters, found {len(name)}")
    return name


# Writing.


def text_of(graph: Graph, registry: Registry, group: str, name: str, ports: Ports) -> bytes:
    """A group and all within as the bytes of a file, under a name. Raises EditError where it cannot stand alone.

    `ports` are those that its box has: what takes values, and what gives them.
    """
    nodes, groups = graph.interior(group)
    if not nodes:
        raise EditError(f"a layer needs a node, {graph.path(group)} holds none")
    _check_alone(graph, lambda node: registry.get(node.op), nodes, graph.path(group))
    outer = graph.groups[group]
    outer = replace(outer, name=name, group=None, extra={**outer.extra, SHOWN: told_ports(graph, group, ports)})
    within = set(nodes)
    wires = [wire for wire in graph.wires() if wire.source.node in within and wire.target in within]
    bends = {(wire.target, wire.port): graph.bends.get((wire.target, wire.port), ()) for wire in wires}
    x, y = _corner(graph, group)
    alone = Document(registry=registry)
    with alone.transaction("Save as layer") as t:
        t.paste(
            [graph.nodes[id] for id in nodes],
            [outer, *(graph.groups[id] for id in groups)],
            wires,
            bends={end: points for end, points in bends.items() if points},
            offset=(-x, -y),
        )
    return dump_graph(alone.graph)


def _check_alone(graph: GraphView, op_of: Callable[[Node], Op | None], nodes: Iterable[str], called: str) -> None:
    """Refuse a node that names another one outside by its id: elsewhere that would be any node, or none."""
    within = set(nodes)
    for id in sorted(within):
        node = graph.nodes[id]
        op = op_of(node)
        named = None if op is None or op.reference is None else node.params.get(op.reference)
        if named and named not in within:
            other = graph.called(str(named))
            raise EditError(
                f"a layer must hold all that it names, {graph.path(id)} names {other}",
                hint=f"put {other} into {called}",
            )


def _corner(graph: GraphView, id: str) -> tuple[float, float]:
    """The left top of a node or a box; of what is shown with all within, that of the first node there."""
    members = graph.members(id).values() if id in graph.groups and not graph.groups[id].collapsed else ()
    corners = [_corner(graph, member) for member in members if not graph.is_note(member)]
    if not corners:
        return graph.item(id).position
    return min(x for x, _ in corners), min(y for _, y in corners)


# Reading.


def read(data: bytes, name: str) -> OwnLayer:
    """The layer in the bytes of a file called `name`, which may be anything: what does not read is told."""
    try:
        checked_name(name)
        graph, _ = parse_graph(data, f"{name}.json")
        at_top = list(graph.members(None).values())
        if len(at_top) != 1 or at_top[0] not in graph.groups or not graph.nodes:
            found = f"{len(graph.nodes)} nodes in {len(graph.groups)} groups" if graph.nodes else "no node"
            raise EditError(f"{name}.json: a layer must be one group with all within it, found {found}")
    except GradwireError as error:
        return OwnLayer(name, refusal=str(error).splitlines()[0])
    return OwnLayer(name, graph, at_top[0])


def put(t: Transaction, layer: OwnLayer, position: tuple[float, float], group: str | None = None) -> str:
    """Add the group of a layer with its corner at (x, y), under fresh ids and the name of the layer; returns its id.

    Raises EditError for a file that cannot be read, or that names nodes which it does not hold.
    """
    if layer.refusal:
        raise EditError(layer.refusal)
    graph = layer.graph
    _check_alone(graph, t.ports.op, graph.nodes, layer.name)
    groups = [replace(each, name=layer.name) if each.id == layer.group else each for each in graph.groups.values()]
    x, y = _corner(graph, layer.group)
    offset = (position[0] - x, position[1] - y)
    new = t.paste(graph.nodes.values(), groups, graph.wires(), bends=graph.bends, group=group, offset=offset)
    return new[layer.group]
