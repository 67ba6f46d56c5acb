"""What data must lie between: labels that are to pick a class, held against all that a data set holds.

A run would meet a label that does not fit in the middle of it, at some place of a shuffled batch. Here it is
found before anything runs, and told by its file and row.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from .data import outside
from .data.datasets import first_of
from .errors import GradwireError
from .graph import Graph, Source, Wire
from .infer import Inferred, Problem, arrange, problems_of
from .ops import Registry
from .signature import Limits, limit_rules


class Demand(NamedTuple):
    """An output of a dataset node, what takes it, in words, and what its elements must lie between for that."""

    source: Source
    by: str
    limits: Limits


def demands(graph: Graph, registry: Registry, inferred: Sequence[Inferred]) -> Iterator[Demand]:
    """What is demanded by ports that take an output of a dataset node as it is; `inferred` is at several batch sizes.

    Left out are nodes that have a problem of their own, and limits that depend on the batch.
    """
    for id, node in graph.nodes.items():
        for wire in graph.consumers(id) if node.op == "dataset" else ():
            limits = agreed(_limits(graph, registry, wire, each) for each in inferred)
            if limits is not None:
                yield Demand(wire.source, f"{graph.path(wire.target)}.{wire.port}", limits)


def agreed(found: Iterable[Limits | None]) -> Limits | None:
    """The limits that hold at every batch size, None where there are none or they depend on it."""
    limits, *others = found
    return limits if all(other == limits for other in others) else None


def _limits(graph: Graph, registry: Registry, wire: Wire, inferred: Inferred) -> Limits | None:
    node = graph.nodes[wire.target]
    op = registry.get(node.op)
    if op is None or "bypass" in node.flags or Source(node.id, op.outputs[0].name) not in inferred.avals:
        return None
    rule = limit_rules(op.forward).get(wire.port)
    if rule is None:
        return None
    avals = [None if s is None else inferred.avals[s] for s in arrange(op, graph.inputs(node.id))]
    limits: Limits | None = rule(*avals, **inferred.params[node.id])
    return limits


def data_problems(graph: Graph, folder: Path | None, demanded: Iterable[Demand]) -> list[Problem]:
    """A problem for each data set that holds what a demand does not allow; of equal demands the first tells it."""
    first: dict[tuple[Source, int, int], Demand] = {}
    for demand in demanded:
        first.setdefault((demand.source, demand.limits.low, demand.limits.high), demand)
    return [problem for demand in first.values() for problem in _problems(graph, folder, demand)]


def _problems(graph: Graph, folder: Path | None, demand: Demand) -> list[Problem]:
    (id, output), (low, high, why, fit) = demand.source, demand.limits
    try:
        found = outside(graph.nodes[id].params, folder, output, low, high)
    except GradwireError as error:
        return problems_of(error, id)
    if found is None:
        return []
    required = f"a number from {low} to {high} is required by {demand.by} ({why})"
    message = f"{found.place}: {required}; found {found.first:.12g}{first_of(found.number)}"
    return [Problem(id, None, message, f"{output} goes from {found.lowest:.12g} to {found.highest:.12g}: {fit}")]
