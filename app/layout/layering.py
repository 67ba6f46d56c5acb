"""A layered drawing of a directed graph: columns from left to right, few crossings, boxes of any size.

fast-sugiyama says which column a box stands in and in what order; it knows boxes of one size only, so places are
worked out here. It cannot be interrupted and keeps Python's lock, so what would take it longer than a second gets
its columns by longest paths and its order by barycentres (Sugiyama, Tagawa and Toda, 1981), in linear time.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from ...core.errors import RunError

Size = tuple[float, float]
Point = tuple[float, float]
Edge = tuple[int, int]
Stopped = Callable[[], bool]

BETWEEN_COLUMNS, BETWEEN_ROWS = 70.0, 30.0
LONGEST = 4000  # steps of all edges together, above which the library would take longer than a fraction of a second
SWEEPS = 8


def layered(
    sizes: Sequence[Size],
    edges: Iterable[Edge],
    tops: Sequence[float] | None = None,
    stopped: Stopped = lambda: False,
) -> list[Point]:
    """The top left corner of each box, in columns that begin at (0, 0); boxes that no edge reaches stand beneath.

    Of two drawings that are as good, the one is taken in which more boxes stand beneath each other as in `tops`, which
    are where they stood (by default as they are numbered). Raises `RunError` once `stopped`, which is asked now and
    then, says so.
    """
    tops = range(len(sizes)) if tops is None else tops
    forward = without_loops(len(sizes), sorted(set(edges)))
    parts = sorted(_components(len(sizes), forward), key=lambda part: sum(tops[box] for box in part) / len(part))
    places: list[Point] = [(0.0, 0.0)] * len(sizes)
    top = 0.0
    single = [part[0] for part in parts if len(part) == 1]
    for part in parts:
        if len(part) > 1:
            top = _place(part, sizes, forward, tops, top, places, stopped)
    if single:
        _grid(single, sizes, top, places)
    return places


def without_loops(count: int, edges: Sequence[Edge]) -> list[Edge]:
    """The edges without those that close a loop: boxes of groups can form one where their nodes do not."""
    after: dict[int, list[int]] = defaultdict(list)
    for source, target in edges:
        if source != target:
            after[source].append(target)
    state = [0] * count  # 1: on the way, 2: done
    kept: list[Edge] = []
    for start in range(count):
        stack = [] if state[start] else [(start, iter(after[start]))]
        state[start] = state[start] or 1
        while stack:
            node, targets = stack[-1]
            following = next(targets, None)
            if following is None:
                state[node] = 2
                stack.pop()
            elif state[following] != 1:
                kept.append((node, following))
                if not state[following]:
                    state[following] = 1
                    stack.append((following, iter(after[following])))
    return kept


def _components(count: int, edges: Sequence[Edge]) -> list[list[int]]:
    """What hangs together."""
    head = list(range(count))

    def find(box: int) -> int:
        while head[box] != box:
            head[box] = box = head[head[box]]
        return box

    for source, target in edges:
        first, second = sorted((find(source), find(target)))
        head[second] = first
    parts: dict[int, list[int]] = defaultdict(list)
    for box in range(count):
        parts[find(box)].append(box)
    return list(parts.values())


def _place(
    part: Sequence[int],
    sizes: Sequence[Size],
    edges: Sequence[Edge],
    tops: Sequence[float],
    top: float,
    places: list[Point],
    stopped: Stopped,
) -> float:
    """Lay out one component beneath `top`; returns where the next one begins."""
    numbers = {box: i for i, box in enumerate(part)}
    inner = [(numbers[a], numbers[b]) for a, b in edges if a in numbers]
    boxes = [sizes[box] for box in part]
    columns = _columns(len(part), inner, stopped)
    before = [tops[box] for box in part]
    pairs = [(before[a], before[b]) for column in columns for a, b in itertools.pairwise(column)]
    if sum(a > b for a, b in pairs) > sum(a < b for a, b in pairs):
        columns = [column[::-1] for column in columns]
    middles = _rows(columns, [height for _, height in boxes], inner, stopped)
    upper = min(middle - boxes[i][1] / 2 for i, middle in enumerate(middles))
    left = bottom = 0.0
    for column in columns:
        for i in column:
            places[part[i]] = (left, top + middles[i] - boxes[i][1] / 2 - upper)
            bottom = max(bottom, middles[i] + boxes[i][1] / 2 - upper)
        left += max(boxes[i][0] for i in column) + BETWEEN_COLUMNS
    return top + bottom + 2 * BETWEEN_ROWS


def _sweeps(stopped: Stopped) -> Iterator[int]:
    """The numbers of the sweeps through all columns: forwards, backwards, and so on."""
    for sweep in range(SWEEPS):
        if stopped():
            raise RunError("the layout was stopped before it was done")
        yield sweep


def _columns(count: int, edges: Sequence[Edge], stopped: Stopped) -> list[list[int]]:
    """The boxes of each column from top to bottom."""
    ranks = _longest_paths(count, edges)
    if sum(ranks[b] - ranks[a] for a, b in edges) > LONGEST:
        return _ordered(ranks, edges, stopped)
    from fast_sugiyama import from_edges  # loaded at the first layout

    (layout,) = from_edges(edges, vertex_spacing=1, dummy_vertices=False, check_layout=False)
    columns: dict[float, list[tuple[float, int]]] = defaultdict(list)
    for box, (across, rank) in layout[0]:
        columns[-rank].append((across, int(box)))
    return [[box for _, box in sorted(columns[rank])] for rank in sorted(columns)]


def _longest_paths(count: int, edges: Sequence[Edge]) -> list[int]:
    """The column of each box: after all that feed it, but a box that nothing feeds stands just before its first use."""
    after: dict[int, list[int]] = defaultdict(list)
    missing = [0] * count
    for source, target in edges:
        after[source].append(target)
        missing[target] += 1
    fed = [bool(number) for number in missing]
    ready = [box for box in range(count) if not missing[box]]
    ranks = [0] * count
    for box in ready:  # grows while it is read
        for target in after[box]:
            ranks[target] = max(ranks[target], ranks[box] + 1)
            missing[target] -= 1
            if not missing[target]:
                ready.append(target)
    for box in range(count):
        if not fed[box] and after[box]:
            ranks[box] = min(ranks[target] for target in after[box]) - 1
    return ranks


def _neighbours(count: int, edges: Sequence[Edge]) -> tuple[list[list[int]], list[list[int]]]:
    before: list[list[int]] = [[] for _ in range(count)]
    after: list[list[int]] = [[] for _ in range(count)]
    for source, target in edges:
        after[source].append(target)
        before[target].append(source)
    return before, after


def _ordered(ranks: Sequence[int], edges: Sequence[Edge], stopped: Stopped) -> list[list[int]]:
    """Columns by rank, each ordered by the barycentres of its neighbours."""
    by_rank: dict[int, list[int]] = defaultdict(list)
    for box, rank in enumerate(ranks):
        by_rank[rank].append(box)
    columns = [by_rank[rank] for rank in sorted(by_rank)]
    before, after = _neighbours(len(ranks), edges)
    place = [0.0] * len(ranks)
    for sweep in _sweeps(stopped):
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
    columns: Sequence[Sequence[int]], heights: Sequence[float], edges: Sequence[Edge], stopped: Stopped
) -> list[float]:
    """The middle of each box: near those of its neighbours, in the order of its column, without overlap."""
    before, after = _neighbours(len(heights), edges)
    middles = [0.0] * len(heights)
    for column in columns:
        _settle(column, dict.fromkeys(column, 0.0), heights, middles)
    for sweep in _sweeps(stopped):
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


def _grid(boxes: Sequence[int], sizes: Sequence[Size], top: float, places: list[Point]) -> None:
    """Boxes that nothing joins, in rows of about as many as there are rows."""
    width = max(1, round(len(boxes) ** 0.5))
    for start in range(0, len(boxes), width):
        row, left = boxes[start : start + width], 0.0
        for box in row:
            places[box] = (left, top)
            left += sizes[box][0] + BETWEEN_ROWS
        top += max(sizes[box][1] for box in row) + BETWEEN_ROWS
