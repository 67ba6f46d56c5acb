"""The order of boxes and lanes in their columns: few wires cross.

Sweeps through the columns sort each by the barycentres of its neighbours (Sugiyama, Tagawa and Toda, 1981), then two
that stand beside each other change places where that saves crossings. Ports count: what feeds the upper one of two
ports of a box stands above what feeds the lower one.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

SWEEPS, ROUNDS = 8, 4
INSIDE = 0.8  # how much of the step from one box to the next its ports take


class Link(NamedTuple):
    """A piece of a wire between two that stand in neighbouring columns, and where it meets them.

    `out` and `into` are scene units below their tops, `high` and `low` the same as shares of their heights, below 1.
    """

    source: int
    target: int
    out: float
    into: float
    high: float
    low: float
    weight: int = 1


Side = list[list[tuple[int, float, float]]]  # of each: its neighbours, where it is met, and where they are


class Order:
    """The columns of one drawing, each from top to bottom."""

    def __init__(self, columns: Sequence[Sequence[int]], links: Sequence[Link], count: int) -> None:
        self.columns = [list(column) for column in columns]
        self._place = [0] * count
        self._column = [0] * count
        self.before: Side = [[] for _ in range(count)]
        self.after: Side = [[] for _ in range(count)]
        for link in links:
            self.after[link.source].append((link.target, link.high, link.low))
            self.before[link.target].append((link.source, link.low, link.high))
        for number, column in enumerate(self.columns):
            for index, box in enumerate(column):
                self._place[box], self._column[box] = index, number

    def _at(self, box: int, share: float) -> float:
        return self._place[box] + INSIDE * share

    def crossings(self) -> int:
        """How many pairs of pieces cross."""
        return sum(_inversions(self._ends(number)) for number in range(len(self.columns) - 1))

    def _ends(self, number: int) -> list[tuple[float, float]]:
        column = self.columns[number]
        return [(self._at(a, high), self._at(b, low)) for a in column for b, high, low in self.after[a]]

    def _put(self, number: int, column: list[int]) -> None:
        self.columns[number] = column
        for index, box in enumerate(column):
            self._place[box] = index

    def _sorted(self, number: int, side: Side) -> list[int]:
        def centre(box: int) -> float:
            beside = side[box]
            if not beside:
                return self._place[box] + 0.5
            return sum(self._at(other, share) - INSIDE * own for other, own, share in beside) / len(beside)

        return sorted(self.columns[number], key=centre)

    def reduce(self, stopped: Callable[[], Iterator[int]]) -> int:
        """Bring the columns into an order with few crossings; returns how many there are."""
        best, least = [list(column) for column in self.columns], self.crossings()
        for sweep in stopped():
            if not least:
                break
            backwards = sweep % 2 == 1
            numbers = range(len(self.columns))
            for number in reversed(numbers) if backwards else numbers:
                self._put(number, self._sorted(number, self.after if backwards else self.before))
            self._transpose()
            found = self.crossings()
            if found < least:
                best, least = [list(column) for column in self.columns], found
        for number, column in enumerate(best):
            self._put(number, column)
        return least

    def _transpose(self) -> None:
        for _ in range(ROUNDS):
            changed = False
            for column in self.columns:
                for index in range(len(column) - 1):
                    upper, lower = column[index], column[index + 1]
                    if self._between(upper, lower) > self._between(lower, upper):
                        column[index], column[index + 1] = lower, upper
                        self._place[upper], self._place[lower] = index + 1, index
                        changed = True
            if not changed:
                return

    def _between(self, upper: int, lower: int) -> int:
        """How many pieces at two neighbours of a column cross where one is the upper."""
        count = 0
        for side in (self.before, self.after):
            ends = sorted(self._at(other, share) for other, _, share in side[lower])
            count += sum(_less(ends, self._at(other, share)) for other, _, share in side[upper])
        return count


def _less(ends: Sequence[float], limit: float) -> int:
    low = 0
    for end in ends:
        if end >= limit:
            break
        low += 1
    return low


def _inversions(ends: list[tuple[float, float]]) -> int:
    """How many pairs are in one order at the left and in the other at the right."""
    seen: list[float] = []
    count = 0
    for _, right in sorted(ends):
        count += len(seen) - bisect_right(seen, right)
        insort(seen, right)
    return count
