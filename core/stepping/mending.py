"""What would mend a gradient that is not finite. Each mend is tried on a copy before it is offered."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..cancelling import Cancelled, never
from ..document import Document, Transaction
from ..document.replacing import remove_unused, replace_op
from ..errors import EditError, GradwireError, Refusals
from ..evaluating import Evaluated, Evaluator
from ..graph import Graph, Source, Wire
from ..graph.elements import COLUMN, ROW
from ..graph.view import GraphView
from ..op import Op
from ..ops import Registry
from ..training.sources import read_metrics
from .beginnings import beginnings_of
from .explaining import NOT_FINITE, Why
from .laying_out import lay_out

EPSILON = 1e-12  # what is added where an op begins at 0
BRANCHES = {"x": True, "y": False}  # of `where`: what its condition is where the branch is taken
CLOSE = 1e-4  # up to which share another form computes the same, in float32 as well
HELD = ("add", "minimum")  # with a constant: what a remedy puts before an op
SAFE = 1.0  # at which log, sqrt, divide, power and reciprocal have a finite slope


class Inserted(NamedTuple):
    """A node that was put into a wire, and the constant that it takes, if it takes one."""

    node: str
    wire: Wire
    constant: str = ""


class Mend(NamedTuple):
    """A change that mends something: the `label` of its undo, and what it does in one transaction.

    It is of nodes of `graph`, and of no other: `concerns` are those that must be as they are there. `exact`: no value
    is another than before. `form`: it computes the same in another form of what comes from this output.
    """

    label: str
    change: Callable[[Transaction], Inserted | None]
    graph: GraphView
    concerns: tuple[str, ...]
    exact: bool = False
    form: Source | None = None

    def apply(self, t: Transaction) -> Inserted | None:
        """Raises `EditError` where the graph has changed since."""
        for id in self.concerns:
            node, there = self.graph.nodes[id], t.graph.nodes.get(id)
            as_found = there is not None and (there.op, there.params) == (node.op, node.params)
            if not as_found or t.graph.inputs(id) != self.graph.inputs(id):
                raise EditError(
                    f"{self.label}: {node.name} is not what it was when this was found",
                    hint="look again, as it is now",
                )
        return self.change(t)


def mends(
    run: Evaluated, registry: Registry, why: Why, source: Source, cancelled: Cancelled = never
) -> tuple[Mend, ...]:
    """The mends after which the gradient at `source` is finite, or broken by other ops alone; those that change no
    value first.
    """
    graph = run.asked.graph
    node = why.node
    if why.kind != NOT_FINITE or node is None or node not in graph.nodes:
        return ()
    port = why.port or next(iter(graph.inputs(node)), "")
    offered = [mend for mend in _offers(run, registry, node, port) if _helps(run, registry, mend, source, cancelled)]
    if any(mend.form for mend in offered):  # the gradient it has then is the true one: no number is to be bent
        offered = [mend for mend in offered if mend.exact or mend.form]
    return tuple(sorted(offered, key=lambda mend: not mend.exact))


def advice(run: Evaluated, registry: Registry, node: str) -> str:
    """What to do about a node at which NaN or infinity begins, in words, by its op and by what follows it."""
    graph = run.asked.graph
    op = registry.get(graph.nodes[node].op)
    told = "mend it there: all behind it follows" if op is None or op.remedy is None else op.remedy.says
    if op is not None and op.remedy is not None and op.remedy.above_zero and _is_given_negatives(run, node):
        told = "a clip at 0 before it, or what feeds it kept above 0: below it is NaN"
    for form, chain in _forms(graph, registry, node):
        given = run.value(graph.inputs(chain[0])["x"]) if "x" in graph.inputs(chain[0]) else None
        if given is not None and not np.isfinite(given).all():
            continue  # of such numbers it is not finite either
        first, *others = (graph.nodes[id].op for id in reversed(chain))
        told = f"{form.name} in place of {' of '.join([first, *others])}"
    return f"an inner where before it, or {told}" if any(_choices(graph, node)) else told


def _is_given_negatives(run: Evaluated, node: str) -> bool:
    given = [run.value(source) for source in run.asked.graph.inputs(node).values()]
    return any(bool(np.any(array < 0)) for array in given if array is not None)


def _offers(run: Evaluated, registry: Registry, node: str, port: str) -> Iterator[Mend]:
    graph = run.asked.graph
    op, fed = registry.get(graph.nodes[node].op), graph.inputs(node).get(port)
    if op is None or fed is None:
        return
    for choice, branch in _choices(graph, node):
        yield _inner_where(graph, node, port, fed, choice, branch)
    for form, chain in _forms(graph, registry, node):
        yield _in_form(graph, registry, form, chain)
    if op.name == "exp":
        yield from _quotients(graph, registry, node)
    yield from _remedies(graph, op, node, port, fed)


def remedy(graph: GraphView, registry: Registry, node: str) -> Mend | None:
    """What keeps an op of one port from numbers that are not finite, by what it says itself; None where no one change
    does, or where another form of what is computed there would, or where that has been done.
    """
    op, inputs = registry.get(graph.nodes[node].op), graph.inputs(node)
    if op is None or len(inputs) != 1 or any(_forms(graph, registry, node)):
        return None
    ((port, fed),) = inputs.items()
    before = [graph.nodes[source.node] for source in graph.inputs(fed.node).values()]
    if graph.nodes[fed.node].op in HELD and any(each.op == "constant" for each in before):
        return None
    return next(_remedies(graph, op, node, port, fed), None)


def _remedies(graph: GraphView, op: Op, node: str, port: str, fed: Source) -> Iterator[Mend]:
    if op.remedy is not None and op.remedy.above_zero:
        yield _epsilon(graph, node, port, fed)
    if op.remedy is not None and op.remedy.at_most is not None:
        yield _ceiling(graph, node, port, fed, op.remedy.at_most)


def _helps(run: Evaluated, registry: Registry, mend: Mend, source: Source, cancelled: Cancelled) -> bool:
    """Whether the gradient is finite with it, or broken by other ops alone; and the roots the same, if it is `exact`,
    or where numbers are moderate, if it is another `form`.
    """
    asked = run.asked
    document = Document(asked.graph, asked.values, registry)
    try:
        with document.transaction(mend.label) as t:
            mend.apply(t)
    except GradwireError:
        return False
    mended = Evaluator(registry).evaluate(asked._replace(graph=document.graph), cancelled)
    gradient = None if mended is None else mended.gradient(source)
    if mended is None or gradient is None:
        return False
    if not np.isfinite(gradient).all() and not _has_fewer_causes(run, mended, registry, source):
        return False
    if mend.form is not None:
        value = np.nan_to_num(np.asarray(run.value(mend.form)))
        moderate = {**asked.put, mend.form: value / max(1.0, float(np.abs(value).max(initial=0.0)))}
        plain, other = (
            Evaluator(registry).evaluate(asked._replace(graph=graph, put=moderate), cancelled)
            for graph in (asked.graph, document.graph)
        )
        return plain is not None and other is not None and same_roots(plain, other, CLOSE)
    return not mend.exact or same_roots(run, mended)


def _has_fewer_causes(run: Evaluated, mended: Evaluated, registry: Registry, source: Source) -> bool:
    """Whether less than before makes a gradient what is not finite, and nothing else does."""
    before, after = (
        {(b.node, b.port) for b in beginnings_of(lay_out(each, registry), source)} for each in (run, mended)
    )
    return bool(after) and after < before


def same_roots(one: Evaluated, other: Evaluated, tolerance: float = 0.0) -> bool:
    """Whether the values that gradients are of are the same in both, up to this share of them."""
    for root in one.roots:
        first, second = one.value(root), other.value(root)
        if first is None or second is None or first.shape != second.shape:
            return False
        if not np.allclose(first, second, rtol=tolerance, atol=tolerance, equal_nan=True):
            return False
    return bool(one.roots)


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
        safe = t.add("constant", name="safe", value=SAFE, group=group, position=(x - 2 * COLUMN, y + ROW))
        other = next(name for name in BRANCHES if name != branch)
        inputs = {"c": condition, branch: fed, other: Source(safe, "y")}
        wired = {name: source for name, source in inputs.items() if source is not None}
        inner = t.add("where", name="inner where", group=group, position=(x - COLUMN, y), inputs=wired)
        t.connect(Source(inner, "y"), node, port)
        return Inserted(inner, Wire(fed, node, port), safe)

    label = f"Insert the inner where before {graph.nodes[node].name}"
    return Mend(label, apply, graph, (node, choice), exact=True)


# Ops in other forms.


def _forms(graph: GraphView, registry: Registry, node: str) -> Iterator[tuple[Op, tuple[str, ...]]]:
    """Each op that computes without overflow what a chain of nodes does to which this one belongs, with the chain."""
    for op in registry:
        if not op.form_of:
            continue
        behind = reached = {node: None}
        for _ in op.form_of[1:]:
            reached = dict.fromkeys(wire.target for each in reached for wire in graph.consumers(each))
            behind = {**behind, **reached}
        for last in behind:
            chain = _chain(graph, last, op.form_of)
            if node in chain:
                yield op, chain


def _chain(graph: GraphView, last: str, ops: Sequence[str]) -> tuple[str, ...]:
    """The nodes of these ops that lie one behind the other and end with this one; none where they do not."""
    found: list[str] = []
    for op in reversed(ops):
        if graph.nodes[last].op != op:
            return ()
        found.insert(0, last)
        fed = graph.inputs(last).get("x")
        last = last if fed is None else fed.node
    return tuple(found)


def _in_form(graph: Graph, registry: Registry, form: Op, chain: tuple[str, ...]) -> Mend:
    """One op in place of a chain, with the parameters that nodes of the chain have."""
    of_chain = [{**registry[graph.nodes[id].op].defaults, **graph.nodes[id].params} for id in chain]
    params = {name: value for each in of_chain for name, value in each.items() if name in form.parameters}
    fed = graph.inputs(chain[0]).get("x")
    what = "x" if fed is None else graph.nodes[fed.node].name
    for op in form.form_of:
        what = f"{op}({what})"
    return _in_place(graph, registry, chain, form.name, fed, params, what)


def _quotients(graph: Graph, registry: Registry, node: str) -> Iterator[Mend]:
    """Softmax, which subtracts the maximum first, in place of exp by its sum."""
    fed = graph.inputs(node).get("x")
    takers = [graph.nodes[wire.target] for wire in graph.consumers(node)]
    for total in (taker for taker in takers if taker.op == "sum"):
        axis = {**registry["sum"].defaults, **total.params}["axis"]
        for wire in graph.consumers(total.id):
            after = graph.nodes[wire.target]
            over = graph.inputs(after.id).get("x")
            if after.op == "divide" and wire.port == "y" and over is not None and over.node == node:
                params, nodes = {"axis": -1 if axis is None else axis}, (node, total.id, after.id)
                exp = f"exp({'x' if fed is None else graph.nodes[fed.node].name})"
                yield _in_place(graph, registry, nodes, "softmax", fed, params, f"{exp} / sum({exp})")


def _in_place(
    graph: Graph,
    registry: Registry,
    nodes: tuple[str, ...],
    op: str,
    fed: Source | None,
    params: Mapping[str, Any],
    what: str,
) -> Mend:
    """One op of what `fed` them in the place of the last of `nodes`, and of the others where nothing needs these.

    `what` is what these compute.
    """
    last, kept = nodes[-1], read_by_training(graph, registry) | ({fed.node} if fed is not None else set())
    of = "" if fed is None else f" of {graph.nodes[fed.node].name}"
    label = f"Compute {graph.nodes[last].name} as {op}{of}, not as {what}"

    def apply(t: Transaction) -> None:
        before = [source.node for source in t.graph.inputs(last).values()]
        replace_op(t, last, op, {} if fed is None else {"x": fed}, params)
        remove_unused(t, before, kept)

    return Mend(label, apply, graph, nodes, form=fed)


def read_by_training(graph: Graph, registry: Registry) -> set[str]:
    """The nodes that metrics compare."""
    if graph.training is None:
        return set()
    pairs = read_metrics(graph, registry, graph.training, Refusals()).values()
    return {source.node for pair in pairs for source in pair}


def _epsilon(graph: GraphView, node: str, port: str, fed: Source) -> Mend:
    """A small number added to what the op takes."""
    label = f"Add {EPSILON:g} before {graph.nodes[node].name}".replace("-", "−")
    return _with_constant(label, graph, node, port, fed, "add", "above 0", ("ε", EPSILON))


def _ceiling(graph: GraphView, node: str, port: str, fed: Source, most: float) -> Mend:
    """What the op takes, held below where it overflows."""
    label = f"Hold {graph.nodes[node].name} below overflow: minimum with {most:g}"
    return _with_constant(label, graph, node, port, fed, "minimum", f"at most {most:g}", ("most", most))


def _with_constant(
    label: str, graph: GraphView, node: str, port: str, fed: Source, op: str, name: str, constant: tuple[str, float]
) -> Mend:
    """An op of what is fed and a constant, put into the wire."""

    def apply(t: Transaction) -> Inserted:
        group, (x, y) = t.node(node).group, t.node(node).position
        number = t.add("constant", name=constant[0], value=constant[1], group=group, position=(x - 2 * COLUMN, y + ROW))
        inputs = {"x": fed, "y": Source(number, "y")}
        put = t.add(op, name=name, group=group, position=(x - COLUMN, y), inputs=inputs)
        t.connect(Source(put, "y"), node, port)
        return Inserted(put, Wire(fed, node, port), number)

    return Mend(label, apply, graph, (node,))
