"""Answers in words, found beside the window: each a function of a timeline."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from ...core.cancelling import Cancelled
from ...core.errors import RunError
from ...core.graph import Graph, Source
from ...core.stepping import Moment, Timeline
from ...core.stepping.between import Region, along
from ...core.stepping.comparing import LEAST, Alone, Difference, alone, differences
from ...core.stepping.explaining import NONE, NOT_FINITE, ORDINARY, ZERO, Why, first_not_finite, why_gradient
from ...core.stepping.mending import mends
from ...core.stepping.nudging import nudge
from ...core.stepping.timeline import Array
from ...core.stepping.ways import derivative
from ..look.numbers import fixed, significant
from ..wording import counted
from .spotlight import Answer

if TYPE_CHECKING:
    from ..results.findings import AnyFinding

MOST = 8  # nodes of a way that are named
WAYS = 4  # that are named; all of them are lit
LISTED = 6  # nodes that have changed, a line each
DECIMALS = 3
_IS = {NONE: "is none", NOT_FINITE: "is not finite", ZERO: "is zero", ORDINARY: "is as large as it is"}


def amount(value: Array) -> str:
    """One number as it is; of a larger tensor its norm and shape."""
    if value.size == 1:
        return fixed(value.reshape(()), DECIMALS)
    norm = float(np.linalg.norm(np.asarray(value, np.float64)))
    return f"norm {significant(norm, DECIMALS + 1)}, shape {value.shape}"


def derivative_of(timeline: Timeline, of: Source, to: Source, cancelled: Cancelled) -> Answer | None:
    """`∂f/∂x = 2.540 (2 ways)`, with the ways lit. Raises `RunError` where no gradient goes there."""
    run, graph = timeline.run, timeline.run.asked.graph
    found = derivative(run, of, to, cancelled=cancelled)
    if found is None:
        return None
    if found.value is None:
        raise RunError(f"no gradient goes from {graph.path(of.node)} back to {graph.path(to.node)}")
    value = run.value(of)
    several = value is not None and value.size != 1
    name = f"∂{'Σ' if several else ''}{graph.path(of.node)}/∂{graph.path(to.node)}"
    ways = counted(found.number, "way")
    lines = (
        "derivative of the sum of the elements" if several else "derivative",
        f"{name} = {amount(found.value)} ({ways})",
    )
    return Answer(lines, Region(found.nodes, found.wires))


def why(timeline: Timeline, source: Source, cancelled: Cancelled, findings: Iterable[AnyFinding] = ()) -> Answer | None:
    """Why a gradient is what it is, with the way to the cause lit, and what would mend it, or else what the `findings`
    at its node tell.
    """
    from ...core.diagnosing.mending import mends_of  # which a window that is only drawn in does not need

    run, graph = timeline.run, timeline.run.asked.graph
    if source not in run.tensors:
        raise RunError(f"{graph.called(source.node)} has no value, so it has no gradient")
    found = why_gradient(timeline, source)
    head = f"why the gradient at {graph.path(source.node)} {_IS[found.kind]}"
    answer = _told(graph, head, found, found.node)
    offered = mends(run, timeline.registry, found, source, cancelled)
    for each in () if offered else findings:
        if offered := mends_of(timeline, each, cancelled):
            wrong = told_of(each)
            answer = answer._replace(lines=(*answer.lines, wrong), wrong=wrong)
            break
    return None if cancelled() else answer._replace(mends=offered)


def told_of(finding: AnyFinding) -> str:
    """`softmax twice: it takes logits and …`"""
    return f"{finding.rule}: {finding.text}"


def advised(timeline: Timeline, finding: AnyFinding, cancelled: Cancelled) -> Answer | None:
    """What a finding tells, and what would mend it."""
    from ...core.diagnosing.mending import mends_of

    graph = timeline.run.asked.graph
    offered = mends_of(timeline, finding, cancelled)
    where = f" at {graph.path(finding.node)}" if finding.node in graph.nodes else ""
    lines = (f"{finding.rule}{where}", finding.text)
    wrong = f"{graph.called(finding.node)}: {told_of(finding)}" if where else told_of(finding)
    return None if cancelled() else Answer(lines, mends=offered, shown=finding.node, text=told_of(finding), wrong=wrong)


def first(timeline: Timeline, cancelled: Cancelled) -> Answer | None:
    """Where the first NaN or infinity begins. Raises `RunError` where all numbers are finite."""
    found = first_not_finite(timeline)
    if found is None:
        typed = any(array.dtype.kind == "f" and np.isinf(array).any() for array in _values(timeline))
        raise RunError("each ∞ was typed, and no NaN comes of it" if typed else "all values and gradients are finite")
    run, graph = timeline.run, timeline.run.asked.graph
    taken = None if found.node is None else next(iter(graph.inputs(found.node).values()), None)
    offered = () if taken is None else mends(run, timeline.registry, found, taken, cancelled)
    return None if cancelled() else _told(graph, "the first NaN or ∞", found, found.node)._replace(mends=offered)


def cause(timeline: Timeline, source: Source, cancelled: Cancelled) -> Answer | None:
    """Where what is not finite at a node comes from: from there, or as its gradient says."""
    begun = first_not_finite(timeline)
    begins = begun is not None and begun.node == source.node
    return first(timeline, cancelled) if begins else why(timeline, source, cancelled)


def nudged(timeline: Timeline, node: str, cancelled: Cancelled) -> Answer | None:
    """`ΔL/ε = 2.541, gradient 2.540`."""
    graph = timeline.run.asked.graph
    found = nudge(timeline.run, timeline.registry, node, cancelled)
    if found is None:
        return None
    name, epsilon = graph.path(node), significant(found.epsilon, 3)
    moved = name if found.elements == 1 else f"each of {found.elements} elements of {name}"
    gradient = "gradient" if found.elements == 1 else "sum of the gradient"
    numbers = f"ΔL/ε = {significant(found.quotient, 5)} · {gradient} {significant(found.gradient, 5)}"
    return Answer(
        (f"nudged: {moved} by ε = {epsilon}", numbers), rings={node: f"ΔL/ε {fixed(found.quotient, DECIMALS)}"}
    )


def compared(before: Moment, after: Moment, name: str = "the remembered moment") -> Answer:
    """What has changed since a moment before, ringed and told, most first, and what only one of the two has."""
    graph = after.timeline.run.asked.graph
    nodes: dict[str, list[Difference]] = {}
    for difference in differences(before, after):
        nodes.setdefault(difference.source.node, []).append(difference)
    share = f"more than {percent(LEAST)}"
    only = [*_only("only now", alone(after, before), graph), *_only("only then", alone(before, after), graph)]
    if not nodes:
        return Answer((f"compared with {name}", f"nothing has changed by {share}", *only))
    head = f"compared with {name} · {counted(len(nodes), 'node')} changed by {share}"
    most = sorted(nodes, key=lambda id: -max(_strength(difference) for difference in nodes[id]))
    lines = [f"{graph.called(id)} {_changes(nodes[id], 'gradient')}" for id in most[:LISTED]]
    rest = ["…"] if len(nodes) > LISTED else []
    return Answer((head, *lines, *rest, *only), rings={id: _changes(found, "∂") for id, found in nodes.items()})


def _only(when: str, found: Iterable[Alone], graph: Graph) -> list[str]:
    """`only then: the gradients of x, y`"""
    lines = []
    for kind, gradient in (("value", False), ("gradient", True)):
        paths = list(dict.fromkeys(graph.called(each.source.node) for each in found if each.gradient is gradient))
        if paths:
            rest = f" and {len(paths) - MOST:,} more" if len(paths) > MOST else ""
            told = f"{when}: the {kind}{'s' if len(paths) > 1 else ''} of {', '.join(paths[:MOST])}{rest}"
            lines.append(told)
    return lines


def percent(share: float) -> str:
    """`35 %`, with as many digits as say something."""
    return f"{significant(share * 100, 2 if share < 1 else 3)}\u202f%"


def _changes(found: Iterable[Difference], gradient: str) -> str:
    """`1.000 → −1.000 · gradient changed by 35 %`; `gradient` is the word for it."""
    return " · ".join((f"{gradient} " if each.gradient else "") + _change(each) for each in found)


def _change(difference: Difference) -> str:
    """A number before and after; of a tensor by how much it has changed, or why that is no number."""
    old, new = difference.old, difference.new
    if old.size == new.size == 1:
        return f"{fixed(old.reshape(()), DECIMALS)} → {fixed(new.reshape(()), DECIMALS)}"
    if old.shape != new.shape:
        return f"shape {old.shape} → {new.shape}"
    if np.isnan(difference.change):
        bad = (int(np.count_nonzero(~np.isfinite(each))) for each in (old, new))
        return "not finite: {} → {} elements".format(*bad)
    return f"changed by {percent(difference.change)}"


def _strength(difference: Difference) -> float:
    return float("inf") if np.isnan(difference.change) else difference.change


def _values(timeline: Timeline) -> Iterable[Array]:
    return (np.asarray(tensor.value) for tensor in timeline.run.tensors.values())


def _told(graph: Graph, head: str, found: Why, cause: str | None) -> Answer:
    lines = [head, found.text]
    ways = [way for way in found.ways if len(way) > 1]
    for way in ways[:WAYS]:
        names = [graph.called(id) for id in way]
        shown = names if len(names) <= MOST else [*names[: MOST - 2], "…", names[-1]]
        lines.append("way: " + " → ".join(shown))
    if len(ways) > WAYS:
        lines.append(f"and {counted(len(ways) - WAYS, 'more way')}")
    regions = [along(graph, way) for way in found.ways]
    lit = Region(*(frozenset().union(*parts) for parts in zip(*regions, strict=True)))
    return Answer(tuple(lines), lit, shown=cause, text=found.text)
