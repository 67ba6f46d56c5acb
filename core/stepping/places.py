"""The same moment in another timeline: of another branch, or of the graph as it was recorded again."""

from __future__ import annotations

from ..graph import Graph
from .timeline import Cursor, Timeline

Key = tuple[str, str | None]  # a phase, and a node or group


def same_place(old: Timeline, cursor: Cursor, new: Timeline) -> Cursor:
    """The moment of `new` at which what was done last at `cursor` is done last: the same phase at the same node.

    Where that node was expanded, the moment before its parts do it, so that stepping goes on through these; a node into
    which several were fused has done what all of them had. Else the last step before it that is there.
    """
    if cursor >= old.end:
        return new.end
    places: dict[Key, int] = {(step.phase, step.node): index for index, step in enumerate(new.steps)}
    if cursor.micro:
        step = old.steps[cursor.step]
        index = places.get((step.phase, step.node))
        if index is not None:
            micros = new.steps[index].micros
            last = step.micros[cursor.micro - 1]
            return Cursor(index, micros.index(last) + 1) if last in micros[:-1] else Cursor(index)
    parts, to_come = _by_group(new), _by_group(old, cursor.step)
    for number, step in reversed([*enumerate(old.steps[: cursor.step], 1)]):
        fused: list[Key] = [(step.phase, group) for group in _around(old, step.node)]
        own: Key = step.phase, step.node
        done = next((each for each in fused if each in places and each not in to_come), own)
        if done in places:
            return Cursor(places[done] + 1)
        begun, ended = parts.get(done, (0, -1))
        if ended > begun and number == cursor.step:
            return Cursor(begun)
        if ended >= 0:
            return Cursor(ended + 1)
    return Cursor()


def _by_group(timeline: Timeline, start: int = 0) -> dict[Key, tuple[int, int]]:
    """By phase and group the first and the last step, from `start` on, that is of a node within it."""
    found: dict[Key, tuple[int, int]] = {}
    for index, step in enumerate(timeline.steps[start:], start):
        for group in _around(timeline, step.node):
            found[step.phase, group] = found.get((step.phase, group), (index, index))[0], index
    return found


def _around(timeline: Timeline, node: str | None) -> list[str]:
    """The groups around a node, if it is there."""
    graph: Graph = timeline.run.asked.graph
    return graph.chain(graph.nodes[node].group) if node is not None and node in graph.nodes else []
