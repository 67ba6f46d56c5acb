"""How many bytes are in use at each moment of an iteration, by when each array is made and last read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Any, NamedTuple

import numpy as np

from .timeline import Array, Cursor


class Span(NamedTuple):
    """An array that is held from a step on, after so many of its micro-steps, to the end of the step `last`."""

    array: Array
    start: int
    micros: int
    last: int


class Hold(NamedTuple):
    """The same of the memory in which it lies: arrays that lie in one another have one `base`."""

    base: int
    size: int
    start: int
    micros: int
    last: int

    def is_in_use(self, cursor: Cursor) -> bool:
        """Whether it is at a moment."""
        within = self.start == cursor.step and self.micros <= cursor.micro
        return (within or self.start < cursor.step) and self.last >= cursor.step


@dataclass(frozen=True, eq=False)
class Room:
    """What is held in the course of so many `steps`."""

    holds: tuple[Hold, ...]
    steps: int

    @classmethod
    def of(cls, spans: Iterable[Span], steps: int) -> Room:
        """What some arrays take up. Of a batch that was cut out of all data, only the batch counts."""
        spans = list(spans)
        whole = {id(base(span.array)): base(span.array).nbytes for span in spans}
        parts: dict[int, dict[int, int]] = defaultdict(dict)
        for span in spans:
            parts[id(base(span.array))][id(span.array)] = span.array.nbytes
        size = {key: min(whole[key], sum(parts[key].values())) for key in whole}
        keys = [id(base(span.array)) for span in spans]
        return cls(tuple(Hold(key, size[key], *span[1:]) for key, span in zip(keys, spans, strict=True)), steps)

    @cached_property
    def during(self) -> tuple[int, ...]:
        """Bytes in use while each step is done: what it takes and what it makes."""
        return self._covered(0)

    @cached_property
    def after(self) -> tuple[int, ...]:
        """Bytes in use after each step, without what nothing reads any more."""
        return self._covered(1)

    def _covered(self, early: int) -> tuple[int, ...]:
        """For each step the bytes of what is held there, where each hold ends so many steps early."""
        changes = [0] * (self.steps + 1)
        until: dict[int, int] = {}  # by base the last step that is counted
        for hold in sorted(self.holds, key=lambda hold: hold.start):
            begin, last = max(hold.start, until.get(hold.base, -1) + 1), hold.last - early
            if begin <= last:
                changes[min(begin, self.steps)] += hold.size
                changes[min(last + 1, self.steps)] -= hold.size
                until[hold.base] = last
        return tuple(accumulate(changes[:-1]))

    @property
    def peak(self) -> int:
        """The most bytes that are in use at once."""
        return max(self.during, default=0)

    @property
    def peak_at(self) -> int:
        """The index of the first step at which that is so."""
        return self.during.index(self.peak) if self.during else 0

    def at(self, cursor: Cursor) -> int:
        """Bytes in use at a moment; within a step, by what it takes and what it has made so far."""
        if not cursor.micro:
            return self.after[cursor.step - 1] if cursor.step else 0
        held = {hold.base: hold.size for hold in self.holds if hold.is_in_use(cursor)}
        return sum(held.values())


def base(array: Any) -> Any:
    """The array in whose memory an array lies: itself, or what it is a view of."""
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array
