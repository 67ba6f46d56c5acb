"""What is told of a group that was gone over as one step: how many ops it is, and what comes out of it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ....core.graph import Source
from ....core.stepping import Moment
from ....core.stepping.over import KINDS, Over
from ....core.stepping.timeline import BACKWARD, FORWARD
from .adding_up import balance
from .forks import amount

TOLD = 4  # values or gradients


def head(moment: Moment, over: Over) -> str:
    """`forward · outer: 4 ops`; where others stood between them `2 of 4 ops`."""
    count, phase = moment.cursor.step - over.first, moment.done_at_once[-1].phase
    of = "" if count == over.whole else f" of {over.whole:,}"
    return f"{phase} · {over.name}: {count:,}{of} {KINDS[phase]}"


def lines(moment: Moment, decimals: int) -> Iterator[str]:
    """What others take of it, or what it gives back to others; of parameters what they become."""
    steps = moment.done_at_once
    within = {str(step.node) for step in steps}
    told = _values if steps[-1].phase == FORWARD else _gradients if steps[-1].phase == BACKWARD else _updates
    found = list(told(moment, within, decimals))
    yield from found[:TOLD]
    if len(found) > TOLD:
        yield f"and {len(found) - TOLD:,} more"


def _values(moment: Moment, within: set[str], decimals: int) -> Iterator[str]:
    """`d = 0.050`, for each value that is taken elsewhere, or by nobody."""
    timeline, graph = moment.timeline, moment.timeline.run.asked.graph
    for step in moment.done_at_once:
        for source in timeline.sources_of.get(str(step.node), ()):
            takers = {wire.target for wire in graph.consumers(source.node) if wire.source == source}
            if not takers or not takers <= within:
                yield f"{graph.path(source.node)} = {amount(np.asarray(timeline.run.value(source)), decimals)}"


def _gradients(moment: Moment, within: set[str], decimals: int) -> Iterator[str]:
    """`to x by outer/a.x: 0.540`, for each port that gives to a value elsewhere, and the sum where several meet."""
    graph = moment.timeline.run.asked.graph
    leaving = [delivery for delivery in moment.delivering if delivery.source.node not in within]
    for delivery in leaving:
        port = f"{graph.path(delivery.node)}.{delivery.port}"
        yield f"to {graph.path(delivery.source.node)} by {port}: {amount(delivery.value, decimals)}"
    for source in dict.fromkeys(delivery.source for delivery in leaving):
        gradient = moment.gradient(source)
        if gradient.parts > 1:
            yield "Σ at " + balance(graph.path(source.node), gradient, decimals)


def _updates(moment: Moment, within: set[str], decimals: int) -> Iterator[str]:
    """`outer/w: 0.512 → 0.502`"""
    graph, timeline = moment.timeline.run.asked.graph, moment.timeline
    for step in moment.done_at_once:
        node = str(step.node)
        before, after = timeline.run.value(Source(node, "y")), timeline.updated[node]
        if before is not None:
            yield f"{graph.path(node)}: {amount(before, decimals)} → {amount(after, decimals)}"
