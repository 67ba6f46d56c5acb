"""Ops shown as what they are made of: a node becomes a group of simpler ops, and such a group the node again.

The group has the node's id, name and place, and is built by the op with the node's parameters: so it knows what to
become again. An edit within by hand ends that, as for layers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from ..check import Checked, shape_text
from ..document import Transaction
from ..document.edits import AddGroup, AddNode
from ..document.references import name_anew
from ..document.written import held_by, written_as
from ..errors import EditError, GradwireError
from ..graph import GraphView, Source, Wire
from ..graph.elements import COLUMN, ROW, BuiltBy, Group, Node, Places
from ..infer import Binding, arrange, bind
from ..op import Aval, Op
from ..refusing import outcome
from .parts import Parts, is_composite, parts_of


class Expanded(NamedTuple):
    """The group that stands for a node, the value within that is the node's, and the shapes of all values within."""

    group: str
    was: Source
    output: Source
    shapes: Mapping[Source, str]


def expand_node(t: Transaction, id: str, checked: Checked, dtype: str) -> Expanded:
    """Put in the place of a node a group of the simpler ops of which it is made.

    `checked` is of the graph as it was before the transaction, in this dtype. Raises `EditError` where the node is not
    made of others, or the shapes of what feeds it are not known.
    """
    graph, node = t.graph, t.node(id)
    op = _composite(t, node)
    fed = _fed(t, op, node)
    first, second = (composed(graph, op, node, fed, each.avals, dtype) for each in checked.inferred)
    if first.key != second.key:
        raise EditError(
            f"{graph.path(id)} cannot be expanded: what it is made of depends on how many samples a batch has",
            hint=f"{op.name} over other axes than that of the batch can be",
            node=id,
        )
    bends = {port: graph.bends.get((id, port), ()) for port in fed}
    leaving = bent(graph, graph.consumers(id))
    with t.bulk(), t.building(id, *graph.chain(node.group)):
        t.remove(id)
        built_by = BuiltBy(op.name, node.params)
        t.apply(AddGroup(Group(id, node.name, node.group, built_by, position=node.position, extra=node.extra)))
        ids = _add_parts(t, id, first, fed)
        output = Source(ids[first.output[0]], first.output[1])
        t.set_flags(output.node, node.flags)
        for port, (number, entry) in first.entries.items():
            t.set_bends(ids[number], entry, bends[port])
        lead_on(t, leaving, output)
        name_anew(t, id, output.node, {result_of(op): output.output})
    each = zip(ids, first.parts, second.parts, strict=True)
    shapes = {Source(made, one.output): shape_text(one.aval, other.aval) for made, one, other in each}
    return Expanded(id, Source(id, result_of(op)), output, shapes)


def _composite(t: Transaction, node: Node) -> Op:
    """The op of a node. Raises `EditError` where no simpler ones can stand for it."""
    path, op = t.graph.path(node.id), t.ports.op(node)
    if op is None or not is_composite(op):
        raise EditError(f"{path} cannot be expanded: {node.op} is not made of simpler ops", node=node.id)
    if "bypass" in node.flags:
        raise EditError(f"{path} cannot be expanded while it is bypassed", hint="end the bypass first", node=node.id)
    written = [t.graph.path(each.target) for each in written_as(t.graph, op, node)]
    if written and op.writing is None:
        message = f"{path} cannot be expanded: it also writes {' and '.join(written)}, and its parts would not"
        raise EditError(message, node=node.id)
    return op


def _fed(t: Transaction, op: Op, node: Node) -> dict[str, Source | None]:
    """What feeds each port. Raises `EditError` for an open one."""
    try:
        return {op.port_name(i): source for i, source in enumerate(arrange(op, t.inputs(node.id)))}
    except GradwireError as error:
        message = f"{t.graph.path(node.id)}.{error.port} must have a wire for it to be expanded"
        raise EditError(message, node=node.id, port=error.port) from None


def composed(
    graph: GraphView, op: Op, node: Node, fed: Mapping[str, Source | None], avals: Mapping[Source, Aval], dtype: str
) -> Parts:
    """What a node is made of where its ports take these values. Raises `EditError` where their shapes do not tell."""
    path = graph.path(node.id)
    taken = [None if source is None else avals.get(source) for source in fed.values()]
    if any(aval is None and source is not None for aval, source in zip(taken, fed.values(), strict=True)):
        message = f"the shapes of what feeds {path} must be known for it to be expanded"
        raise EditError(message, hint="mend the problems before it", node=node.id)
    try:
        params = bind(node, op, Binding(dtype))
        outcome(op, taken, params)  # the parts alone would take what the op refuses
    except GradwireError as error:
        raise EditError(f"{path}: {error.message}", hint=error.hint, node=node.id) from error
    held = {output: held_by(graph, fed.get(port)) for port, output in op.writes.items()}
    return parts_of(op, taken, params, dtype, {output: id for output, id in held.items() if id is not None})


def _add_parts(t: Transaction, group: str, made: Parts, fed: Mapping[str, Source | None]) -> list[str]:
    """Add the nodes of all parts to a group, one column for each step from what feeds it; returns their ids."""
    x, y = t.graph.group(group).position
    ids: list[str] = []
    columns: list[int] = []
    for part in made.parts:
        column = max((columns[arg[0]] + 1 for arg in part.args if isinstance(arg, tuple)), default=0)
        wires = {}
        for i, arg in enumerate(part.args):
            source = Source(ids[arg[0]], arg[1]) if isinstance(arg, tuple) else fed[arg] if arg is not None else None
            if source is not None:
                wires[part.op.port_name(i)] = source
        id = t.add(
            part.op.name,
            name=part.name,
            group=group,
            position=(x + COLUMN * column, y + ROW * columns.count(column)),
            inputs=wires,
            params={name: value for name, value in part.params.items() if part.op.defaults.get(name, ...) != value},
        )
        ids.append(id)
        columns.append(column)
    return ids


# What both ways share: of the wires that leave, and what they are called.


def result_of(op: Op) -> str:
    """The output of an op that has one that can be wired."""
    return op.outputs[op.visible[0]].name


def bent(graph: GraphView, wires: Iterable[Wire]) -> list[tuple[Wire, Places]]:
    """Wires with the points that they are drawn through."""
    return [(wire, graph.bends.get((wire.target, wire.port), ())) for wire in wires]


def lead_on(t: Transaction, wires: Sequence[tuple[Wire, Places]], source: Source) -> None:
    """Let a value go where others went, through the same points."""
    for wire, points in wires:
        t.connect(source, wire.target, wire.port)
        t.set_bends(wire.target, wire.port, points)


def add_node(t: Transaction, node: Node, flags: frozenset[str], fed: Mapping[str, tuple[Source, Places]]) -> None:
    """Add a node as it is said to be, with these flags and with its wires."""
    t.apply(AddNode(replace(node, flags=flags)))
    for port, (source, points) in fed.items():
        t.connect(source, node.id, port)
        t.set_bends(node.id, port, points)
