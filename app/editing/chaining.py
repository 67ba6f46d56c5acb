"""Nodes in the middle of wires: put in, pulled out, deleted with what feeds them going on to what they fed."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from ...core.check import Checked
from ...core.document import Transaction
from ...core.errors import EditError
from ...core.graph import GraphView, Source, Wire
from ...core.graph.elements import Places
from ...core.ops import Registry
from ..look.theme import NODE_WIDTH, TITLE_HEIGHT
from .bending import split, take_over
from .moving import with_interior
from .naming import cover, port_name, seen_name, source_name, wire_name
from .verdict import verdict
from .wiring import NOTHING_KNOWN, best_port, outputs, ports


def insertable(graph: GraphView, registry: Registry, id: str) -> bool:
    """Whether a node or group could go into a wire: something can feed it, and nothing reads it yet."""
    if any(
        wire for node in _nodes(graph, id) for wire in graph.consumers(node) if wire.target not in _nodes(graph, id)
    ):
        return False
    free = any(graph.fed(node, port) is None for node, port in ports(graph, registry, id))
    return free and bool(outputs(graph, registry, id))


def insert_label(graph: GraphView, name: str, wire: Wire, entered: str | None) -> str:
    """`Insert relu between matmul and add.x`: as both are seen while the group `entered` is shown."""
    start, end = wire.source.node, wire.target
    ends = source_name(graph, wire.source), port_name(graph, end, wire.port)
    if cover(graph, graph.item(start).group, entered):
        ends = seen_name(graph, start, entered), ends[1]
    if cover(graph, graph.item(end).group, entered):
        ends = ends[0], seen_name(graph, end, entered)
    return f"Insert {name} between {ends[0]} and {ends[1]}"


def insert_on_wire(
    t: Transaction, registry: Registry, id: str, wire: Wire, checked: Checked = NOTHING_KNOWN, into: str | None = None
) -> None:
    """Let a wire run through a node or group: into the port that suits (or `into`), out of the output that fits."""
    name = t.graph.item(id).name
    if wire.target in _nodes(t.graph, id) or wire.source.node in _nodes(t.graph, id):
        raise EditError(f"{name} is at an end of the wire {wire_name(t.graph, wire)} already")
    bends = t.graph.bends.get((wire.target, wire.port), ())
    with t.step():
        t.disconnect(wire.target, wire.port)
        named = (id, into) if into is not None and id in t.graph.nodes else None
        place = named or best_port(t.graph, registry, wire.source, id, checked)
        if place is None:
            raise EditError(
                f"{name} has no port for {wire_name(t.graph, wire)}", hint="a node with a port goes into a wire"
            )
        t.connect(wire.source, *place)
        given = outputs(t.graph, registry, id)
        if not given:
            raise EditError(
                f"{name} gives no value to {wire_name(t.graph, wire)}", hint="a node with an output would fit"
            )
        fitting = (s for s in given if verdict(t.graph, registry, checked, s, wire.target, wire.port).fits)
        t.connect(next(fitting, given[0]), wire.target, wire.port)
        x, y = t.graph.item(id).position
        middle = x + NODE_WIDTH / 2, y + TITLE_HEIGHT  # about: how high it is drawn is not known here
        split(t, bends, middle, place, (wire.target, wire.port))


def passed_on(graph: GraphView, checked: Checked, source: Source, gone: Collection[str]) -> Source | None:
    """What takes the place of a value when the nodes `gone` leave: the first input like it, else the first at all."""
    seen: set[str] = set()
    while source.node in gone:
        if source.node in seen:
            return None
        seen.add(source.node)
        fed = list(graph.inputs(source.node).values())
        if not fed:
            return None
        wanted = checked.shapes.get(source)
        alike = (s for s in fed if wanted is not None and checked.shapes.get(s) == wanted)
        source = next(alike, fed[0])
    return source


def bridge(t: Transaction, ids: Iterable[str], checked: Checked = NOTHING_KNOWN) -> int:
    """Take the wires between some nodes and all others off, and wire what fed them to what they fed.

    Wires among the nodes stay. Returns how many wires lead past them now.
    """
    graph, gone = t.graph, {node for id in ids for node in _nodes(t.graph, id)}
    leaving = [wire for id in sorted(gone) for wire in graph.consumers(id) if wire.target not in gone]
    entering = [
        Wire(source, id, port)
        for id in sorted(gone)
        for port, source in graph.inputs(id).items()
        if source.node not in gone
    ]
    around = [(wire, passed_on(graph, checked, wire.source, gone)) for wire in leaving]
    bends = {(target, port): _bends_through(graph, source, (target, port), gone) for source, target, port in leaving}
    with t.bulk():
        for wire in (*leaving, *entering):
            t.disconnect(wire.target, wire.port)
        for wire, source in around:
            if source is not None:
                t.connect(source, wire.target, wire.port)
        take_over(t, bends)
    return sum(source is not None for _, source in around)


def _bends_through(graph: GraphView, source: Source, wire: tuple[str, str], gone: Collection[str]) -> Places:
    """The dots of a wire behind those of the one that feeds the one node before it: of both where they become one."""
    before = list(graph.inputs(source.node)) if source.node in gone else []
    entering = graph.bends.get((source.node, before[0]), ()) if len(before) == 1 else ()
    return entering + graph.bends.get(wire, ())


def extract(t: Transaction, ids: Collection[str], checked: Checked = NOTHING_KNOWN) -> None:
    """Pull nodes out of their wires, which close behind them; refused where there are none."""
    gone = {node for id in ids for node in _nodes(t.graph, id)}
    fed = any(source.node not in gone for id in gone for source in t.graph.inputs(id).values())
    if not fed and not any(wire.target not in gone for id in gone for wire in t.graph.consumers(id)):
        raise EditError("there are no wires to pull this out of")
    bridge(t, ids, checked)


def delete(t: Transaction, ids: Iterable[str]) -> None:
    """Remove nodes with their wires, and groups with all within."""
    t.remove(*with_interior(t.graph, ids))


def delete_and_reconnect(t: Transaction, ids: Collection[str], checked: Checked = NOTHING_KNOWN) -> None:
    """Remove nodes, and wire what fed them to what they fed."""
    with t.step():
        bridge(t, ids, checked)
        delete(t, ids)


def _nodes(graph: GraphView, id: str) -> list[str]:
    return graph.interior(id)[0] if id in graph.groups else [id]
