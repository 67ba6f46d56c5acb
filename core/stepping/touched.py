"""Of which nodes something else is known at one moment of an iteration than at another one, close to it."""

from __future__ import annotations

from collections.abc import Iterator

from .moment import Moment
from .timeline import ZERO, Step, Timeline

MOST = 8  # steps between two moments: farther apart it is as fast to look at every node again


def touched_between(one: Moment, other: Moment) -> frozenset[str] | None:
    """The nodes of which the steps from one moment to the other say anything; None: it may be any of them.

    In either direction. Where gradients start, and where they are set to zero, something is told of every node.
    """
    if one.timeline is not other.timeline or one.going_back != other.going_back:
        return None
    low, high = sorted((one.cursor, other.cursor))
    steps = one.timeline.steps[low.step : high.step + 1]  # the last is done in part, if at all
    if len(steps) > MOST or any(step.phase == ZERO for step in steps):
        return None
    return frozenset(node for step in steps for node in _told_of(one.timeline, step))


def _told_of(timeline: Timeline, step: Step) -> Iterator[str]:
    yield from step.nodes
    if step.node is not None:
        yield step.node
    slots = {delivery.slot for delivery in step.deliveries}
    if step.start is not None:
        slots.add(step.start.slot)
    for slot in slots:
        yield from timeline.run.holders[slot]
