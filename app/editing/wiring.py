"""Wires: which port suits, connecting, taking ends elsewhere, cutting."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from ...core.check import Checked
from ...core.document import Transaction
from ...core.errors import EditError
from ...core.graph import Graph, GraphView, Source, Wire
from ...core.ops import Registry
from .naming import port_name, source_name, wires_counted
from .shown_ports import kept_ports
from .verdict import verdict

if TYPE_CHECKING:
    from ..canvas.scene import PortRef
    from ..editor import Editor

NOTHING_KNOWN = Checked(())


# Which ports there are, and which suits.


def outputs(graph: GraphView, registry: Registry, id: str) -> list[Source]:
    """The values that a node gives; of a group first those that leave it or have a port, then the unread."""
    if id in graph.groups:
        inside = set(graph.interior(id)[0])
        found = [source for node in sorted(inside) for source in outputs(graph, registry, node)]
        wires = [wire for node in inside for wire in graph.consumers(node)]
        read, leaving = {wire.source for wire in wires}, {w.source for w in wires if w.target not in inside}
        first = leaving.union(kept_ports(graph, registry, id)[1])
        return [source for source in found if source in first] + [s for s in found if s not in read | first]
    op = registry.get(graph.node(id).op)
    if op is not None:
        return [Source(id, output.name) for output in op.outputs if not output.hidden]
    return sorted({wire.source for wire in graph.consumers(id)})


def ports(graph: GraphView, registry: Registry, id: str) -> list[tuple[str, str]]:
    """The ports of a node, one more where they grow; of a group those of its nodes that nothing within feeds."""
    if id in graph.groups:
        inside = set(graph.interior(id)[0])
        return [
            (node, port)
            for node in sorted(inside)
            for node, port in ports(graph, registry, node)
            if (fed := graph.fed(node, port)) is None or fed.node not in inside
        ]
    op, taken = registry.get(graph.node(id).op), graph.inputs(id)
    if op is None:
        return [(id, port) for port in taken]
    grown = len(taken) if op.grows else 0
    return [(id, port) for port in op.port_names(len(op.ports) + grown) if op.has_port(port)]


def best_port(
    graph: GraphView, registry: Registry, source: Source, id: str, checked: Checked = NOTHING_KNOWN
) -> tuple[str, str] | None:
    """The port of a node or group that suits `source` best: a free one that fits, a free one, one that fits, any.

    None where no wire from `source` can end there.
    """
    ranked = []
    for place, (target, port) in enumerate(ports(graph, registry, id)):
        said = verdict(graph, registry, checked, source, target, port)
        if said.allowed:
            taken = graph.fed(target, port) is not None
            ranked.append((taken, not said.fits, place, target, port))
    return min(ranked)[-2:] if ranked else None


# Connecting.


def connect_label(graph: GraphView, source: Source, target: str, port: str) -> str:
    """`Connect x to add.y`"""
    return f"Connect {source_name(graph, source)} to {port_name(graph, target, port)}"


def connect(editor: Editor, source: PortRef, target: PortRef) -> str | None:
    """Put an output on a port, one undo; a refusal is told. Both are ports of nodes. Returns the port."""
    value = Source(source.id, source.name)
    label = connect_label(editor.graph, value, target.id, target.name)
    return editor.attempt(label, lambda t: t.connect(value, target.id, target.name))


def plan(graph: GraphView, registry: Registry, source: str, target: str, checked: Checked = NOTHING_KNOWN) -> Wire:
    """The wire from one node or group to another: the first output, the port that suits best. EditError if none can."""
    given, names = outputs(graph, registry, source), (graph.item(source).name, graph.item(target).name)
    if not given:
        raise EditError(f"{names[0]} gives no value that could be connected to {names[1]}")
    for value in given:
        place = best_port(graph, registry, value, target, checked)
        if place is not None:
            return Wire(value, *place)
    free = ports(graph, registry, target)
    if not free:
        raise EditError(f"{names[1]} has no port to connect {names[0]} to")
    said = verdict(graph, registry, checked, given[0], *free[0])
    raise EditError(f"a wire from {names[0]} to {names[1]} {said.text}")


def planned(graph: GraphView, registry: Registry, start: str, end: str, checked: Checked = NOTHING_KNOWN) -> Wire:
    """The wire between two nodes or groups in the direction that is possible, from `start` to `end` where both are."""
    try:
        return plan(graph, registry, start, end, checked)
    except EditError as asked_for:
        try:
            return plan(graph, registry, end, start, checked)
        except EditError:
            raise asked_for from None


def connect_items(
    t: Transaction, registry: Registry, source: str, target: str, checked: Checked = NOTHING_KNOWN
) -> Wire:
    """Connect two nodes or groups as `plan` says."""
    wire = plan(t.graph, registry, source, target, checked)
    t.connect(*wire)
    return wire


def lazy_connect(t: Transaction, registry: Registry, start: str, end: str, checked: Checked = NOTHING_KNOWN) -> Wire:
    """Connect two nodes or groups as `planned` says."""
    wire = planned(t.graph, registry, start, end, checked)
    t.connect(*wire)
    return wire


def connect_selected(
    t: Transaction, registry: Registry, ids: Sequence[str], active: str | None, checked: Checked = NOTHING_KNOWN
) -> list[Wire]:
    """Connect two items from left to right; of more, all others into `active`, else into the rightmost."""
    graph = t.graph
    placed = sorted(ids, key=lambda id: (*graph.item(id).position, id))
    if len(placed) < 2:
        raise EditError(
            f"connecting needs two nodes or more, found {len(placed)} selected", hint="Shift+click adds one"
        )
    last = placed[-1] if len(placed) == 2 or active not in placed else active
    assert last is not None
    others = sorted((id for id in placed if id != last), key=lambda id: (graph.item(id).position[1], id))
    with t.step():
        return [connect_items(t, registry, id, last, checked) for id in others]


# Taking away.


def cut(t: Transaction, wires: Iterable[Wire]) -> None:
    """Take wires off their ports."""
    with t.step():
        for _, target, port in wires:
            t.disconnect(target, port)


def cut_label(graph: GraphView, wires: Sequence[Wire]) -> str:
    """`Cut x to add.y`, `Cut 3 wires`"""
    if len(wires) == 1:
        ((source, target, port),) = wires
        return f"Cut {source_name(graph, source)} to {port_name(graph, target, port)}"
    return f"Cut {wires_counted(len(wires))}"


def wires_at(graph: Graph, id: str, name: str, output: bool) -> list[Wire]:
    """The wires that leave an output or end at a port of a node."""
    if output:
        return [wire for wire in graph.consumers(id) if wire.source.output == name]
    source = graph.fed(id, name)
    return [] if source is None else [Wire(source, id, name)]


def move_source(t: Transaction, wires: Iterable[Wire], source: Source) -> None:
    """Let wires come from another value."""
    with t.step():
        for _, target, port in wires:
            bends = t.graph.bends.get((target, port), ())
            t.connect(source, target, port)
            t.set_bends(target, port, bends)


def move_end(t: Transaction, wire: Wire, target: str, port: str) -> None:
    """Take the end of a wire to another port."""
    with t.bulk():
        bends = t.graph.bends.get((wire.target, wire.port), ())
        t.disconnect(wire.target, wire.port)
        t.connect(wire.source, target, port)
        t.set_bends(target, port, bends)


def selected_wires(graph: Graph, ids: Iterable[str]) -> list[Wire]:
    """All wires that begin or end at some nodes, or within some groups."""
    found: dict[Wire, None] = {}
    for id in ids:
        for node in [id] if id in graph.nodes else graph.interior(id)[0]:
            found.update(dict.fromkeys(Wire(source, node, port) for port, source in graph.inputs(node).items()))
            found.update(dict.fromkeys(graph.consumers(node)))
    return list(found)
