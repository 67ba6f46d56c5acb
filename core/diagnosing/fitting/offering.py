"""Which mends of a problem are offered, and in which order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from ...cancelling import Cancelled, never
from ...check import Checked
from ...document import Document, Transaction
from ...graph import Graph
from ...infer import UNWIRED, Problem
from ...ops import Registry
from ...stepping.mending import Inserted, Mend
from .fitted import Fitted
from .layouts import SEQUENCES, Layout, as_pictures, as_rows, cast, turned
from .resizing import rebuilt_before, resized
from .wires import wires

MOST = 3  # mends of one problem
WHOLE = "int64"


def mends_of_problem(
    graph: Graph, registry: Registry, checked: Checked, problem: Problem, cancelled: Cancelled = never
) -> tuple[Mend, ...]:
    """The changes after which a problem of `graph` is gone, `MOST` at most, the likeliest first. `checked` is what a
    check found of that graph.
    """
    id = problem.node
    op = None if id is None or id not in graph.nodes else registry.get(graph.nodes[id].op)
    if id is None or op is None or id not in checked.inferred[0].params:
        return ()
    found: dict[str, Mend] = {}
    for mend in _offers(Fitted(graph, registry, checked, id, op), problem):
        found.setdefault(mend.label, mend)
        if len(found) == MOST or cancelled():
            break
    return tuple(found.values())


def _offers(node: Fitted, problem: Problem) -> Iterator[Mend]:
    if problem.message == UNWIRED and problem.port is not None:
        fitting = list(islice(wires(node, problem.port, True), MOST))
        yield from fitting or _wired_and_laid_out(node, problem.port)
    elif node.known and not node.takes({}):  # else it is of its parameters, or of what the graph is for
        yield from _laid_out(node, [port for port in node.fed if port in problem.ports or not problem.ports])


def _wired_and_laid_out(node: Fitted, port: str) -> Iterator[Mend]:
    """A wire that does not fit as it is, and what makes it fit."""
    for wire in wires(node, port, False):
        document = Document(node.graph, {}, node.registry)
        with document.transaction(wire.label) as t:
            wire.apply(t)
        wired = Fitted(document.graph, node.registry, node.checked, node.id, node.op)
        if wired.known:
            yield from (_both(wire, mend) for mend in _laid_out(wired, list(wired.fed)))


def _both(one: Mend, other: Mend) -> Mend:
    def apply(t: Transaction) -> Inserted | None:
        one.apply(t)
        return other.apply(t)

    label = f"{one.label}, and {other.label[:1].lower()}{other.label[1:]}"
    return Mend(label, apply, one.graph, one.concerns)


def _laid_out(node: Fitted, ports: Sequence[str]) -> Iterator[Mend]:
    """What comes to one of the ports in another layout, or a parameter of another shape, or both."""
    rows = {port: as_rows(node.fed[port]) for port in ports}
    alone = list(resized(node))
    # What fits as it is but for a length is no picture.
    pictures = {port: [] if alone else as_pictures(node.fed[port]) for port in ports}
    for port in ports:
        for layout in (*rows[port], *pictures[port], *_others(node, port)):
            if node.takes({port: layout.avals}):
                yield _between(node, port, layout)
    matrices = node.op.traits.matrices
    high = {port: rows[port] for port in ports if matrices and node.fed[port][0].ndim > SEQUENCES}
    for port, layouts in high.items():
        yield from resized(node, port, layouts)
    yield from alone
    yield from rebuilt_before(node)
    for port in ports:
        yield from resized(node, port, [*pictures[port], *(rows[port] if port not in high else ())])


def _others(node: Fitted, port: str) -> Iterator[Layout]:
    avals = node.fed[port]
    yield from turned(avals, node.op.traits.matrices)
    if not avals[0].floating:
        yield cast(avals, node.graph.dtype)
    elif not node.is_learnt(node.graph.inputs(node.id)[port]):  # whole numbers have no gradient
        yield cast(avals, WHOLE)


def _between(node: Fitted, port: str, layout: Layout) -> Mend:
    label = layout.told.format(f"{node.name}.{port}")
    return Mend(label, lambda t: node.put(t, port, layout), node.graph, (node.id,))
