"""Wires by name, for those who build with the keyboard: `x -> add.y`, `block/relu -> add`."""

from __future__ import annotations

import re

from ...core.check import Checked
from ...core.errors import EditError
from ...core.graph import GraphView, Wire
from ...core.ops import Registry
from .wiring import NOTHING_KNOWN, best_port, outputs, ports

_ARROW = re.compile(r"\s*(?:->|→)\s*")


def resolve(graph: GraphView, text: str, group: str | None) -> tuple[str, str]:
    """The node or group that a text names, looked for in the group entered first, and the port after its dot."""
    name, _, port = text.strip().partition(".")
    id = graph.members(group).get(name)
    if id is not None:
        return id, port
    return graph.resolve(name), port


def read_link(
    graph: GraphView, registry: Registry, text: str, group: str | None = None, checked: Checked = NOTHING_KNOWN
) -> Wire:
    """The wire that `SOURCE -> TARGET` means; a port that is not said is the one that suits best."""
    sides = _ARROW.split(text)
    if len(sides) != 2 or not all(side.strip() for side in sides):
        raise EditError(f"a wire is written SOURCE -> TARGET, found {text.strip()!r}", hint="relu -> matmul.x")
    (start, output), (end, port) = (resolve(graph, side, group) for side in sides)
    given = outputs(graph, registry, start)
    if not given:
        raise EditError(f"{graph.item(start).name} gives no value")
    if output:
        listed = ", ".join(source.output for source in given)
        given = [source for source in given if source.output == output]
        if not given:
            raise EditError(f"{graph.item(start).name} has no output {output!r}", hint=f"its outputs: {listed}")
    if not port:
        found = best_port(graph, registry, given[0], end, checked)
        if found is None:
            free = ports(graph, registry, end)
            why = "has no port" if not free else "cannot take that value without closing a loop"
            raise EditError(f"{graph.item(end).name} {why}")
        return Wire(given[0], *found)
    if end in graph.groups:
        raise EditError(f"{graph.item(end).name} is a group, name a node in it: {graph.path(end)}/NODE.PORT")
    return Wire(given[0], end, port)
