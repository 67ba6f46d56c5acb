"""What `gradwire trace --memory` tells of each step: bytes in use after it, and what a framework would free then."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..graph import Source
from ..stepping.lifetimes import Fate, Lifetimes, kept_in
from ..stepping.spelling import size_text
from ..stepping.timeline import Cursor, Timeline

Name = Callable[[Source], str]


class MemoryTold:
    """Tells the memory of one timeline; `name` says how values are called."""

    def __init__(self, timeline: Timeline, name: Name) -> None:
        self._timeline, self._name = timeline, name
        self._lifetimes = Lifetimes(timeline, kept_in(timeline))

    def line(self, step: int) -> str:
        """For people: `in use: 40 B of 64 B; freed: product, ∂/∂sin`."""
        values, gradients = self._freed(step)
        freed = [*values, *(f"∂/∂{name}" for name in gradients)]
        told = f"in use: {size_text(self._lifetimes.room.after[step])} of {size_text(self._lifetimes.room.peak)}"
        return told + (f"; freed: {', '.join(freed)}" if freed else "")

    def last_line(self) -> str:
        """Where most is in use."""
        lifetimes = self._lifetimes
        step = self._timeline.steps[lifetimes.room.peak_at]
        at = "" if step.node is None else f" {self._timeline.run.asked.graph.path(step.node)}"
        return f"most in use: {size_text(lifetimes.room.peak)}, in step {lifetimes.room.peak_at + 1} ({step.phase}{at})"

    def mapping(self, step: int) -> dict[str, Any]:
        """For programs: bytes in use while the step is done and after it, what is freed then and what is saved."""
        lifetimes, memory = self._lifetimes, self._lifetimes.at(Cursor(step + 1))
        values, gradients = self._freed(step)
        graph = self._timeline.run.asked.graph
        saved = {
            self._name(source): [graph.path(node) for node in memory.saved_for(source)]
            for source in self._timeline.run.tensors
            if memory.value(source) is Fate.SAVED
        }
        in_use = {"during": lifetimes.room.during[step], "after": lifetimes.room.after[step]}
        return {**in_use, "freed": values, "freed_gradients": gradients, "saved": saved}

    def _freed(self, step: int) -> tuple[list[str], list[str]]:
        values, gradients = self._lifetimes.freed_after(step)
        return [self._name(source) for source in values], [self._name(source) for source in gradients]
