"""What may be wired to a port that is open."""

from __future__ import annotations

from collections.abc import Iterator

from ...document import Transaction
from ...graph import Source, closes_loop
from ...stepping.mending import Mend
from .fitted import Fitted

LOSS = "loss"  # the category of ops that compare with a target
GIVEN = ("dataset", "input")


def wires(node: Fitted, port: str, fitting: bool) -> Iterator[Mend]:
    """Values that nothing takes yet, the last first, then those of data; for what a loss compares with, what is learnt
    last of all. Those that fit the port as they are, or those that do not.
    """
    sources = list(_sources(node))
    if node.op.category == LOSS and port != node.op.port_name(0):
        sources.sort(key=node.is_learnt)
    for source in sources:
        avals = node.avals(source)
        if avals is None or closes_loop(node.graph, source.node, node.id):
            continue
        if node.takes({port: avals}) == fitting:
            yield _wire(node, port, source)


def _wire(node: Fitted, port: str, source: Source) -> Mend:
    graph = node.graph
    several = len(node.registry[graph.nodes[source.node].op].visible) > 1
    name = f"{graph.nodes[source.node].name}{f'.{source.output}' if several else ''}"

    def apply(t: Transaction) -> None:
        t.connect(source, node.id, port)

    return Mend(f"Wire {name} to {node.name}.{port}", apply, graph, (node.id,))


def _sources(node: Fitted) -> Iterator[Source]:
    graph, data = node.graph, []
    for id in reversed(graph.order()):
        op = node.registry.get(graph.nodes[id].op)
        for output in [] if op is None or id == node.id else [op.outputs[i].name for i in op.visible]:
            source = Source(id, output)
            if not any(wire.source == source for wire in graph.consumers(id)):
                yield source
            elif graph.nodes[id].op in GIVEN:
                data.append(source)
    yield from data
