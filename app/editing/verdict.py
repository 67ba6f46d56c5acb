"""What a wire would do, told before it is drawn: refused, drawn though it does not fit, or good."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator
from typing import NamedTuple

from ...core.check import Checked, at_both
from ...core.errors import GradwireError
from ...core.graph import GraphView, Source, closes_loop
from ...core.infer import Inferred, Problem, arrange, problems_of, refused_alone
from ...core.op import Op
from ...core.ops import Registry
from ...core.refusing import outcome
from .naming import port_name, source_name

SHOWN = 6  # nodes of a loop that the text names


class Verdict(NamedTuple):
    """Whether a wire can be drawn, whether what it carries fits, and why or why not in one line.

    `loop` names the nodes of the loop that it would close, in the order in which values would run.
    """

    allowed: bool
    fits: bool
    text: str
    loop: tuple[str, ...] = ()


def verdict(
    graph: GraphView,
    registry: Registry,
    checked: Checked,
    source: Source,
    target: str,
    port: str,
    along: Collection[str] = (),
) -> Verdict:
    """What a wire from `source` into `port` of the node `target` would do. `checked` is what is known of shapes.

    Where a shape is not known yet, or what fits may depend on another port that is still open, the wire counts as one
    that fits. `along` are other ports of the node that will have the same value.
    """
    refused = _refusal(graph, registry, source, target, port)
    if refused is not None:
        return refused
    problem = misfit(graph, registry, checked, source, target, port, along)
    wire = f"{source_name(graph, source)} to {port_name(graph, target, port)}"
    before = graph.fed(target, port)
    if before == source:
        return Verdict(True, problem is None, f"already connected: {wire}")
    replaced = "" if before is None else f", replaces {source_name(graph, before)}"
    if problem is not None:
        advice = problem.advice(port)
        return Verdict(True, False, problem.message + (f" (would fit: {advice})" if advice else "") + replaced)
    shape = checked.shapes.get(source)
    return Verdict(True, True, f"{wire}{f': {shape}' if shape else ''}{replaced}")


def _refusal(graph: GraphView, registry: Registry, source: Source, target: str, port: str) -> Verdict | None:
    """Why the wire cannot exist at all: a loop, or no such port or output."""
    op = registry.get(graph.node(target).op)
    if op is not None and not op.has_port(port):
        ports = ", ".join(p.name + ("0, …" if p.variadic else "") for p in op.ports if not p.hidden) or "none"
        return Verdict(False, False, f"{op.name} has no port {port!r} (its ports: {ports})")
    fed_by = registry.get(graph.node(source.node).op)
    if fed_by is not None and not fed_by.has_output(source.output):
        return Verdict(False, False, f"{fed_by.name} has no output {source.output!r}")
    if source.node == target or closes_loop(graph, source.node, target):
        loop = way(graph, target, source.node)
        return Verdict(False, False, f"would close the loop {spell(graph, loop)}", tuple(loop))
    return None


def way(graph: GraphView, start: str, end: str) -> list[str]:
    """The shortest way along the wires from one node to another, both included; empty where there is none."""
    before: dict[str, str | None] = {start: None}
    waiting = deque([start])
    while waiting and end not in before:
        id = waiting.popleft()
        for target in graph.targets(id):
            if target not in before:
                before[target] = id
                waiting.append(target)
    found: list[str] = []
    step: str | None = end if end in before else None
    while step is not None:
        found.append(step)
        step = before[step]
    return found[::-1]


def spell(graph: GraphView, loop: list[str]) -> str:
    """`a → b → c → a`, the middle of a long loop left out."""
    names = [graph.path(id) for id in [*loop, *loop[:1]]]
    if len(names) > SHOWN + 1:
        names[SHOWN // 2 : -SHOWN // 2] = [f"… {len(names) - SHOWN - 1} more …"]
    return " → ".join(names)


def misfit(
    graph: GraphView,
    registry: Registry,
    checked: Checked,
    source: Source,
    target: str,
    port: str,
    along: Collection[str] = (),
) -> Problem | None:
    """What would not fit at `target` with the wire, told with the batch as N; None where nothing is known to."""
    op = registry.get(graph.node(target).op)
    if op is None:
        return None
    wires = {**graph.inputs(target), **dict.fromkeys((port, *along), source)}
    first, second = (list(_met(op, inferred, target, wires)) for inferred in checked.inferred)
    met = at_both(first, second)
    return met[0] if met else None


def _met(op: Op, inferred: Inferred, target: str, wires: dict[str, Source]) -> Iterator[Problem]:
    params = inferred.params.get(target)
    if params is None or op.name in ("dataset", "shared"):
        return
    try:
        placed = arrange(op, wires)
    except GradwireError:  # a port is still open, so all that can be said is what no value there would change
        fed = {port: inferred.avals[source] for port, source in wires.items() if source in inferred.avals}
        refused = refused_alone(op, fed, params)
        yield from () if refused is None else problems_of(refused, target)
        return
    if any(source is not None and source not in inferred.avals for source in placed):
        return
    avals = [None if source is None else inferred.avals[source] for source in placed]
    try:
        outcome(op, avals, params)
    except GradwireError as error:
        yield from problems_of(error, target)
