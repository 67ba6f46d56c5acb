"""What would mend a gradient that is not finite. Each mend is tried on a copy before it is offered."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from ..cancelling import Cancelled, never
from ..document import Document, Transaction
from ..errors import GradwireError
from ..evaluating import Evaluated, Evaluator
from ..graph import Graph, Source, Wire
from ..ops import Registry
from .explaining import NOT_FINITE, Why

EPSILON = 1e-12  # what is added where an op begins at 0
ASIDE, BELOW = 240.0, 140.0  # how far before and below the op that it mends a node stands
BRANCHES = {"x": True, "y": False}  # of `where`: what its condition is where the branch is taken
SAFE = 1.0  # at which log, sqrt, divide, power and reciprocal have a finite slope


class Inserted(NamedTuple):
    """A node that was put into a wire, and a constant that it takes."""

    node: str
    wire: Wire
    constant: str


class Mend(NamedTuple):
    """A change that makes a gradient finite: the `label` of its undo, and what it does in one transaction.

    `exact`: no value is another than before.
    """

    label: str
    apply: Callable[[Transaction], Inserted | None]
    exact: bool


def mends(
    run: Evaluated, registry: Registry, why: Why, source: Source, cancelled: Cancelled = never
) -> tuple[Mend, ...]:
    """The mends after which the gradient at `source` is finite, those that change no value first."""
    graph = run.asked.graph
    node = why.node
    if why.kind != NOT_FINITE or node is None or node not in graph.nodes:
        return ()
    port = why.port or next(iter(graph.inputs(node)), "")
    offered = (mend for mend in _offers(run, registry, node, port) if _helps(run, registry, mend, source, cancelled))
    return tuple(sorted(offered, key=lambda mend: not mend.exact))


def advice(run: Evaluated, registry: Registry, node: str) -> str:
    """What to do about a node at which NaN or infinity begins, in words, by its op and by what follows it."""
    graph = run.asked.graph
    op = registry.get(graph.nodes[node].op)
    told = "mend it there: all behind it follows" if op is None or op.remedy is None else op.remedy.says
    fed = graph.inputs(node).get("x")
    if graph.nodes[node].op == "log" and fed is not None and graph.nodes[fed.node].op == "softmax":
        told = "log_softmax in place of log of softmax"
    return f"an inner where before it, or {told}" if any(_choices(graph, node)) else told


def _offers(run: Evaluated, registry: Registry, node: str, port: str) -> Iterator[Mend]:
    graph = run.asked.graph
    op, fed = registry.get(graph.nodes[node].op), graph.inputs(node).get(port)
    if op is None or fed is None:
        return
    for choice, branch in _choices(graph, node):
        yield _inner_where(graph, node, port, fed, choice, branch)
    if op.name == "log" and graph.nodes[fed.node].op == "softmax":
        yield _log_softmax(graph, node, fed)
    if op.remedy is not None and op.remedy.above_zero:
        yield _epsilon(graph, node, port, fed)


def _helps(run: Evaluated, registry: Registry, mend: Mend, source: Source, cancelled: Cancelled) -> bool:
    """Whether the gradient is finite with it, and if it is `exact` the roots the same."""
    asked = run.asked
    document = Document(asked.graph, asked.values, registry)
    try:
        with document.transaction(mend.label) as t:
            mend.apply(t)
    except GradwireError:
        return False
    mended = Evaluator(registry).evaluate(asked._replace(graph=document.graph), cancelled)
    gradient = None if mended is None else mended.gradient(source)
    if mended is None or gradient is None or not np.isfinite(gradient).all():
        return False
    for root in run.roots:
        before, after = run.value(root), mended.value(root)
        if before is None or after is None or (mend.exact and not np.array_equal(before, after, equal_nan=True)):
            return False
    return True


# The branch that is not taken.


def _choices(graph: Graph, node: str) -> Iterator[tuple[str, str]]:
    """Each `where` that a value goes on to, with the branch that it comes in by; the nearest first."""
    waiting, seen = [node], {node}
    while waiting:
        for wire in graph.consumers(waiting.pop(0)):
            if graph.nodes[wire.target].op == "where" and wire.port in BRANCHES:
                yield wire.target, wire.port
            elif wire.target not in seen:
                seen.add(wire.target)
                waiting.append(wire.target)


def _inner_where(graph: Graph, node: str, port: str, fed: Source, choice: str, branch: str) -> Mend:
    """Let the op take a safe number wherever the outer `where` does not take what comes of it."""
    condition = graph.inputs(choice).get("c")

    def apply(t: Transaction) -> Inserted:
        group, (x, y) = t.node(node).group, t.node(node).position
        safe = t.add("constant", name="safe", value=SAFE, group=group, position=(x - 2 * ASIDE, y + BELOW))
        other = next(name for name in BRANCHES if name != branch)
        inputs = {"c": condition, branch: fed, other: Source(safe, "y")}
        wired = {name: source for name, source in inputs.items() if source is not None}
        inner = t.add("where", name="inner where", group=group, position=(x - ASIDE, y), inputs=wired)
        t.connect(Source(inner, "y"), node, port)
        return Inserted(inner, Wire(fed, node, port), safe)

    return Mend(f"Insert the inner where before {graph.nodes[node].name}", apply, exact=True)


# Ops in other forms.


def _log_softmax(graph: Graph, node: str, fed: Source) -> Mend:
    """One op in place of log of softmax, whose result may be 0."""
    before = graph.inputs(fed.node).get("x")
    params = graph.nodes[fed.node].params

    def apply(t: Transaction) -> None:
        old = t.node(node)
        made = t.add("log_softmax", group=old.group, position=old.position, params=params)
        if before is not None:
            t.connect(before, made, "x")
        for wire in t.graph.consumers(node):
            t.connect(Source(made, "y"), wire.target, wire.port)
        t.remove(node)
        if not t.graph.consumers(fed.node):
            t.remove(fed.node)

    return Mend(f"Let log_softmax compute {graph.nodes[node].name} of softmax", apply, exact=False)


def _epsilon(graph: Graph, node: str, port: str, fed: Source) -> Mend:
    """A small number added to what the op takes."""

    def apply(t: Transaction) -> Inserted:
        group, (x, y) = t.node(node).group, t.node(node).position
        small = t.add("constant", name="ε", value=EPSILON, group=group, position=(x - 2 * ASIDE, y + BELOW))
        inputs = {"x": fed, "y": Source(small, "y")}
        moved = t.add("add", name="above 0", group=group, position=(x - ASIDE, y), inputs=inputs)
        t.connect(Source(moved, "y"), node, port)
        return Inserted(moved, Wire(fed, node, port), small)

    return Mend(f"Add {EPSILON:g} before {graph.nodes[node].name}".replace("-", "−"), apply, exact=False)
