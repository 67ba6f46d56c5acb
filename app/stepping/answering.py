"""Answers in words, found beside the window: each a function of a timeline."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable

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

LONGEST = 90  # letters of a line
MOST = 8  # nodes of a way that are named
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


def why(timeline: Timeline, source: Source, cancelled: Cancelled) -> Answer | None:
    """Why a gradient is what it is, with the way to the cause lit, and what would mend it."""
    run, graph = timeline.run, timeline.run.asked.graph
    if source not in run.tensors:
        raise RunError(f"{graph.called(source.node)} has no value, so it has no gradient")
    found = why_gradient(timeline, source)
    head = f"why the gradient at {graph.path(source.node)} {_IS[found.kind]}"
    offered = mends(run, timeline.registry, found, source, cancelled)
    return None if cancelled() else _told(graph, head, found, found.node)._replace(mends=offered)


def first(timeline: Timeline, cancelled: Cancelled) -> Answer | None:
    """Where the first NaN or infinity begins. Raises `RunError` where all numbers are finite."""
    found = first_not_finite(timeline)
    if found is None:
        raise RunError("all values and gradients are finite")
    run, graph = timeline.run, timeline.run.asked.graph
    taken = None if found.node is None else next(iter(graph.inputs(found.node).values()), None)
    offered = () if taken is None else mends(run, timeline.registry, found, taken, cancelled)
    return None if cancelled() else _told(graph, "the first NaN or ∞", found, found.node)._replace(mends=offered)


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
    """What is of another size than at a moment before, ringed with the ratio, and what only one of the two has."""
    graph = after.timeline.run.asked.graph
    found = differences(before, after)
    nodes: dict[str, list[Difference]] = {}
    for difference in found:
        nodes.setdefault(difference.source.node, []).append(difference)
    share = f"{LEAST:.0%}".replace("%", "\u202f%")
    head = f"compared with {name} · changed by more than {share}"
    only = [*_only("only now", alone(after, before), graph), *_only("only then", alone(before, after), graph)]
    if not nodes:
        return Answer((head, f"nothing has changed by more than {share}", *only))
    strongest = sorted(nodes, key=lambda id: -max(_strength(difference) for difference in nodes[id]))[:MOST]
    names = ", ".join(f"{graph.path(id)} {_ratios(nodes[id])}" for id in strongest)
    rest = f" and {len(nodes) - MOST:,} more" if len(nodes) > MOST else ""
    lines = (head, *textwrap.wrap(f"{counted(len(nodes), 'node')}: {names}{rest}", LONGEST), *only)
    return Answer(lines, rings={id: _ratios(found) for id, found in nodes.items()})


def _only(when: str, found: Iterable[Alone], graph: Graph) -> list[str]:
    """`only then: the gradients of x, y`"""
    lines = []
    for kind, gradient in (("value", False), ("gradient", True)):
        paths = [graph.called(each.source.node) for each in found if each.gradient is gradient]
        if paths:
            rest = f" and {len(paths) - MOST:,} more" if len(paths) > MOST else ""
            told = f"{when}: the {kind}{'s' if len(paths) > 1 else ''} of {', '.join(paths[:MOST])}{rest}"
            lines += textwrap.wrap(told, LONGEST)
    return lines


def _ratios(found: Iterable[Difference]) -> str:
    """`×1.25, grad ×0.4`"""
    return ", ".join(f"{'grad ' if each.gradient else ''}×{significant(each.ratio, 3)}" for each in found)


def _strength(difference: Difference) -> float:
    with np.errstate(all="ignore"):
        strength = abs(float(np.log(difference.ratio)))
    return strength if strength == strength else float("inf")


def _told(graph: Graph, head: str, found: Why, cause: str | None) -> Answer:
    lines = [head, *textwrap.wrap(found.text, LONGEST)]
    if len(found.way) > 1:
        names = [graph.called(id) for id in found.way]
        shown = names if len(names) <= MOST else [*names[: MOST - 2], "…", names[-1]]
        lines += textwrap.wrap("way: " + " → ".join(shown), LONGEST)
    return Answer(tuple(lines), along(graph, found.way), shown=cause)
