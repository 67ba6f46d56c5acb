"""Going over what is shown as one box, as over one step."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from ...core.stepping import Cursor, Timeline
from ...core.stepping.over import Over, Within, earlier_over, gone_over, innermost, later_out, later_over, outermost
from ...core.stepping.walking import GROUP, MICRO, OP, earlier, later
from ..editing.naming import cover

if TYPE_CHECKING:
    from ..editor import Editor
    from .stepper import Stepper

OVER = "over"  # not to be chosen as a grain: a step of F10, over what is shown as one box
OUT = "out"  # nor this: a step out of the group that one is in
Way = Callable[[Timeline, Cursor], Cursor]


class Going:
    """How far the last step of a stepper went: by a grain, or over a box."""

    def __init__(self) -> None:
        self.by = OP
        self.within: Within = lambda node: ""  # the box that stands for a node where its group is collapsed
        self.named: Callable[[str], str] = str  # what a group is called

    def ways(self, by: str) -> tuple[Way, Way]:
        """A step on and a step back, so far, from now on."""
        self.by = by
        if by == OVER:
            return partial(later_over, within=self.within), partial(earlier_over, within=self.within)
        if by == OUT:
            return later_out, partial(earlier, grain=OP)
        return partial(later, grain=by), partial(earlier, grain=by)

    def over(self, timeline: Timeline, cursor: Cursor) -> Over | None:
        """What the last step has gone over as one."""
        if self.by not in (OVER, OUT, GROUP):
            return None
        within = {OVER: self.within, OUT: innermost(timeline), GROUP: outermost(timeline)}[self.by]
        return gone_over(timeline, cursor, within, self.named)


def follow_boxes(editor: Editor) -> None:
    """Let the stepper of an editor go over the boxes that this shows."""
    going = editor.stepper.going

    def box_of(node: str) -> str:
        found = editor.graph.nodes.get(node)
        return "" if found is None else cover(editor.graph, found.group, editor.group) or ""

    going.within, going.named = box_of, lambda id: editor.graph.called(id)


def step_over(stepper: Stepper) -> None:
    """One step on, over a group that is shown as one box, and over the parts of an op."""
    stepper.step(OVER if stepper.grain in (MICRO, OP) else None)


def back_over(stepper: Stepper) -> None:
    """One step back, as `step_over` went on."""
    stepper.back(OVER if stepper.grain in (MICRO, OP) else None)
