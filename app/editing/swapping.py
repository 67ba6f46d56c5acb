"""Putting another op in the place of a node, with as many of its wires as the other has ports for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, NamedTuple

from ...core.document import Transaction
from ...core.document.edits import AddNode
from ...core.document.references import name_anew
from ...core.errors import GradwireError
from ...core.graph import GraphView, Node, Source, Wire
from ...core.op import Op
from ...core.parameters import MISSING
from .bending import take_over

_NUMBERED = re.compile("_?[0-9]+$")  # what makes a name that is taken free


class Survivors(NamedTuple):
    """What becomes of a node's wires when its op is swapped: port before -> port after, and what is lost."""

    inputs: Mapping[str, str]
    outputs: Mapping[str, str]
    lost: tuple[Wire, ...]


def survivors(graph: GraphView, id: str, op: Op) -> Survivors:
    """Which wires of a node would stay with another op: those of ports of the same name, then in order."""
    fed, read = graph.inputs(id), graph.consumers(id)
    count = len(op.ports) + (len(fed) if op.grows else 0)
    given = dict.fromkeys(wire.source.output for wire in read)
    inputs = _matched(fed, [port for port in op.port_names(count) if op.has_port(port)])
    results = _matched(given, [output.name for output in op.outputs if not output.hidden])
    lost = [Wire(source, id, port) for port, source in fed.items() if port not in inputs]
    lost += [wire for wire in read if wire.source.output not in results]
    return Survivors(inputs, results, tuple(lost))


def _matched(old: Mapping[str, Any], new: list[str]) -> dict[str, str]:
    matched = {name: name for name in old if name in new}
    free = iter([name for name in new if name not in matched])
    for name in old:
        if name not in matched and (other := next(free, None)) is not None:
            matched[name] = other
    return matched


def swap(t: Transaction, id: str, op_name: str) -> str:
    """Put another op in the place of a node, with its name, flags, place and the wires that `survivors` tells.

    Parameters of the same name are kept where they fit. Returns the id of the new node.
    """
    graph = t.graph
    old, op = graph.node(id), t.ports.op_called(op_name)
    if old.op == op_name:
        return id
    fed, read, kept = graph.inputs(id), graph.consumers(id), survivors(graph, id, op)
    bends = dict(graph.bends)
    by_default = _NUMBERED.sub("", old.name) == old.op
    with t.bulk():
        t.remove(id)
        name = t.free_name(op_name if by_default else old.name, old.group)
        new = Node(t.free_id(op_name), op_name, name, _params(op, old), old.flags, old.group, old.position, old.extra)
        t.apply(AddNode(new))
        for port in fed.keys() & kept.inputs.keys():
            t.connect(fed[port], new.id, kept.inputs[port])
        for wire in read:
            if wire.source.output in kept.outputs:
                t.connect(Source(new.id, kept.outputs[wire.source.output]), wire.target, wire.port)
        take_over(t, {(new.id, kept.inputs[port]): bends.get((id, port), ()) for port in fed if port in kept.inputs})
        take_over(t, {(wire.target, wire.port): bends.get((wire.target, wire.port), ()) for wire in read})
        name_anew(t, id, new.id, kept.outputs)
    return new.id


def _params(op: Op, old: Node) -> dict[str, Any]:
    """The parameters that the new op can take over, and what it needs besides."""
    kept = {name: each.start for name, each in op.parameters.items() if each.start is not MISSING}
    for name, value in old.params.items():
        with suppress(GradwireError):  # one that the new op reads otherwise is left out
            kept.update(op.read_parameters({name: value}))
    return kept
