"""The drawing of a graph that is too large for lanes: by barycentres, in time that grows as the graph does."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from ...core.cancelling import Cancelled
from ...core.errors import RunError
from .lanes import BETWEEN_COLUMNS, BETWEEN_ROWS, Woven

Size = tuple[float, float]
Point = tuple[float, float]
Edge = tuple[int, int]

SWEEPS = 8


def woven_without_lanes(
    sizes: Sequence[Size],
    edges: Sequence[Edge],
    ranks: Sequence[int],
    joints: int,
    tops: Sequence[float],
    stopped: Cancelled,
) -> Woven:
    """A component without lanes, in time that grows as the graph does."""
    columns = _ordered(ranks, edges, stopped)
    if agreement(columns, tops) < 0:
        columns = [column[::-1] for column in columns]
    middles = _rows(columns, [height for _, height in sizes], edges, stopped)
    upper = min(middle - sizes[i][1] / 2 for i, middle in enumerate(middles))
    places: list[Point] = [(0.0, 0.0)] * len(sizes)
    left = 0.0
    for column in columns:
        for i in column:
            places[i] = (left, round(middles[i] - sizes[i][1] / 2 - upper))
        left += max(sizes[i][0] for i in column) + BETWEEN_COLUMNS
    return Woven(places, [[] for _ in range(joints)], left - BETWEEN_COLUMNS)


def sweeps(stopped: Cancelled) -> Iterator[int]:
    """The numbers of the sweeps through all columns: forwards, backwards, and so on."""
    for sweep in range(SWEEPS):
        if stopped():
            raise RunError("the layout was stopped before it was done")
        yield sweep


def agreement(columns: Sequence[Sequence[int]], tops: Sequence[float]) -> int:
    """How many more neighbours of a column stand beneath each other as they stood before than the other way round."""
    boxes = [[tops[box] for box in column if box < len(tops)] for column in columns]
    return sum((a < b) - (a > b) for column in boxes for a, b in itertools.pairwise(column))


def neighbours(count: int, edges: Sequence[Edge]) -> tuple[list[list[int]], list[list[int]]]:
    """What feeds each box, and what it feeds."""
    before: list[list[int]] = [[] for _ in range(count)]
    after: list[list[int]] = [[] for _ in range(count)]
    for source, target in edges:
        after[source].append(target)
        before[target].append(source)
    return before, after


def _ordered(ranks: Sequence[int], edges: Sequence[Edge], stopped: Cancelled) -> list[list[int]]:
    """Columns by rank, each ordered by the barycentres of its neighbours."""
    by_rank: dict[int, list[int]] = defaultdict(list)
    for box, rank in enumerate(ranks):
        by_rank[rank].append(box)
    columns = [by_rank[rank] for rank in sorted(by_rank)]
    before, after = neighbours(len(ranks), edges)
    place = [0.0] * len(ranks)
    for sweep in sweeps(stopped):
        beside = after if sweep % 2 else before
        for column in columns[:: -1 if sweep % 2 else 1]:
            centres = {box: _mean([place[b] for b in beside[box]], place[box]) for box in column}
            column.sort(key=centres.__getitem__)
            for index, box in enumerate(column):
                place[box] = (index + 0.5) / len(column)
    return columns


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def _rows(
    columns: Sequence[Sequence[int]], heights: Sequence[float], edges: Sequence[Edge], stopped: Cancelled
) -> list[float]:
    """The middle of each box: near those of its neighbours, in the order of its column, without overlap."""
    before, after = neighbours(len(heights), edges)
    middles = [0.0] * len(heights)
    for column in columns:
        _settle(column, dict.fromkeys(column, 0.0), heights, middles)
    for sweep in sweeps(stopped):
        beside = after if sweep % 2 else before
        for column in columns[:: -1 if sweep % 2 else 1]:
            wanted = {box: _mean([middles[b] for b in beside[box]], middles[box]) for box in column}
            _settle(column, wanted, heights, middles)
    for column in columns:  # at last between both sides
        wanted = {box: _mean([middles[b] for b in (*before[box], *after[box])], middles[box]) for box in column}
        _settle(column, wanted, heights, middles)
    return middles


def _settle(column: Sequence[int], wanted: Mapping[int, float], heights: Sequence[float], middles: list[float]) -> None:
    """Put the boxes of a column where they are wanted, in order and apart: the least squares (pool adjacent violators).

    The distances that must lie between boxes are taken off first; what is left must only not decrease.
    """
    offsets, offset = [0.0], 0.0
    for above, below in itertools.pairwise(column):
        offset += (heights[above] + heights[below]) / 2 + BETWEEN_ROWS
        offsets.append(offset)
    blocks: list[list[float]] = []  # sum, count
    for box, offset in zip(column, offsets, strict=True):
        blocks.append([wanted[box] - offset, 1])
        while len(blocks) > 1 and blocks[-2][0] * blocks[-1][1] > blocks[-1][0] * blocks[-2][1]:
            total, count = blocks.pop()
            blocks[-1][0] += total
            blocks[-1][1] += count
    levels = [total / count for total, count in blocks for _ in range(int(count))]
    for box, offset, level in zip(column, offsets, levels, strict=True):
        middles[box] = level + offset
