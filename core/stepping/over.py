"""Going over a group as over one step: what of it follows in one phase is done at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from .timeline import BACKWARD, FORWARD, UPDATE, Cursor, Step, Timeline

Within = Callable[[str], str]  # by node the group that is gone over; "" for a node that is a step of its own
KINDS = {FORWARD: "ops", BACKWARD: "ops", UPDATE: "parameters"}  # what the steps of a phase are of


class Over(NamedTuple):
    """Steps that were gone over as one: those of the group called `name` from the index `first` on, up to the cursor.

    `whole` is how many steps the group has in this phase: others may stand between them.
    """

    name: str
    first: int
    whole: int


def later_over(timeline: Timeline, cursor: Cursor, within: Within) -> Cursor:
    """The next moment at which a step is whole, and all that follows it of the same group; the end where none is."""
    steps, index = timeline.steps, cursor.step + 1
    if cursor.step >= len(steps):
        return timeline.end
    while index < len(steps) and _as_one(steps[index - 1], steps[index], within):
        index += 1
    return Cursor(index)


def earlier_over(timeline: Timeline, cursor: Cursor, within: Within) -> Cursor:
    """The last such moment before; the beginning where nothing was done."""
    steps = timeline.steps
    index = cursor.step if cursor.micro else cursor.step - 1
    while index > 0 and _as_one(steps[index - 1], steps[index], within):
        index -= 1
    return Cursor(max(index, 0))


def gone_over(timeline: Timeline, cursor: Cursor, within: Within, named: Callable[[str], str]) -> Over | None:
    """What was gone over right before a moment; None where that is a single step, or a part of one.

    `named` tells what a group is called.
    """
    last = timeline.steps[cursor.step - 1] if cursor.step and not cursor.micro else None
    group = "" if last is None else _group(last, within)
    if last is None or not group or last.phase not in KINDS:
        return None
    first = earlier_over(timeline, cursor, within).step
    if cursor.step - first < 2:
        return None
    whole = sum(step.phase == last.phase and _group(step, within) == group for step in timeline.steps)
    return Over(named(group), first, whole)


def later_out(timeline: Timeline, cursor: Cursor) -> Cursor:
    """The next moment at which the innermost group that one is in is left: that of the step that is being done, else
    that of both the last step and the next. Before a group it is the end of that, of a step in none its own.
    """
    graph, steps = timeline.run.asked.graph, timeline.steps

    def around(index: int) -> list[str]:
        node = steps[index].node if 0 <= index < len(steps) else None
        return [] if node is None else graph.chain(graph.nodes[node].group)

    last = around(cursor.step if cursor.micro else cursor.step - 1)
    following = around(cursor.step)
    group = next((each for each in following if each in last), following[-1] if following else None)
    return later_over(
        timeline, cursor, lambda node: group if group and group in graph.chain(graph.nodes[node].group) else ""
    )


def innermost(timeline: Timeline) -> Within:
    """The group in which a node lies."""
    nodes = timeline.run.asked.graph.nodes
    return lambda node: nodes[node].group or ""


def outermost(timeline: Timeline) -> Within:
    """The group at the top in which a node lies."""
    graph = timeline.run.asked.graph

    def within(node: str) -> str:
        around = graph.chain(graph.nodes[node].group)
        return around[-1] if around else ""

    return within


def _group(step: Step, within: Within) -> str:
    return "" if step.node is None else within(step.node)


def _as_one(one: Step, other: Step, within: Within) -> bool:
    """Whether two steps that follow each other are of one group in one phase."""
    return one.phase == other.phase and _group(one, within) == _group(other, within) != ""
