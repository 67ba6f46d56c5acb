"""Where a run along a timeline halts: at a node, in a phase, when a condition comes true."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from ..cancelling import Cancelled, Stopped, never
from .expressions import Expression
from .forms import ExpressionError
from .moment import Moment
from .timeline import Cursor, Timeline
from .walking import OP, stops


@dataclass(frozen=True)
class Breakpoint:
    """Halts at `node` (None: anywhere) in `phase` (None: in any), where `condition` is true ("": always).

    One that is only `logged` counts its hits and halts nothing.
    """

    node: str | None = None
    phase: str | None = None
    condition: str = ""
    enabled: bool = True
    logged: bool = False

    @cached_property
    def expression(self) -> Expression | None:
        """The condition, read. Raises `ExpressionError`."""
        return Expression(self.condition) if self.condition.strip() else None

    def holds(self, moment: Moment, cancelled: Cancelled = never) -> bool:
        """Whether it halts at this moment. Raises `ExpressionError`, and `Stopped` when cancelled."""
        step = moment.step
        if step is None or (self.phase is not None and step.phase != self.phase):
            return False
        if self.node is not None and not self._concerns(moment):
            return False
        if self.expression is None:
            return self.node is not None or self.phase is not None
        found = self.expression.compute(moment, self.node or step.node, cancelled=cancelled)
        return found is not None and bool(np.any(found))

    def _concerns(self, moment: Moment) -> bool:
        """Whether the step just done is one of the node, or delivers to it."""
        step = moment.step
        assert step is not None
        here = self.node in step.nodes or self.node == step.node
        return here or any(delivery.source.node == self.node for delivery in moment.delivering)


class Halt(NamedTuple):
    """Where a run came to: the moment, the breakpoint that halted it (None: the end), and what went by.

    `hits` counts by breakpoint how often it held on the way, `errors` says why one could not be asked.
    """

    cursor: Cursor
    breakpoint: Breakpoint | None
    hits: dict[Breakpoint, int]
    errors: dict[Breakpoint, ExpressionError]

    def after(self, earlier: Halt | None) -> Halt:
        """The same of a run that went on from `earlier`, the end of an iteration: with what went by there."""
        if earlier is None:
            return self
        hits = {point: earlier.hits.get(point, 0) + self.hits.get(point, 0) for point in {**earlier.hits, **self.hits}}
        return self._replace(hits=hits, errors={**earlier.errors, **self.errors})


def run_on(
    timeline: Timeline, cursor: Cursor, breakpoints: Sequence[Breakpoint], cancelled: Cancelled = never
) -> Halt | None:
    """From a moment to the next at which a breakpoint halts, or to the end of the iteration; None where cancelled.

    A breakpoint that cannot be asked is told in `errors`, and halts nothing.
    """
    hits: dict[Breakpoint, int] = {}
    errors: dict[Breakpoint, ExpressionError] = {}
    held: set[Breakpoint] = set()  # conditions that were true before: they halt when they come true again
    for stop in stops(timeline, OP):
        moment = Moment(timeline, stop)
        halted = None
        for point in breakpoints:
            if cancelled():
                return None
            if not point.enabled or point in errors:
                continue
            try:
                holds = point.holds(moment, cancelled)
            except Stopped:
                return None
            except ExpressionError as error:
                errors[point] = error
                continue
            came_true = holds and (point.node is not None or point not in held)
            (held.add if holds else held.discard)(point)
            if stop <= cursor or not came_true:
                continue
            hits[point] = hits.get(point, 0) + 1
            if halted is None and not point.logged:
                halted = point
        if halted is not None:
            return Halt(stop, halted, hits, errors)
    return Halt(timeline.end, None, hits, errors)
