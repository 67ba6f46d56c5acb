"""Going along a timeline: forwards and back, by micro-steps, ops, groups or phases, to a node or a gradient."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from .over import earlier_over, later_over, outermost
from .timeline import Cursor, Step, Timeline

MICRO, OP, GROUP, PHASE, ITERATION = "micro", "op", "group", "phase", "iteration"
GRAINS = (MICRO, OP, GROUP, PHASE, ITERATION)


def later(timeline: Timeline, cursor: Cursor, grain: str = OP) -> Cursor:
    """The next moment at which something is whole at this grain; the end where nothing follows."""
    if grain == MICRO:
        return _next_micro(timeline, cursor)
    if grain == OP:
        return min(Cursor(cursor.step + 1), timeline.end)
    if grain == GROUP:
        return later_over(timeline, cursor, outermost(timeline))
    return next((stop for stop in stops(timeline, grain) if stop > cursor), timeline.end)


def earlier(timeline: Timeline, cursor: Cursor, grain: str = OP) -> Cursor:
    """The last such moment before; the beginning where nothing was done."""
    if grain == MICRO:
        return _previous_micro(timeline, cursor)
    if grain == OP:
        return Cursor(max(cursor.step if cursor.micro else cursor.step - 1, 0))
    if grain == GROUP:
        return earlier_over(timeline, cursor, outermost(timeline))
    before = Cursor()
    for stop in stops(timeline, grain):
        if stop >= cursor:
            break
        before = stop
    return before


def stops(timeline: Timeline, grain: str) -> Iterator[Cursor]:
    """The moments at the grain of ops, phases or iterations, in order: where what steps have in common ends."""
    steps = timeline.steps
    key = _KEYS[grain]
    for index in range(1, len(steps) + 1):
        if index == len(steps) or key is None or key(steps[index]) != key(steps[index - 1]):
            yield Cursor(index)


# What steps that are one at a grain have in common; None where each is one by itself.
_KEYS: dict[str, Callable[[Step], Any] | None] = {
    OP: None,
    PHASE: lambda step: step.phase,
    ITERATION: lambda step: None,
}


def _next_micro(timeline: Timeline, cursor: Cursor) -> Cursor:
    if cursor.step >= len(timeline.steps):
        return timeline.end
    if cursor.micro + 1 < len(timeline.steps[cursor.step].micros):
        return Cursor(cursor.step, cursor.micro + 1)
    return Cursor(cursor.step + 1)


def _previous_micro(timeline: Timeline, cursor: Cursor) -> Cursor:
    if cursor.micro:
        return Cursor(cursor.step, cursor.micro - 1)
    if not cursor.step:
        return cursor
    return Cursor(cursor.step - 1, len(timeline.steps[cursor.step - 1].micros) - 1)


def when_whole(timeline: Timeline, node: str) -> Cursor | None:
    """The moment at which a node has its values; None where it never has."""
    at = timeline.made_at.get(node)
    return None if at is None else Cursor(at + 1)


def when_settled(timeline: Timeline, node: str) -> Cursor | None:
    """The moment at which all has arrived that makes up the gradients of a node's values; None where none does."""
    found = []
    for source, tensor in timeline.run.tensors.items():
        if source.node == node:
            arrivals = timeline.arrivals.get(tensor.slot, ())
            found += [step for step, _, _ in arrivals]
            if tensor.slot in timeline.starts:
                found.append(timeline.starts[tensor.slot][0])
    return Cursor(max(found) + 1) if found else None
