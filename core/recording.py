"""What a run computed: every value of a plan, kept as it was made, and a cursor that walks over it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from .errors import RunError
from .plan import Plan, Step

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Trace:
    """A plan and the value of each of its numbers. Nothing is computed again by looking at it."""

    plan: Plan
    values: Mapping[int, Array]

    @cached_property
    def made_at(self) -> dict[int, int]:
        """The index of the step that made each value."""
        return {out: index for index, step in enumerate(self.plan.steps) for out in step.outs}

    def outputs(self, step: Step) -> tuple[Array, ...]:
        """What `step` made."""
        return tuple(self.values[out] for out in step.outs)

    def of_node(self, node: str, phase: str = "forward") -> Iterator[tuple[Step, tuple[Array, ...]]]:
        """The steps of a node in one phase, with what they made."""
        for step in self.plan.steps:
            if step.node == node and step.phase == phase:
                yield step, self.outputs(step)

    def cursor(self) -> Cursor:
        """A cursor before the first step."""
        return Cursor(self, 0)


@dataclass(frozen=True)
class Cursor:
    """A moment of a trace: `position` steps have been done."""

    trace: Trace
    position: int

    @property
    def step(self) -> Step | None:
        """The step done last, None before the first."""
        return self.trace.plan.steps[self.position - 1] if self.position else None

    def move(self, steps: int) -> Cursor:
        """The moment so many steps later, or earlier; it stays within the trace."""
        return replace(self, position=max(0, min(self.position + steps, len(self.trace.plan.steps))))

    def phase(self, direction: int = 1) -> Cursor:
        """The moment at the end of the next phase, or, with -1, at that of the one before."""
        steps = self.trace.plan.steps
        ends = [0, *(i for i in range(1, len(steps)) if steps[i].phase != steps[i - 1].phase), len(steps)]
        beyond = [e for e in ends if (e > self.position if direction > 0 else e < self.position)]
        return replace(self, position=(min(beyond) if direction > 0 else max(beyond)) if beyond else self.position)

    def value(self, number: int) -> Array | None:
        """The value of a number at this moment: None as long as it is not made."""
        made_at = self.trace.made_at.get(number)
        if made_at is None or made_at < self.position:
            return self.trace.values.get(number)
        return None


def record(executable: Any, feeds: Mapping[str, Any], state: dict[str, Any]) -> tuple[Trace, dict[str, Array]]:
    """Run an executable that was compiled for recording: the trace of all that it computed, and its outputs."""
    if not executable.record:
        raise RunError("this executable was not compiled for recording", hint="compile(plan, record=True)")
    values: dict[int, Array] = dict(executable.plan.constants)
    outputs = executable(feeds, state, values.__setitem__)
    return Trace(executable.plan, values), outputs
