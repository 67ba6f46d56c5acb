"""How high boxes and lanes stand in their columns: as many wires as can be are level, and nothing overlaps.

Each column is laid where its neighbours want it, with the least sum of absolute steps (an isotonic regression by
pools of adjacent violators): unlike a mean, a median is the level of some wire, so that this one is straight.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise

from .ordering import Link

Wants = list[tuple[float, float]]  # tops, and how much each counts

IDLE = 0.01  # what staying where it is counts, for a box with nothing beside it
FINISHING = 4  # passes in which both sides count


def levels(
    columns: Sequence[Sequence[int]],
    heights: Sequence[float],
    links: Sequence[Link],
    gap: Callable[[int, int], float],
    sweeps: Callable[[], Iterator[int]],
) -> list[float]:
    """The top of each; `gap` is how far two must stand apart."""
    before: list[list[tuple[int, float, int]]] = [[] for _ in heights]
    after: list[list[tuple[int, float, int]]] = [[] for _ in heights]
    for link in links:  # with each neighbour: how far its top lies from ours where the wire is level
        before[link.target].append((link.source, link.out - link.into, link.weight))
        after[link.source].append((link.target, link.into - link.out, link.weight))
    tops = [0.0] * len(heights)
    offsets = [_offsets(column, heights, gap) for column in columns]
    for column, off in zip(columns, offsets, strict=True):
        for box, offset in zip(column, off, strict=True):
            tops[box] = offset

    def settle(number: int, sides: Sequence[Sequence[Sequence[tuple[int, float, int]]]]) -> None:
        wanted: dict[int, Wants] = {}
        for box in columns[number]:
            beside = [(tops[other] + step, float(weight)) for side in sides for other, step, weight in side[box]]
            wanted[box] = beside or [(tops[box], IDLE)]
        _settle(columns[number], offsets[number], wanted, tops)

    numbers = range(len(columns))
    for sweep in sweeps():
        for number in reversed(numbers) if sweep % 2 else numbers:
            settle(number, (after if sweep % 2 else before,))
    for turn in range(FINISHING):
        for number in reversed(numbers) if turn % 2 else numbers:
            settle(number, (before, after))
    return tops


def _offsets(column: Sequence[int], heights: Sequence[float], gap: Callable[[int, int], float]) -> list[float]:
    """How far the top of each stands below that of the first, where all stand as close as they may."""
    found = [0.0]
    for upper, lower in pairwise(column):
        found.append(found[-1] + heights[upper] + gap(upper, lower))
    return found


def _settle(column: Sequence[int], offsets: Sequence[float], wanted: Mapping[int, Wants], tops: list[float]) -> None:
    """Put those of a column where they are wanted, in order and apart."""
    pools: list[tuple[int, Wants, float]] = []  # how many, what they want, and where it is
    for box, offset in zip(column, offsets, strict=True):
        wants = sorted((top - offset, weight) for top, weight in wanted[box])
        pools.append((1, wants, _median(wants)))
        while len(pools) > 1 and pools[-2][2] > pools[-1][2]:
            count, lower, _ = pools.pop()
            more, upper, _ = pools.pop()
            both = sorted(upper + lower)
            pools.append((count + more, both, _median(both)))
    places = [place for count, _, place in pools for _ in range(count)]
    for box, offset, place in zip(column, offsets, places, strict=True):
        tops[box] = place + offset


def _median(wants: Wants) -> float:
    """The place from which the sum of weighted steps to all is least; the uppermost such."""
    half = sum(weight for _, weight in wants) / 2
    total = 0.0
    for place, weight in wants:
        total += weight
        if total >= half - 1e-9:
            return place
    return wants[-1][0]
