"""A layered drawing of a directed graph: columns from left to right, few crossings, boxes of any size.

Each box stands in a column after all that feed it, where its wires are short. A part that is not too large has lanes
for the wires that pass a column (`lanes`); one that is, is drawn without, in linear time (`large`).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from ...core.cancelling import Cancelled, never
from ...core.errors import RunError
from .lanes import BETWEEN_ROWS, Joint, Lane, Weaving, Woven
from .large import agreement, neighbours, sweeps, woven_without_lanes

Size = tuple[float, float]
Point = tuple[float, float]
Edge = tuple[int, int]

TALLEST = 400  # boxes of a column, above which its medians would take longer than that
LONGEST = 4000  # steps of all edges together, above which it would take longer than a fraction of a second
ROUNDS = 8  # in which boxes are moved to where their wires are short, at most


class Drawing(NamedTuple):
    """The corner of each box, the lanes of each joint, and how wide and high the whole is."""

    places: list[Point]
    lanes: dict[int, list[Lane]]
    size: Size


def layered(
    sizes: Sequence[Size],
    joints: Iterable[Joint],
    tops: Sequence[float] | None = None,
    stopped: Cancelled = never,
) -> Drawing:
    """Boxes in columns that begin at (0, 0); those that no joint reaches stand beneath.

    Of two drawings that are as good, the one is taken in which more boxes stand beneath each other as in `tops`, which
    are where they stood (by default as they are numbered). Raises `RunError` once `stopped`, which is asked now and
    then, says so.
    """
    tops = range(len(sizes)) if tops is None else tops
    joints = list(joints)
    edges = {(j.source, j.target) for j in joints if j.source is not None and j.target is not None}
    forward = without_loops(len(sizes), sorted(edges))
    kept = set(forward)
    outside = {j.source if j.target is None else j.target for j in joints if None in j[:2]}
    drawn = {i: j for i, j in enumerate(joints) if None in j[:2] or j[:2] in kept}
    parts = sorted(_components(len(sizes), forward), key=lambda part: sum(tops[box] for box in part) / len(part))
    drawing = Drawing([(0.0, 0.0)] * len(sizes), {}, (0.0, 0.0))
    number = {box: i for i, part in enumerate(parts) for box in part}
    of_part: dict[int, list[int]] = defaultdict(list)
    for i, joint in drawn.items():
        of_part[number[joint.source if joint.source is not None else joint.target]].append(i)  # type: ignore[index]
    single = []
    for i, part in enumerate(parts):
        if len(part) == 1 and part[0] not in outside:
            single.append(part[0])
        else:
            own = {j: drawn[j] for j in of_part[i]}
            drawing = _with_part(drawing, part, own, sizes, tops, stopped)
    wide, high = drawing.size
    if single:
        _grid(single, sizes, high, drawing.places)
    for box in single:
        wide = max(wide, drawing.places[box][0] + sizes[box][0])
        high = max(high, drawing.places[box][1] + sizes[box][1])
    return drawing._replace(size=(wide, high - (0.0 if single or not parts else 2 * BETWEEN_ROWS)))


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


def _with_part(
    drawing: Drawing,
    part: Sequence[int],
    joints: Mapping[int, Joint],
    sizes: Sequence[Size],
    tops: Sequence[float],
    stopped: Cancelled,
) -> Drawing:
    """The drawing with one component beneath what it has."""
    numbers: dict[int | None, int | None] = {None: None}
    numbers.update({box: i for i, box in enumerate(part)})
    inner = [joint._replace(source=numbers[joint.source], target=numbers[joint.target]) for joint in joints.values()]
    boxes, before = [sizes[box] for box in part], [tops[box] for box in part]
    woven = _closed_up(_drawn(boxes, inner, before, stopped), boxes)
    wide, top = drawing.size
    for box, (x, y) in zip(part, woven.places, strict=True):
        drawing.places[box] = (x, top + y)
    for i, lanes in zip(joints, woven.lanes, strict=True):
        drawing.lanes[i] = [Lane(lane.left, lane.right, lane.y + top) for lane in lanes]
    low = max(y + high for (_, y), (_, high) in zip(woven.places, boxes, strict=True))
    low = max([low, *(lane.y for lanes in woven.lanes for lane in lanes)])
    return drawing._replace(size=(max(wide, woven.width), top + low + 2 * BETWEEN_ROWS))


def _closed_up(woven: Woven, sizes: Sequence[Size]) -> Woven:
    """The same without bands from left to right in which nothing stands: what is beneath one comes up."""
    spans = [(y, y + high) for (_, y), (_, high) in zip(woven.places, sizes, strict=True)]
    spans += [(lane.y, lane.y) for lanes in woven.lanes for lane in lanes]
    moves: list[tuple[float, float]] = []  # from where on, by how much in all
    low, up = min(top for top, _ in spans), 0.0
    for top, bottom in sorted(spans):
        if top - low > BETWEEN_ROWS:
            up += top - low - BETWEEN_ROWS
            moves.append((top, up))
        low = max(low, bottom)

    def moved(y: float) -> float:
        return y - max((by for begin, by in moves if y >= begin), default=0.0)

    places = [(x, moved(y)) for x, y in woven.places]
    return woven._replace(
        places=places, lanes=[[lane._replace(y=moved(lane.y)) for lane in lanes] for lanes in woven.lanes]
    )


def _drawn(sizes: Sequence[Size], joints: Sequence[Joint], tops: Sequence[float], stopped: Cancelled) -> Woven:
    """One component from (0, 0) on: with lanes, where it is not too large for them."""
    edges = sorted({(j.source, j.target) for j in joints if j.source is not None and j.target is not None})
    ranks = _longest_paths(len(sizes), edges)
    if stopped():
        raise RunError("the layout was stopped before it was done")
    if sum(ranks[b] - ranks[a] for a, b in edges) > LONGEST or max(Counter(ranks).values()) > TALLEST:
        return woven_without_lanes(sizes, edges, ranks, len(joints), tops, stopped)
    ranks = _tightened(ranks, edges)
    columns: list[list[int]] = [[] for _ in range(max(ranks) + 1)]
    for box, rank in enumerate(ranks):
        columns[rank].append(box)
    weaving, passes = Weaving(sizes, joints, ranks), partial(sweeps, stopped)
    # As they were found and upside down: the one with fewer crossings, flatter wires, else the one more like it was.
    found = []
    for start in (columns, [column[::-1] for column in columns]):
        crossings, order = weaving.order(start, passes)
        woven = weaving.place(order, passes)
        found.append(((crossings, woven.rises, -agreement(order, tops)), woven))
    return min(found, key=lambda each: each[0])[1]


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


def _tightened(ranks: Sequence[int], edges: Sequence[Edge]) -> list[int]:
    """The columns with each box moved, as far as it can be, to the side on which more wires become shorter."""
    ranks = list(ranks)
    before, after = neighbours(len(ranks), edges)
    boxes = sorted(range(len(ranks)), key=lambda box: (-ranks[box], box))
    for turn in range(ROUNDS):
        old = list(ranks)
        for box in boxes if turn % 2 == 0 else reversed(boxes):
            if len(after[box]) > len(before[box]):
                ranks[box] = min(ranks[b] for b in after[box]) - 1
            elif len(before[box]) > len(after[box]):
                ranks[box] = max(ranks[b] for b in before[box]) + 1
        if ranks == old:
            break
    used = {rank: i for i, rank in enumerate(sorted(set(ranks)))}
    return [used[rank] for rank in ranks]


def _grid(boxes: Sequence[int], sizes: Sequence[Size], top: float, places: list[Point]) -> None:
    """Boxes that nothing joins, in rows of about as many as there are rows."""
    width = max(1, round(len(boxes) ** 0.5))
    for start in range(0, len(boxes), width):
        row, left = boxes[start : start + width], 0.0
        for box in row:
            places[box] = (left, top)
            left += sizes[box][0] + BETWEEN_ROWS
        top += max(sizes[box][1] for box in row) + BETWEEN_ROWS
